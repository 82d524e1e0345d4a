"""Orphans: role assignments of ours that no lease holds.

Either the tables were lost, or a write of an abandoned attempt arrived late. An orphan is revoked
like any access that has ended: ``revoking → revoked``, and ``stuck`` if that keeps failing.
``spared`` means that a new grant took it over before it could be removed.
"""

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum

from domain.access.assignment import Assignment
from domain.access.grant import AzureAnswer
from domain.access.request import OVERDUE_AFTER, TRY_LINGERS
from domain.access.transitions.changes import facts_of
from domain.backoff import backoff
from domain.people import Actor
from domain.unknown_outcome import RESOURCE_MANAGER_LIFE, later
from domain.workflow import Change, Done, Event, Fact, Move, Wait


class OrphanState(StrEnum):
    REVOKING = "revoking"
    STUCK = "stuck"
    REVOKED = "revoked"
    SPARED = "spared"
    CLOSED = "closed"


OVER = frozenset({OrphanState.REVOKED, OrphanState.SPARED, OrphanState.CLOSED})


class OrphanEffect(StrEnum):
    REVOKE = "revoke"
    RAISE_ALARM = "raise_alarm"


class OrphanEvent(StrEnum):
    FOUND = "found"
    STUCK = "stuck"
    REVOKED = "revoked"
    SPARED = "spared"
    RETRIED = "retried"
    CLOSED = "closed"


@dataclass(frozen=True, slots=True, kw_only=True)
class Orphan:
    """One orphaned assignment, from discovery to its end."""

    id: str
    state: OrphanState
    assignment: Assignment
    description: str
    """The assignment's description in Azure; it names the request and the expiry."""
    created_at: datetime | None
    found_at: datetime
    attempt: int = 0
    retry_at: datetime | None = None
    cause: str = ""
    """Why the last attempt failed."""
    may_vanish_until: datetime | None = None
    """Until when an unanswered deletion may still be carried out."""
    unanswered: int = 0
    """How many deletions went unanswered."""
    answer: AzureAnswer | None = None
    """Azure's answer to the last attempt."""
    was_found: bool = False
    """Whether a deletion found it before it was certain that it's gone."""


def next_move(orphan: Orphan, now: datetime) -> Move[OrphanEffect] | Wait | Done:
    """Return what an orphan needs next."""
    if orphan.state not in {OrphanState.REVOKING, OrphanState.STUCK}:
        return Done()
    if orphan.retry_at is None or now >= orphan.retry_at:
        is_late = orphan.attempt > 0 and _is_due(alarm_of(orphan), now)
        return Move(OrphanEffect.RAISE_ALARM if is_late else OrphanEffect.REVOKE)
    alarm_at = alarm_of(orphan)
    if _is_due(alarm_at, now):
        return Move(OrphanEffect.RAISE_ALARM)
    return Wait(min(orphan.retry_at, alarm_at or orphan.retry_at))


def alarm_of(orphan: Orphan) -> datetime | None:
    """Return when to raise the alarm if it isn't gone by then; None if no alarm is due."""
    return orphan.found_at + OVERDUE_AFTER if orphan.state is OrphanState.REVOKING else None


def _is_due(at: datetime | None, now: datetime) -> bool:
    return at is not None and now >= at


def raise_alarm(orphan: Orphan, now: datetime) -> Change[Orphan]:
    """Record that its removal is five minutes late; retries continue."""
    facts: dict[str, Fact] = {
        "cause": orphan.cause,
        "attempt": orphan.attempt,
        **facts_of(orphan.answer),
    }
    stuck = Event(OrphanEvent.STUCK, now, None, facts)
    return Change(replace(orphan, state=OrphanState.STUCK), (stuck,))


def note_unanswered(orphan: Orphan, sent_by: datetime) -> Orphan:
    """Note that a deletion sent by ``sent_by`` went unanswered."""
    until = later(orphan.may_vanish_until, sent_by + RESOURCE_MANAGER_LIFE)
    return replace(orphan, may_vanish_until=until, unanswered=orphan.unanswered + 1)


def overtaken(orphan: Orphan, tried: Orphan) -> Orphan:
    """Note the deletions of a try whose outcome another change came before."""
    return replace(
        orphan,
        may_vanish_until=later(orphan.may_vanish_until, tried.may_vanish_until),
        unanswered=max(orphan.unanswered, tried.unanswered),
        was_found=orphan.was_found or tried.was_found,
    )


def retry_now(orphan: Orphan, actor: Actor, now: datetime) -> Change[Orphan]:
    """Retry now, because someone asked for it."""
    return Change(replace(orphan, retry_at=now), (Event(OrphanEvent.RETRIED, now, actor),))


def hurry(orphan: Orphan, now: datetime) -> Orphan:
    """Make the next try due now, if it isn't yet; the same orphan otherwise."""
    is_revoking = orphan.state in {OrphanState.REVOKING, OrphanState.STUCK}
    if is_revoking and orphan.retry_at and orphan.retry_at > now:
        return replace(orphan, retry_at=now)
    return orphan


def close(orphan: Orphan, actor: Actor, reason: str, now: datetime) -> Change[Orphan]:
    """Stop retrying, because an admin says that it can never succeed.

    A replica may be trying right now; what it sends counts as unanswered.
    """
    facts: dict[str, Fact] = {"reason": reason, "cause": orphan.cause}
    noted = note_unanswered(orphan, now + TRY_LINGERS)
    head = replace(noted, state=OrphanState.CLOSED, retry_at=None)
    return Change(head, (Event(OrphanEvent.CLOSED, now, actor, facts),))


def find(orphan: Orphan) -> Change[Orphan]:
    """State the intent to revoke an orphan."""
    facts = {"description": orphan.description, "assignment": orphan.assignment.id}
    return Change(orphan, (Event(OrphanEvent.FOUND, orphan.found_at, None, facts),))


def spare(orphan: Orphan, now: datetime) -> Change[Orphan]:
    """Leave an assignment to the grant that now holds it."""
    head = replace(orphan, state=OrphanState.SPARED, retry_at=None)
    return Change(head, (Event(OrphanEvent.SPARED, now),))


def revoke(orphan: Orphan, *, found: bool, now: datetime) -> Change[Orphan]:
    """Record that an orphan is gone; ``found``: it still existed."""
    late = (now - orphan.found_at).total_seconds()
    was_stuck = orphan.state is OrphanState.STUCK
    facts = {"found": found} | ({"stuck_for": late} if was_stuck else {})
    head = replace(orphan, state=OrphanState.REVOKED, retry_at=None)
    return Change(head, (Event(OrphanEvent.REVOKED, now, None, facts),))


def try_again(
    orphan: Orphan,
    cause: str,
    now: datetime,
    *,
    jitter: float,
    retry_after: timedelta | None = None,
    answer: AzureAnswer | None = None,
) -> Change[Orphan]:
    """Schedule a retry after a failed attempt; a late one becomes ``stuck``, once."""
    attempt = orphan.attempt + 1
    retry_at = now + backoff(attempt, jitter, retry_after)
    head = replace(orphan, attempt=attempt, retry_at=retry_at, cause=cause, answer=answer)
    if _is_due(alarm_of(orphan), now):
        return raise_alarm(head, now)
    return Change(head)
