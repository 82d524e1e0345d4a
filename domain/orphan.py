"""Orphans: role assignments of ours that no lease is on any more.

The tables were lost, or a write of an attempt that was given up arrived late. An orphan is taken
away like any access that is over: ``revoking → revoked``, and ``stuck`` where that keeps failing.
``spared`` is one that a grant took on before it could be removed.
"""

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum

from domain.access import OVERDUE_AFTER, Answer
from domain.access_changes import facts_of
from domain.assignment import Assignment
from domain.backoff import backoff
from domain.workflow import Change, Done, Event, Fact, Move, Wait


class OrphanState(StrEnum):
    REVOKING = "revoking"
    STUCK = "stuck"
    REVOKED = "revoked"
    SPARED = "spared"


class OrphanEffect(StrEnum):
    REVOKE = "revoke"


class OrphanEvent(StrEnum):
    FOUND = "found"
    STUCK = "stuck"
    REVOKED = "revoked"
    SPARED = "spared"


@dataclass(frozen=True, slots=True, kw_only=True)
class Orphan:
    """One orphaned assignment, from when it was found to its end."""

    id: str
    state: OrphanState
    assignment: Assignment
    description: str
    """What Azure keeps with it: it names the request and the expiry."""
    created_at: datetime | None
    found_at: datetime
    attempt: int = 0
    retry_at: datetime | None = None
    cause: str = ""
    """What the last attempt met with."""
    answer: Answer | None = None
    """What Azure answered to it."""


def next_move(orphan: Orphan, now: datetime) -> Move[OrphanEffect] | Wait | Done:
    """Say what an orphan needs next."""
    if orphan.state not in {OrphanState.REVOKING, OrphanState.STUCK}:
        return Done()
    if orphan.retry_at and now < orphan.retry_at:
        return Wait(orphan.retry_at)
    return Move(OrphanEffect.REVOKE)


def find(orphan: Orphan) -> Change[Orphan]:
    """State the intent to take an orphan away."""
    facts = {"description": orphan.description, "assignment": orphan.assignment.id}
    return Change(orphan, (Event(OrphanEvent.FOUND, orphan.found_at, None, facts),))


def spare(orphan: Orphan, now: datetime) -> Change[Orphan]:
    """Leave an assignment to the grant that holds it by now."""
    head = replace(orphan, state=OrphanState.SPARED, retry_at=None)
    return Change(head, (Event(OrphanEvent.SPARED, now),))


def revoke(orphan: Orphan, *, found: bool, now: datetime) -> Change[Orphan]:
    """Record that an orphan is gone; ``found``: it was still there."""
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
    answer: Answer | None = None,
) -> Change[Orphan]:
    """Put a failed attempt off; one that is too late becomes ``stuck``, once."""
    attempt = orphan.attempt + 1
    retry_at = now + backoff(attempt, jitter, retry_after)
    head = replace(orphan, attempt=attempt, retry_at=retry_at, cause=cause, answer=answer)
    if orphan.state is OrphanState.REVOKING and now >= orphan.found_at + OVERDUE_AFTER:
        facts: dict[str, Fact] = {"cause": cause, "attempt": attempt, **facts_of(answer)}
        stuck = Event(OrphanEvent.STUCK, now, None, facts)
        return Change(replace(head, state=OrphanState.STUCK), (stuck,))
    return Change(head)
