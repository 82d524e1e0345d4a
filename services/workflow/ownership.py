"""Until when a replica may act on what it claimed.

A replica that was paused, or whose machine was suspended, comes back in the middle of a move whose
claim has run out, and doesn't know it. Timers don't help: they may have stood still, too. So
whatever changes something outside asks the clock right before.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from datetime import datetime, timedelta

from services.clock import Clock
from services.faults import Unavailable

_OWNED: ContextVar[tuple[Clock, datetime] | None] = ContextVar("owned", default=None)


@contextmanager
def owned_until(until: datetime, clock: Clock) -> Iterator[None]:
    """Act on a claim in the block and in tasks started in it."""
    token = _OWNED.set((clock, until))
    try:
        yield
    finally:
        _OWNED.reset(token)


def is_owned() -> bool:
    """Return whether the present claim still holds; what isn't done under one always does."""
    owned = _OWNED.get()
    return owned is None or owned[0]() < owned[1]


def require_owned(service: str) -> None:
    """Raise Unavailable, with nothing sent, if the present claim has run out."""
    if not is_owned():
        cause = "request not sent: the claim on this work ran out"
        raise Unavailable(service, cause, timedelta(), outcome_unknown=False)
