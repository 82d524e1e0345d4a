"""When drills begin: on command, and on a schedule; one at a time."""

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum

from domain.drill.drill import Drill
from domain.workflow import Change, Done, Move, Wait

WORKFLOW_ID = "drills"
"""There is only one, shared by all replicas."""


SOONER = timedelta(seconds=30)
"""When to try again if a drill couldn't be begun."""


class DrillsState(StrEnum):
    WAITING = "waiting"
    BEGINNING = "beginning"


class DrillsEffect(StrEnum):
    PLAN = "plan"
    BEGIN = "begin"


@dataclass(frozen=True, slots=True, kw_only=True)
class Drills:
    """Which drill was the last one, and when the next one is due."""

    id: str
    state: DrillsState
    cron: str = ""
    """When drills are due; empty if they only begin on command."""
    next_at: datetime | None = None
    """When the next one is due; stored, so that a restart triggers none."""
    last: str = ""
    """The ID of the last one that has begun; no other one begins before it is over."""
    beginning: Drill | None = None
    """The drill that is about to begin."""
    retry_at: datetime | None = None
    """When to try again, after a failure."""
    proven_at: datetime | None = None
    """When a drill last succeeded, as far as it was noted when the next one began; or since when
    there is a schedule, so that none could have."""


def first() -> Drills:
    """Begin without a schedule."""
    return Drills(id=WORKFLOW_ID, state=DrillsState.WAITING)


def next_move(drills: Drills, now: datetime) -> Move[DrillsEffect] | Wait | Done:
    """Return what comes next."""
    if drills.retry_at and now < drills.retry_at:
        return Wait(drills.retry_at)
    if drills.beginning:
        return Move(DrillsEffect.BEGIN)
    if drills.next_at is None:
        return Done()
    return Move(DrillsEffect.PLAN) if now >= drills.next_at else Wait(drills.next_at)


def schedule(drills: Drills, cron: str, next_at: datetime | None, now: datetime) -> Drills:
    """Follow another schedule, or none if ``cron`` is empty."""
    return replace(drills, cron=cron, next_at=next_at, proven_at=now if cron else None)


def intend(
    drills: Drills, drill: Drill, next_at: datetime | None, last: Drill | None
) -> Change[Drills]:
    """State the intent to begin a drill, after the ``last`` one is over."""
    proven_at = drills.proven_at
    if last and proves(last):
        proven_at = max(filter(None, (proven_at, last.access.gone_at)))
    head = replace(
        drills,
        state=DrillsState.BEGINNING,
        beginning=drill,
        next_at=next_at,
        retry_at=None,
        proven_at=proven_at,
    )
    return Change(head)


def begun(drills: Drills) -> Change[Drills]:
    """Record that the drill has begun."""
    last = drills.beginning.id if drills.beginning else drills.last
    return Change(replace(drop(drills).head, last=last))


def drop(drills: Drills) -> Change[Drills]:
    """Give up the intent: the drill was cancelled before it began."""
    return Change(replace(drills, state=DrillsState.WAITING, beginning=None, retry_at=None))


def skip(drills: Drills, next_at: datetime | None) -> Change[Drills]:
    """Leave out the drill that is due: another one isn't over."""
    return Change(replace(drills, next_at=next_at, retry_at=None))


def put_off(drills: Drills, now: datetime) -> Change[Drills]:
    """Try again a little later."""
    return Change(replace(drills, retry_at=now + SOONER))


def proves(drill: Drill) -> bool:
    """Return whether a drill showed that access can be given and taken away."""
    return drill.is_over and drill.failure is None
