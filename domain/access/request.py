"""Access requests: their states, who may answer them, and what comes next.

``pending → granting → active → revoking → revoked``, or an end as ``denied``, ``cancelled``,
``lapsed`` or ``failed``. A revocation that is five minutes late is ``stuck`` and retried for ever,
unless an admin closes it, since it can never be carried out: that is ``closed``, not ``revoked``.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from domain import refusals
from domain.access.assignment import Assignment
from domain.access.policy import ALLOWED, Decision
from domain.people import Actor, Person
from domain.workflow import Done, Move, Wait

GRANT_PATIENCE = timedelta(minutes=10)
"""How long a grant is tried: a new principal can take minutes to reach every region."""

OVERDUE_AFTER = timedelta(minutes=5)
"""How late a revocation may be before it is stuck and the alarm is raised."""

TRY_LINGERS = timedelta(seconds=15)
"""How long a try to grant may still send to Azure after somebody else has ended the grant."""

LAST_LOOK_AFTER = timedelta(minutes=5)
"""How long after the end Azure is read once more, where something was not answered before."""

LOOK_AGAIN = timedelta(seconds=15)
"""How often Azure is read while what was sent to it, and not answered, may still appear."""


class RequestState(StrEnum):
    PENDING = "pending"
    GRANTING = "granting"
    ACTIVE = "active"
    REVOKING = "revoking"
    STUCK = "stuck"
    REVOKED = "revoked"
    DENIED = "denied"
    CANCELLED = "cancelled"
    LAPSED = "lapsed"
    FAILED = "failed"
    CLOSED = "closed"


class AccessEffect(StrEnum):
    REMIND = "remind"
    ESCALATE = "escalate"
    LAPSE = "lapse"
    GRANT = "grant"
    GIVE_UP = "give up"
    WARN = "warn"
    END = "end"
    REVOKE = "revoke"
    RAISE_ALARM = "raise the alarm"
    ASK_REVIEW = "ask for review"
    LOOK_AGAIN = "look again"


class AccessEvent(StrEnum):
    REQUESTED = "requested"
    BLOCKED = "blocked"
    APPROVED = "approved"
    DENIED = "denied"
    CANCELLED = "cancelled"
    REMINDED = "reminded"
    ESCALATED = "escalated"
    LAPSED = "lapsed"
    UNREACHABLE = "unreachable"
    NOT_PERMITTED_YET = "not permitted yet"
    GRANTED = "granted"
    EXPIRES_SOON = "expires soon"
    EXTENSION_ASKED = "extension asked"
    EXTENSION_ALLOWED = "extension allowed"
    EXTENDED = "extended"
    EXTENSION_DENIED = "extension denied"
    ENDED = "ended"
    ENDED_EARLY = "ended early"
    GAVE_UP = "gave up"
    VANISHED = "vanished"
    REVOKED = "revoked"
    STUCK = "stuck"
    FAILED = "failed"
    WATCHED = "watched"
    RETRIED = "retried"
    CLOSED = "closed"
    BROKE_GLASS = "broke glass"
    REVIEW_ASKED = "review asked"
    REVIEWED = "reviewed"
    APPROVERS_CHANGED = "approvers changed"


@dataclass(frozen=True, slots=True)
class AzureAnswer:
    """What Azure answered to an attempt that failed: the HTTP status, and its own code.

    Both are missing where it did not answer; the code of what we wait for ourselves has no status.
    """

    status: int | None = None
    code: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Target:
    """One secret of a request: where it lies, what opens it, and what follows its grant."""

    secret: str
    vault: str
    vault_url: str
    role: str
    scope: str
    exposes: int | None = None
    """How many secrets the scope opens; None where that could not be counted."""
    not_requestable: int | None = None
    """How many of those nobody can request; None where that is not known."""
    secret_scope: str = ""
    """The scope of the secret alone, where an approver may narrow the grant to it."""
    rotate_after: bool = False
    """Whether the secret is rotated when the grant has ended."""
    allow_locked: bool = False
    """Whether access is given although a resource lock will keep it from being taken away."""

    @property
    def can_be_narrowed(self) -> bool:
        return bool(self.secret_scope) and self.secret_scope != self.scope


@dataclass(frozen=True, slots=True)
class StandingPermission:
    """A secret that somebody can read already, by a role that Latchkey did not give them."""

    secret: str
    role: str
    scope: str
    by_group: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Terms:
    """The policies' terms as they stood when the request was made; they hold to its end.

    But for who decides: ``approvers`` and ``escalation`` follow the rules in force, and
    ``min_approvals`` does where it grows.
    """

    approvers: tuple[Person, ...]
    min_approvals: int
    shortest: timedelta = timedelta(minutes=5)
    longest: timedelta = timedelta(hours=4)
    """The bounds of a window, from the grant to its end, extensions included."""
    extend_freely: bool = False
    """Whether an extension within the bounds needs no new approval."""
    escalation: tuple[Person, ...] = ()
    """Who is asked too where nobody has decided for a while."""
    requests_per_hour: int | None = None
    """How often one person may ask for access or more time in an hour; None for any number."""


@dataclass(frozen=True, slots=True)
class Approval:
    """One approver's yes, with what they allow where that is less than what was asked for."""

    approver: Actor
    at: datetime
    window: timedelta | None = None
    narrowed: bool = False


