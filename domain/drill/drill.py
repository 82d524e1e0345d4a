"""A drill: a short grant of a canary secret to a principal that nobody signs in as.

It contains the request that the grant is for, and that request goes through the states of every
other one, by the same rules and the same moves. Nobody approves it, and it counts as nobody's. When
the access is over, the drill says whether everything happened, and in time.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum

from domain.access import request as access
from domain.access.request import (
    OVER,
    OVERDUE_AFTER,
    AccessEffect,
    AccessEvent,
    Request,
    RequestState,
)
from domain.access.target import Target
from domain.access.terms import Terms
from domain.access.transitions import changes as access_changes
from domain.people import Actor
from domain.reasons import Reason, facts_of_reason
from domain.workflow import Change, Done, Event, Fact, Move, Wait

WINDOW = timedelta(minutes=1)
"""How long the access lasts: as long as Azure may take to show it to every reader."""

SHARED = Reason("drill_shared")
GONE_BEFORE = Reason("drill_gone_before")


class DrillState(StrEnum):
    """The outcomes; until then, a drill is in the state of its access."""

    SUCCEEDED = "succeeded"
    FAILED = "failed"


class DrillEvent(StrEnum):
    """What drills have besides the events of their access."""

    BEGUN = "drill_begun"
    SUCCEEDED = "drill_succeeded"
    FAILED = "drill_failed"


@dataclass(frozen=True, slots=True, kw_only=True)
class Drill:
    """One drill, from its beginning to its outcome."""

    id: str
    access: Request
    asked_by: Actor | None = None
    """The admin who asked for it; None if it was due."""
    after_failure: bool = False
    """Whether the drill before it failed, so that its success is news."""
    given_at: datetime | None = None
    """When the assignment was read back."""
    failure: Reason | None = None
    """Why it failed; None if it succeeded, or isn't over."""

    @property
    def state(self) -> RequestState | DrillState:
        """The state of its access, and at the end the outcome; ``closed`` is one too."""
        if not self.is_over or self.access.state is RequestState.CLOSED:
            return self.access.state
        return DrillState.FAILED if self.failure else DrillState.SUCCEEDED

    @property
    def is_over(self) -> bool:
        return self.access.state in OVER

    @property
    def begun_at(self) -> datetime:
        return self.access.requested_at

    @property
    def secret(self) -> str:
        return self.access.targets[0].secret

    @property
    def vault(self) -> str:
        return self.access.targets[0].vault

    @property
    def given_after(self) -> timedelta | None:
        """How long it took until the assignment was read back; None if it wasn't."""
        return max(timedelta(), self.given_at - self.begun_at) if self.given_at else None

    @property
    def lateness(self) -> timedelta | None:
        """How long the access existed after its end; None if the drill didn't take any away."""
        gone_at, since = self.access.gone_at, self.access.revoke_since
        if self.given_at is None or gone_at is None or since is None:
            return None
        if self.failure in (SHARED, GONE_BEFORE):
            return None
        return max(timedelta(), gone_at - since)


def first(
    drill_id: str,
    target: Target,
    principal: Actor,
    now: datetime,
    *,
    asked_by: Actor | None = None,
    after_failure: bool = False,
) -> Drill:
    """Return a drill that is about to begin."""
    request = Request(
        id=drill_id,
        state=RequestState.GRANTING,
        requester=principal,
        targets=(target,),
        justification="",
        window=WINDOW,
        requested_at=now,
        lapses_at=now,
        terms=Terms(approvers=(), min_approvals=0, shortest=WINDOW, longest=WINDOW),
    )
    return Drill(id=drill_id, access=request, asked_by=asked_by, after_failure=after_failure)


def begin(drill: Drill, now: datetime) -> Change[Drill]:
    """State the intent to give the access."""
    head = replace(drill, access=access_changes.begin_grant(drill.access, now))
    facts: dict[str, Fact] = {"window": WINDOW.total_seconds()}
    return Change(head, (Event(DrillEvent.BEGUN, now, drill.asked_by, facts),))


def next_move(drill: Drill, now: datetime) -> Move[AccessEffect] | Wait | Done:
    """Return what its access needs next."""
    return access.next_move(drill.access, now)


def follow(drill: Drill, change: Change[Request], now: datetime) -> Change[Drill]:
    """Record what became of its access; once it is over, judge the drill."""
    head = replace(drill, access=change.head)
    if any(event.kind == AccessEvent.GRANTED for event in change.events):
        head = replace(head, given_at=now)
    if drill.is_over or not head.is_over:
        return Change(head, tuple(change.events))
    head = replace(head, failure=_failure(head, change.events))
    return Change(head, (*change.events, _verdict(head, now)))


def _verdict(drill: Drill, now: datetime) -> Event:
    facts: dict[str, Fact] = {}
    if drill.given_after is not None:
        facts["given_after"] = drill.given_after.total_seconds()
    if drill.lateness is not None:
        facts["lateness"] = drill.lateness.total_seconds()
    if drill.failure is None:
        return Event(DrillEvent.SUCCEEDED, now, None, facts)
    return Event(DrillEvent.FAILED, now, None, {**facts, **facts_of_reason(drill.failure)})


def _failure(drill: Drill, events: Sequence[Event]) -> Reason | None:
    """Say why a drill that is over failed; None if it succeeded."""
    if drill.access.state is RequestState.CLOSED:
        return Reason("drill_closed")
    if drill.access.failure:
        return drill.access.failure
    [revoked] = [event for event in events if event.kind == AccessEvent.REVOKED]
    if revoked.facts.get("shared"):
        return SHARED
    if not revoked.facts.get("found") and not revoked.facts.get("unanswered"):
        return GONE_BEFORE
    late = drill.lateness or timedelta()
    if late >= OVERDUE_AFTER:
        return Reason("drill_late", {"late": late.total_seconds()})
    return None
