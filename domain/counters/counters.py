"""Which days are counted: in order, each once, some workflows at a time.

A day's figures are those of the workflows that ended on it, by the day that they were opened on.
Days before the first start are counted too, from the history.
"""

from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta
from enum import StrEnum

from domain.checkpoints.checkpoints import MARGIN, SOONER, end_of
from domain.workflow import Change, Move, Wait

WORKFLOW_ID = "counters"
"""There is only one, shared by all replicas."""


class CountersState(StrEnum):
    WAITING = "waiting"


class CountersEffect(StrEnum):
    COUNT = "count"


@dataclass(frozen=True, slots=True, kw_only=True)
class Counters:
    """Which day is next, and which part of it."""

    id: str
    state: CountersState
    oldest: date
    """The first day that is counted."""
    begun: date
    """The day of the first start; the workflows of earlier days are taken from the history."""
    next_day: date
    part: int = 0
    """How many parts of the next day are counted."""
    retry_at: datetime | None = None
    """When to try again, after a failure."""

    @property
    def has_caught_up(self) -> bool:
        """Whether the days before the first start are counted."""
        return self.next_day >= self.begun


def first(now: datetime, oldest: date | None) -> Counters:
    """Begin with the oldest day in the history: retention goes by what each day counts."""
    today = now.astimezone(UTC).date()
    start = min(oldest or today, today)
    return Counters(
        id=WORKFLOW_ID, state=CountersState.WAITING, oldest=start, begun=today, next_day=start
    )


def next_move(counters: Counters, now: datetime) -> Move[CountersEffect] | Wait:
    """Return what comes next: there is always another day."""
    due = end_of(counters.next_day) + MARGIN + SOONER  # after its checkpoint
    due = max(due, counters.retry_at or due)
    return Move(CountersEffect.COUNT) if now >= due else Wait(due)


def counted(counters: Counters, *, is_last: bool) -> Change[Counters]:
    """Record that a part of a day is counted; go on to the next day after the last part."""
    if is_last:
        day = counters.next_day + timedelta(days=1)
        return Change(replace(counters, next_day=day, part=0, retry_at=None))
    return Change(replace(counters, part=counters.part + 1, retry_at=None))


def postpone(counters: Counters, now: datetime) -> Change[Counters]:
    """Try again a little later."""
    return Change(replace(counters, retry_at=now + SOONER))