@dataclass(frozen=True, slots=True)
class Extension:
    """More time that was asked for and not decided yet."""

    by: timedelta
    asked_at: datetime
    said: str = ""
    """Which message or click asked for it, so that an answer is to this wish and to no other."""
    approvals: tuple[Approval, ...] = ()
    """Who has allowed it so far; the last one who is needed extends."""


@dataclass(frozen=True, slots=True)
class Review:
    """An approver's tick behind access that was taken without approval."""

    approver: Actor
    at: datetime
    note: str


@dataclass(frozen=True, slots=True)
class Denial:
    """The no that ended a request; ``approver`` is None where the policy said it."""

    approver: Actor | None
    at: datetime
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Grant:
    """The access that an approved request gives: all of its assignments, for one window.

    ``give_up_at`` bounds the attempt from the moment of intent; ``granted_at`` and
    ``expires_at`` are set once every assignment was read back.
    """

    give_up_at: datetime
    made: tuple[str, ...] = ()
    """The ids of what the last attempt has read back, though it failed as a whole."""
    awaits_rights: bool = False
    """Whether it was told that the bot may not assign the role yet."""
    granted_at: datetime | None = None
    expires_at: datetime | None = None
    warn_at: datetime | None = None
    """When its person is told that it ends soon; None once they were, or for a short window."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Request:
    """An access request, from ``pending`` to its end."""

    id: str
    state: RequestState
    requester: Actor
    targets: tuple[Target, ...]
    """What it asks for, all of it or nothing: each secret once, in the order of asking."""
    justification: str
    window: timedelta
    requested_at: datetime
    lapses_at: datetime
    terms: Terms
    asked_in: str = ""
    """The conversation where it was asked for, should its person not be reachable alone."""
    remind_at: datetime | None = None
    escalate_at: datetime | None = None
    approvals: tuple[Approval, ...] = ()
    extension: Extension | None = None
    denial: Denial | None = None
    grant: Grant | None = None
    revoke_since: datetime | None = None
    """Since when access should be gone; set when revoking begins."""
    ended_by: Actor | None = None
    """Who ended the access before its window was over; None where nobody did."""
    failure: str | None = None
    """Why nothing was granted, as a sentence; with it, revoking ends in ``failed``."""
    attempt: int = 0
    retry_at: datetime | None = None
    cause: str = ""
    """What the last attempt that failed met with, in Azure's words."""
    may_appear_until: datetime | None = None
    """Until when an assignment may still appear that was asked for, and was not answered, or was
    answered and not shown by a read yet."""
    unanswered: int = 0
    """How many requests for it have not been answered."""
    may_vanish_until: datetime | None = None
    """Until when a deletion that was asked for, and not answered, may still be carried out."""
    unanswered_ends: int = 0
    """How many deletions have not been answered."""
    removed: tuple[str, ...] = ()
    """The ids of assignments that a deletion found, while it was not certain that they are gone."""
    watched_until: datetime | None = None
    """Until when Azure is read again before access that is gone is called revoked."""
    last_look_at: datetime | None = None
    """When Azure is read once more after the end, should something have taken even longer."""
    answer: AzureAnswer | None = None
    """What that attempt was answered."""
    failed_with: AzureAnswer | None = None
    """What the attempt was answered for which nothing was granted."""
    out_of_band: bool = False
    """Whether somebody else removed the assignment before the window was over."""
    beneficiary: Person | None = None
    """Whom the access is for, where somebody else asked for them."""
    broke_glass: bool = False
    """Whether access was taken without approval; it is reviewed afterwards."""
    admins: tuple[Person, ...] = ()
    """Who is told of that beside the approvers."""
    review_at: datetime | None = None
    """When the approvers are asked for their review again; None once it is given."""
    review: Review | None = None
    standing: tuple[StandingPermission, ...] = ()
    """What its holder could read already when it was made, as far as that could be seen."""
    approvers_since: datetime | None = None
    """Since when it has the approvers that it has, where that is not from the beginning."""

    @property
    def holder(self) -> Person:
        """Who gets the access."""
        return self.beneficiary or self.requester.as_person()

    @property
    def involved(self) -> frozenset[str]:
        """The object ids of whoever asked and of whom it is for: neither may decide."""
        return frozenset({self.requester.object_id, self.holder.object_id})

    @property
    def secrets(self) -> tuple[str, ...]:
        return tuple(target.secret for target in self.targets)

    @property
    def assignments(self) -> tuple[Assignment, ...]:
        """What a grant of this is in Azure: secrets of the same scope and role share one."""
        each = (assignment_of(target, self.holder) for target in self.targets)
        return tuple({assignment.id: assignment for assignment in each}.values())

    def opened_by(self, assignment: Assignment) -> tuple[str, ...]:
        """Name the secrets for whose sake an assignment is made."""
        return tuple(
            target.secret
            for target in self.targets
            if assignment_of(target, self.holder).id == assignment.id
        )

    def not_made(self) -> tuple[str, ...]:
        """Name the secrets whose assignments the last attempt has not read back."""
        made = self.granted.made
        return tuple(
            target.secret
            for target in self.targets
            if assignment_of(target, self.holder).id not in made
        )

    @property
    def granted(self) -> Grant:
        """The grant of an approved request."""
        if self.grant is None:
            raise ValueError(f"{self.id} has no grant: it is {self.state}")
        return self.grant


