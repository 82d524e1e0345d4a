"""When a secret is rotated by itself: on its schedule, and before it expires."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from domain.workflow import Done, Move, Wait

CHECK_EVERY = timedelta(days=1)
"""How often the current version's expiry is looked at."""

EXPIRY_MARGIN = timedelta(days=7)
"""How long before its expiry a secret is rotated early; less for one that does not live long."""

_LAST_LOOKS = 2 * CHECK_EVERY


class ScheduleState(StrEnum):
    WAITING = "waiting"
    ENDED = "ended"


class ScheduleEffect(StrEnum):
    RUN = "run"
    CHECK = "check the expiry"


@dataclass(frozen=True, slots=True, kw_only=True)
class ScheduledRotation:
    """The next run of a secret's rotation; stored, so that a restart fires nothing.

    ``next_run`` is what the cron expression says, ``run_at`` that with its jitter. Both are None
    for a secret that is rotated for its expiry alone.
    """

    id: str
    state: ScheduleState
    secret: str
    cron: str
    timezone: str
    next_run: datetime | None
    run_at: datetime | None
    check_at: datetime
    attempt: int = 0
    retry_at: datetime | None = None


def expires_soon(created_at: datetime | None, expires_at: datetime, now: datetime) -> bool:
    """Say whether a version is to be replaced now, so that the next one is there in good time."""
    margin = min(EXPIRY_MARGIN, (expires_at - created_at) / 3) if created_at else EXPIRY_MARGIN
    return expires_at - now <= max(margin, _LAST_LOOKS)


def next_move(schedule: ScheduledRotation, now: datetime) -> Move[ScheduleEffect] | Wait | Done:
    """Say what a schedule needs next."""
    if schedule.state is ScheduleState.ENDED:
        return Done()
    if schedule.retry_at and now < schedule.retry_at:
        return Wait(schedule.retry_at)
    if schedule.run_at and now >= schedule.run_at:
        return Move(ScheduleEffect.RUN)
    if now >= schedule.check_at:
        return Move(ScheduleEffect.CHECK)
    return Wait(min(schedule.check_at, schedule.run_at or schedule.check_at))
