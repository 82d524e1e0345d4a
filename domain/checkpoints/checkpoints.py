"""The checkpoints of a deployment: every day gets one, in order, also days that were missed."""

from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, time, timedelta
from enum import StrEnum

from domain.audit.checkpoint import FIRST, Checkpoint
from domain.workflow import Change, Event, Fact, Move, Wait

WORKFLOW_ID = "checkpoints"
"""There is only one, shared by all replicas; each of its events is a day."""

MARGIN = timedelta(hours=1)
"""How long after midnight a day is certainly over: clocks differ, and a slow write is repeated."""

SOONER = timedelta(minutes=5)
"""When to try again if a checkpoint couldn't be made."""


class CheckpointsState(StrEnum):
    WAITING = "waiting"


class CheckpointsEffect(StrEnum):
    TAKE = "take"
    TIDY = "tidy"


class CheckpointsEvent(StrEnum):
    TAKEN = "checkpoint_taken"


@dataclass(frozen=True, slots=True, kw_only=True)
class Checkpoints:
    """Which day is next, and what it is chained to."""

    id: str
    state: CheckpointsState
    next_day: date
    last_hash: str = FIRST
    """The hash of the last checkpoint."""
    retry_at: datetime | None = None
    """When to try again, after a failure."""
    to_tidy: date | None = None
    """The day whose rows in the table are no longer needed."""


def first(now: datetime) -> Checkpoints:
    """Begin with the present day."""
    today = now.astimezone(UTC).date()
    return Checkpoints(id=WORKFLOW_ID, state=CheckpointsState.WAITING, next_day=today)


def start_of(day: date) -> datetime:
    """Return when a day begins, in UTC."""
    return datetime.combine(day, time(), UTC)


def end_of(day: date) -> datetime:
    """Return when a day ends, in UTC."""
    return start_of(day) + timedelta(days=1)


def next_move(checkpoints: Checkpoints, now: datetime) -> Move[CheckpointsEffect] | Wait:
    """Return what comes next: there is always another day."""
    if checkpoints.retry_at and now < checkpoints.retry_at:
        return Wait(checkpoints.retry_at)
    if checkpoints.to_tidy:
        return Move(CheckpointsEffect.TIDY)
    due = end_of(checkpoints.next_day) + MARGIN
    return Move(CheckpointsEffect.TAKE) if now >= due else Wait(due)


def record(checkpoints: Checkpoints, taken: Checkpoint, now: datetime) -> Change[Checkpoints]:
    """Record a day's checkpoint, and go on to the next day.

    The rows of this day are kept for another one: they show what is added to it.
    """
    facts: dict[str, Fact] = {
        "day": taken.day.isoformat(),
        "workflows": taken.workflows,
        "root": taken.root,
        "previous": taken.previous,
        "hash": taken.hash,
    }
    head = replace(
        checkpoints,
        next_day=taken.day + timedelta(days=1),
        last_hash=taken.hash,
        retry_at=None,
        to_tidy=taken.day - timedelta(days=1),
    )
    return Change(head, (Event(CheckpointsEvent.TAKEN, now, None, facts),))


def tidied(checkpoints: Checkpoints) -> Checkpoints:
    """Record that there are no rows of that day any more."""
    return replace(checkpoints, retry_at=None, to_tidy=None)


def postpone(checkpoints: Checkpoints, now: datetime) -> Change[Checkpoints]:
    """Try again a little later; the day stays the next one."""
    return Change(replace(checkpoints, retry_at=now + SOONER))


def checkpoint_of(event: Event) -> Checkpoint:
    """Return the checkpoint that an event recorded; raises ValueError if it can't be one."""
    facts = event.facts
    try:
        return Checkpoint(
            day=date.fromisoformat(str(facts["day"])),
            workflows=int(str(facts["workflows"])),
            root=str(facts["root"]),
            previous=str(facts["previous"]),
            hash=str(facts["hash"]),
        )
    except KeyError as error:
        raise ValueError(f"a checkpoint without {error}") from None