def assignment_of(target: Target, holder: Person) -> Assignment:
    """Return the assignment that opens a target to its holder."""
    return Assignment(target.scope, holder.object_id, target.role)


def next_move(request: Request, now: datetime) -> Move[AccessEffect] | Wait | Done:
    """Say what a request needs next."""
    match request.state:
        case RequestState.PENDING:
            return _next(
                now,
                (request.lapses_at, AccessEffect.LAPSE),
                (request.remind_at, AccessEffect.REMIND),
                (request.escalate_at, AccessEffect.ESCALATE),
            )
        case RequestState.GRANTING:
            give_up_at = request.granted.give_up_at
            if now >= give_up_at:
                return Move(AccessEffect.GIVE_UP)
            retry_at = min(request.retry_at or now, give_up_at)
            return _at(retry_at, AccessEffect.GRANT, now)
        case RequestState.ACTIVE:
            return _next(
                now,
                (request.granted.expires_at or now, AccessEffect.END),
                (request.granted.warn_at, AccessEffect.WARN),
                (request.review_at, AccessEffect.ASK_REVIEW),
            )
        case RequestState.REVOKING:
            if request.retry_at is None:  # what was never tried is tried before the alarm
                return Move(AccessEffect.REVOKE)
            return _next(
                now,
                (alarm_of(request), AccessEffect.RAISE_ALARM),
                (request.retry_at, AccessEffect.REVOKE),
            )
        case RequestState.STUCK:
            return _at(request.retry_at or now, AccessEffect.REVOKE, now)
        case _ if request.last_look_at or request.review_at:
            return _next(
                now,
                (request.last_look_at, AccessEffect.LOOK_AGAIN),
                (request.review_at, AccessEffect.ASK_REVIEW),
            )
        case _:
            return Done()


def _next(now: datetime, *moves: tuple[datetime | None, AccessEffect]) -> Move[AccessEffect] | Wait:
    """Say which of several moves comes next: of those that are due, the first that is named."""
    dated = [(due, effect) for due, effect in moves if due]
    overdue = [effect for due, effect in dated if now >= due]
    return Move(overdue[0]) if overdue else Wait(min(due for due, _ in dated))


def _at(due: datetime, effect: AccessEffect, now: datetime) -> Move[AccessEffect] | Wait:
    return Move(effect) if now >= due else Wait(due)


def alarm_of(request: Request) -> datetime | None:
    """Say when the alarm is due for access that is not gone by then; None where none is."""
    if request.state is not RequestState.REVOKING or request.revoke_since is None:
        return None
    return request.revoke_since + OVERDUE_AFTER


def overdue_since(request: Request, now: datetime) -> datetime | None:
    """Say since when access should be gone that may still be there; None where that is not so."""
    match request.state:
        case RequestState.REVOKING | RequestState.STUCK:
            return request.revoke_since or now
        case RequestState.ACTIVE if (
            request.granted.expires_at and now >= request.granted.expires_at
        ):
            return request.granted.expires_at
        case _:
            return None


def is_overdue(request: Request, now: datetime) -> bool:
    """Say whether access should have been gone long enough to raise the alarm."""
    return request.revoke_since is not None and now >= request.revoke_since + OVERDUE_AFTER


def decide_answer(request: Request, actor: Actor) -> Decision:
    """Decide whether this person may answer this request now."""
    if actor.object_id in request.involved:
        return Decision(refusals.SelfApproval())
    if actor.object_id not in {person.object_id for person in request.terms.approvers}:
        return Decision(refusals.NotAnApprover(request.terms.approvers))
    if request.state is not RequestState.PENDING:
        return Decision(_why_decided(request))
    if actor.object_id in {approval.approver.object_id for approval in request.approvals}:
        return Decision(refusals.AlreadyApproved())
    return ALLOWED


def decide_less(request: Request, window: timedelta | None) -> Decision:
    """Decide whether an approver may set this window: it may be shorter, never longer."""
    if window is None:
        return Decision(refusals.UnreadableDuration())
    if not min(request.terms.shortest, request.window) <= window <= request.window:
        return Decision(refusals.NotLess(request.terms.shortest, request.window))
    return ALLOWED


def _why_decided(request: Request) -> refusals.Refusal:
    if request.denial and request.denial.approver:
        return refusals.AlreadyDecided("denied", request.denial.approver.name, request.denial.at)
    if request.grant and request.approvals:
        last = request.approvals[-1]
        return refusals.AlreadyDecided("approved", last.approver.name, last.at)
    return refusals.NoLongerPending(request.state)
