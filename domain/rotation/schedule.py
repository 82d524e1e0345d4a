"""When a secret is rotated automatically: on its schedule, and before it expires.

The expiry of the current version is checked regularly. If the check keeps failing, someone has to
know, or the secret may expire unnoticed.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum

from domain.announcement import Announcement, Audience, Subject
from domain.backoff import backoff
from domain.reasons import Reason, facts_of_reason
from domain.workflow import Change, Done, Event, Fact, Move, Wait

CHECK_EVERY = timedelta(days=1)
"""How often to check the current version's expiry."""

EXPIRY_MARGIN = timedelta(days=7)
"""How long before its expiry a secret is rotated; less for short-lived secrets."""

LOOK_AGAIN_AFTER = timedelta(hours=1)
"""How long to wait before checking again if only a person can fix the problem."""

_LAST_LOOKS = 2 * CHECK_EVERY


class ScheduleState(StrEnum):
    WAITING = "waiting"
    ENDED = "ended"


class ScheduleEffect(StrEnum):
    RUN = "run"
    CHECK = "check"


class ScheduleEvent(StrEnum):
    NOT_WATCHED = "expiry_not_watched"
    WATCHED = "expiry_watched_again"


class LookFault(StrEnum):
    """Why the expiry of a secret can't be checked."""

    NOT_PERMITTED = "not_permitted"
    DISABLED = "disabled"
    GONE = "gone"
    OTHER = "other"


ANNOUNCED_AFTER = {
    LookFault.NOT_PERMITTED: timedelta(minutes=30),
    LookFault.DISABLED: timedelta(),
    LookFault.GONE: timedelta(),
    LookFault.OTHER: timedelta(days=1),
}
"""How long each must last before it's announced: new permissions take minutes to propagate."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ScheduledRotation:
    """The next run of a secret's rotation; stored, so that a restart triggers nothing.

    ``next_run`` comes from the cron expression, ``run_at`` adds jitter. Both are None for a secret
    that is rotated only because of its expiry.
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
    vault_name: str = ""
    failing_since: datetime | None = None
    """Since when every check of the expiry has failed; None if the last one succeeded."""
    look_fault: LookFault | None = None
    look_cause: Reason | None = None
    """Why the last check failed: Azure's codes."""
    has_message: bool = False
    """Whether the audit channel already got a message that the expiry isn't watched."""

    @property
    def is_unwatched(self) -> bool:
        """Whether someone has to fix the check of the expiry."""
        return self.has_message and self.state is not ScheduleState.ENDED


def expires_soon(valid_from: datetime | None, expires_at: datetime, now: datetime) -> bool:
    """Return whether to replace a version now, so that the next one is ready in time."""
    margin = min(EXPIRY_MARGIN, (expires_at - valid_from) / 3) if valid_from else EXPIRY_MARGIN
    return expires_at - now <= max(margin, _LAST_LOOKS)


def next_move(schedule: ScheduledRotation, now: datetime) -> Move[ScheduleEffect] | Wait | Done:
    """Return what a schedule needs next."""
    if schedule.state is ScheduleState.ENDED:
        return Done()
    if schedule.retry_at and now < schedule.retry_at:
        return Wait(schedule.retry_at)
    if schedule.run_at and now >= schedule.run_at:
        return Move(ScheduleEffect.RUN)
    if now >= schedule.check_at:
        return Move(ScheduleEffect.CHECK)
    return Wait(min(schedule.check_at, schedule.run_at or schedule.check_at))


def reset_retries(schedule: ScheduledRotation) -> ScheduledRotation:
    """Return a schedule without a pending retry."""
    return replace(schedule, attempt=0, retry_at=None)


def put_off(
    schedule: ScheduledRotation,
    now: datetime,
    *,
    jitter: float,
    retry_after: timedelta | None = None,
) -> ScheduledRotation:
    """Schedule a retry of the current move."""
    attempt = schedule.attempt + 1
    return replace(schedule, attempt=attempt, retry_at=now + backoff(attempt, jitter, retry_after))


def looked(schedule: ScheduledRotation, now: datetime) -> Change[ScheduledRotation]:
    """Record a successful check of the expiry; announce it if a failure was announced before."""
    head = replace(
        schedule,
        check_at=now + CHECK_EVERY,
        failing_since=None,
        look_fault=None,
        look_cause=None,
        has_message=False,
    )
    event_announcement = (Event(ScheduleEvent.WATCHED, now),) if schedule.has_message else ()
    return Change(reset_retries(head), event_announcement)


def look_failed(
    schedule: ScheduledRotation,
    fault: LookFault,
    cause: Reason,
    now: datetime,
    *,
    jitter: float,
    retry_after: timedelta | None = None,
) -> Change[ScheduledRotation]:
    """Schedule a retry of a failed check; announce it once it has failed for long enough."""
    since = schedule.failing_since or now
    head = put_off(schedule, now, jitter=jitter, retry_after=retry_after)
    head = replace(head, failing_since=since, look_fault=fault, look_cause=cause)
    is_due = now - since >= ANNOUNCED_AFTER[fault]
    if is_due and fault is not LookFault.OTHER:
        # Scheduled runs keep their own time.
        again = now + LOOK_AGAIN_AFTER
        head = replace(head, attempt=0, retry_at=None, check_at=again)
    if not is_due or schedule.has_message:
        return Change(head)
    facts: dict[str, Fact] = {
        "fault": str(fault),
        **facts_of_reason(cause, "cause"),
        "since": since.isoformat(),
    }
    return Change(
        replace(head, has_message=True), (Event(ScheduleEvent.NOT_WATCHED, now, None, facts),)
    )


def schedule_announcements(events: Sequence[Event]) -> tuple[Announcement, ...]:
    """Derive a new message for each event; a reply in an old thread would be missed."""
    return tuple(
        Announcement(
            key=f"watch-{number:06d}",
            audience=Audience.AUDIT,
            subject=Subject.EVENT,
            revision=number,
            event=event,
        )
        for number, event in enumerate(events, start=1)
    )
