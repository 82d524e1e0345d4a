"""How long a turn's requests may take, since a person waits for the answer.

Teams gives up on a turn after about 15 seconds: the answer to a click is lost then. A context
variable passes the time to the transports, since no SDK would.
"""

import asyncio
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar

_ANSWER_AT: ContextVar[float | None] = ContextVar("answer_at", default=None)
"""When the answer is due, by the loop's clock; None if nobody waits."""


@contextmanager
def answered_within(seconds: float) -> Iterator[None]:
    """Let the requests in the block end in time for an answer."""
    token = _ANSWER_AT.set(asyncio.get_running_loop().time() + seconds)
    try:
        yield
    finally:
        _ANSWER_AT.reset(token)


@contextmanager
def nobody_waiting() -> Iterator[None]:
    """Let the requests in the block take their time, in whatever turn it was begun."""
    token = _ANSWER_AT.set(None)
    try:
        yield
    finally:
        _ANSWER_AT.reset(token)


def seconds_left() -> float | None:
    """Return how many seconds requests may still take, 0 if none; None if nobody waits."""
    answer_at = _ANSWER_AT.get()
    if answer_at is None:
        return None
    return max(answer_at - asyncio.get_running_loop().time(), 0.0)
