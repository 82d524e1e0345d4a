"""How long a turn's requests may take, since a person waits for the answer.

Teams gives up on a turn after about 15 seconds: the answer to a click is lost then. A context
variable passes the time to the transports, since no SDK would. It also knows which service took the
time, so that people don't read about one that was never asked.
"""

import asyncio
from collections import Counter, defaultdict
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field

RECORDING_SECONDS = 3.0
"""How much longer the table's requests may take: what a turn decides is recorded after all that it
asks."""


@dataclass
class _Answer:
    """The answer that a turn owes, as all of its tasks see it."""

    due_at: float | None
    """By the loop's clock; None if nobody waits."""
    under_way: Counter[str] = field(default_factory=Counter)
    since: dict[str, float] = field(default_factory=dict)
    taken: defaultdict[str, float] = field(default_factory=lambda: defaultdict(float))
    """For how many seconds each service was waited for; at the same time counts once."""


_ANSWER: ContextVar[_Answer | None] = ContextVar("answer", default=None)


@contextmanager
def answered_within(seconds: float) -> Iterator[None]:
    """Let the requests in the block end in time for an answer."""
    token = _ANSWER.set(_Answer(asyncio.get_running_loop().time() + seconds))
    try:
        yield
    finally:
        _ANSWER.reset(token)


@contextmanager
def nobody_waiting() -> Iterator[None]:
    """Let the requests in the block take their time, in whatever turn it was begun."""
    token = _ANSWER.set(None)
    try:
        yield
    finally:
        _ANSWER.reset(token)


def let_take_its_time() -> None:
    """Let the turn's next requests take their time: its person was told that it goes on."""
    if answer := _ANSWER.get():
        answer.due_at = None


def seconds_left() -> float | None:
    """Return how many seconds requests may still take, 0 if none; None if nobody waits."""
    answer = _ANSWER.get()
    if answer is None or answer.due_at is None:
        return None
    return max(answer.due_at - asyncio.get_running_loop().time(), 0.0)


def half_of_the_time() -> asyncio.Timeout:
    """Return a limit for what a turn can do without: it leaves as much time for what follows.

    Without it, a service that hangs takes the time of those that the turn depends on. There is no
    limit if nobody waits.
    """
    seconds = seconds_left()
    return asyncio.timeout(None if seconds is None else seconds / 2)


def seconds_left_to_record() -> float | None:
    """Return the same for requests to the table."""
    answer = _ANSWER.get()
    if answer is None or answer.due_at is None:
        return None
    return max(answer.due_at + RECORDING_SECONDS - asyncio.get_running_loop().time(), 0.0)


@contextmanager
def waiting_for(service: str) -> Iterator[None]:
    """Note for how long the turn waits for a service."""
    answer = _ANSWER.get()
    if answer is None:
        yield
        return
    clock = asyncio.get_running_loop().time
    if not answer.under_way[service]:
        answer.since[service] = clock()
    answer.under_way[service] += 1
    try:
        yield
    finally:
        answer.under_way[service] -= 1
        if not answer.under_way[service]:
            answer.taken[service] += clock() - answer.since[service]


def slowest() -> str | None:
    """Return the service that the turn has waited for longest; None if it has for none."""
    answer = _ANSWER.get()
    if answer is None:
        return None
    now = asyncio.get_running_loop().time()
    waited = {
        service: answer.taken[service] + (now - since if answer.under_way[service] else 0.0)
        for service, since in answer.since.items()
    }
    return max(waited, key=lambda service: waited[service], default=None)
