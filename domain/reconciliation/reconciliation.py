"""Reconciliation: compare the assignments in Azure with our leases, scope by scope, every hour."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum

from domain.workflow import Done, Move, Wait

EVERY = timedelta(hours=1)

SETTLED_AFTER = timedelta(minutes=15)
"""How old an assignment must be before we judge it: longer than a grant is tried, so that none is
judged while its grant is in progress."""

SOONER = timedelta(minutes=10)
"""When the next round begins if a scope couldn't be checked."""


class ReconciliationState(StrEnum):
    WAITING = "waiting"
    LOOKING = "looking"


class ReconciliationEffect(StrEnum):
    BEGIN = "begin"
    LOOK = "look"


@dataclass(frozen=True, slots=True)
class Unseen:
    """A scope that couldn't be checked, and why."""

    scope: str
    cause: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Reconciliation:
    """The reconciliation rounds of a deployment: there is only one, shared by all replicas."""

    id: str
    state: ReconciliationState
    next_at: datetime
    scopes: tuple[str, ...] = ()
    """The scopes still to check in this round."""
    began_at: datetime | None = None
    """When this round began, or the last one; None for one of an older version."""
    total: int = 0
    """How many scopes this round began with."""
    unseen: tuple[Unseen, ...] = ()
    """The scopes that couldn't be checked in this round, or in the last one."""
    ended_at: datetime | None = None
    """When the last round ended."""


def next_move(
    reconciliation: Reconciliation, now: datetime
) -> Move[ReconciliationEffect] | Wait | Done:
    """Return what comes next."""
    if reconciliation.scopes:
        return Move(ReconciliationEffect.LOOK)
    if now >= reconciliation.next_at:
        return Move(ReconciliationEffect.BEGIN)
    return Wait(reconciliation.next_at)


def begin(reconciliation: Reconciliation, scopes: Sequence[str], now: datetime) -> Reconciliation:
    """Begin a round over these scopes."""
    begun = replace(
        reconciliation,
        scopes=tuple(scopes),
        unseen=(),
        next_at=now + EVERY,
        began_at=now,
        total=len(scopes),
    )
    return _settle(begun, now)


def look(reconciliation: Reconciliation, now: datetime, *, unsettled: bool) -> Reconciliation:
    """Record that a scope was checked; ``unsettled``: an assignment was too new to judge."""
    next_at = reconciliation.next_at
    if unsettled:
        next_at = min(next_at, now + SETTLED_AFTER)
    seen = replace(reconciliation, scopes=reconciliation.scopes[1:], next_at=next_at)
    return _settle(seen, now)


def skip(reconciliation: Reconciliation, cause: str, now: datetime) -> Reconciliation:
    """Skip a scope that couldn't be checked, so that it doesn't hold up the others."""
    scope, *rest = reconciliation.scopes
    skipped = replace(
        reconciliation,
        scopes=tuple(rest),
        unseen=(*reconciliation.unseen, Unseen(scope, cause)),
        next_at=min(reconciliation.next_at, now + SOONER),
    )
    return _settle(skipped, now)


def _settle(reconciliation: Reconciliation, now: datetime) -> Reconciliation:
    if reconciliation.scopes:
        return replace(reconciliation, state=ReconciliationState.LOOKING)
    return replace(reconciliation, state=ReconciliationState.WAITING, ended_at=now)
