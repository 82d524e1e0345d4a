"""Access requests: their states, and what comes next.

``pending → granting → active → revoking → revoked``, or it ends as ``denied``, ``cancelled``,
``lapsed`` or ``failed``. With a start in the future, an approved request is ``scheduled`` until
then; what the approval relied on is checked again before ``granting``. A revocation that is five
minutes late is ``stuck`` and retried forever, unless an admin closes it because it can never
succeed: that is ``closed``, not ``revoked``.
"""

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum

from domain.access.approval import Approval, Denial, LeftOut, Review, RuleApproval
from domain.access.assignment import Assignment
from domain.access.background import NO_BACKGROUND, Background
from domain.access.extension import Extension
from domain.access.fresh_sign_in import FreshSignIn
from domain.access.grant import AzureAnswer, Grant
from domain.access.proof import ProofOfUse
from domain.access.target import StandingPermission, Target
from domain.access.terms import Reviewers, Terms
from domain.people import Actor, Person
from domain.reasons import Reason
from domain.workflow import Done, Move, Wait

NO_ROOM = "RoleAssignmentLimitExceeded"
"""Azure's code for a subscription that is full of role assignments."""

GRANT_PATIENCE = timedelta(minutes=10)
"""How long to keep trying a grant: a new principal can take minutes to reach every region."""

ROOM_PATIENCE = timedelta(hours=4)
"""How long to wait, counted from the first refusal, for room in a full subscription."""

OVERDUE_AFTER = timedelta(minutes=5)
"""How late a revocation can be before it counts as stuck and raises the alarm."""

TRY_LINGERS = timedelta(seconds=15)
"""How long an attempt to grant may still send to Azure after someone else ended the grant."""

LAST_LOOK_AFTER = timedelta(minutes=5)
"""How long after the end to check Azure one last time, if a request went unanswered before."""

LOOK_AGAIN = timedelta(seconds=15)
"""How often to check Azure while the effect of an unanswered request may still appear."""


class RequestState(StrEnum):
    PENDING = "pending"
    SCHEDULED = "scheduled"
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


OVER = frozenset(
    {
        RequestState.REVOKED,
        RequestState.DENIED,
        RequestState.CANCELLED,
        RequestState.LAPSED,
        RequestState.FAILED,
        RequestState.CLOSED,
    }
)
"""The states in which a request gives no access, and never will."""


class AccessEffect(StrEnum):
    REMIND = "remind"
    ESCALATE = "escalate"
    LAPSE = "lapse"
    START = "start"
    MISS_START = "miss_start"
    GRANT = "grant"
    GIVE_UP = "give_up"
    WARN = "warn"
    END = "end"
    REVOKE = "revoke"
    RAISE_ALARM = "raise_alarm"
    ASK_REVIEW = "ask_review"
    LOOK_AGAIN = "look_again"
    SEE_READS = "see_reads"


class AccessEvent(StrEnum):
    REQUESTED = "requested"
    BLOCKED = "blocked"
    APPROVED = "approved"
    APPROVED_BY_RULE = "approved_by_rule"
    SCHEDULED = "scheduled"
    STARTED = "started"
    CALLED_OFF = "called_off"
    DENIED = "denied"
    CANCELLED = "cancelled"
    REMINDED = "reminded"
    ESCALATED = "escalated"
    LAPSED = "lapsed"
    UNREACHABLE = "unreachable"
    NOT_ALLOWED_NOW = "not_allowed_now"
    NOT_PERMITTED_YET = "not_permitted_yet"
    NO_ROOM_YET = "no_room_yet"
    GRANTED = "granted"
    EXPIRES_SOON = "expires_soon"
    EXTENSION_ASKED = "extension_asked"
    EXTENSION_ALLOWED = "extension_allowed"
    EXTENDED = "extended"
    EXTENSION_DENIED = "extension_denied"
    ENDED = "ended"
    ENDED_EARLY = "ended_early"
    GAVE_UP = "gave_up"
    VANISHED = "vanished"
    REVOKED = "revoked"
    STUCK = "stuck"
    FAILED = "failed"
    WATCHED = "watched"
    RETRIED = "retried"
    CLOSED = "closed"
    BROKE_GLASS = "broke_glass"
    REVIEW_ASKED = "review_asked"
    REVIEWED = "reviewed"
    APPROVERS_CHANGED = "approvers_changed"
    SIGN_IN_REFUSED = "sign_in_refused"
    READS_SEEN = "reads_seen"


@dataclass(frozen=True, slots=True)
class RequestDraft:
    """What was asked for, before it is checked and stored.

    ``request_id`` is derived from the submission, so that one sent twice is one request.
    """

    request_id: str
    secrets: tuple[str, ...]
    window: timedelta | None
    """None for the longest window that the policy allows."""
    justification: str
    asked_in: str = ""
    """The conversation it was asked for in."""
    for_whom: str = ""
    """The email or object ID of the grantee if the access is for someone else."""
    starts_at: datetime | None = None
    """When the access should start; None for as soon as it is approved."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Request:
    """An access request, from ``pending`` to its end."""

    id: str
    state: RequestState
    requester: Actor
    targets: tuple[Target, ...]
    """The requested secrets without those left out: each one once, in the order requested."""
    justification: str
    window: timedelta
    requested_at: datetime
    lapses_at: datetime
    terms: Terms
    asked_in: str = ""
    """The conversation it was requested in, in case the requester can't be reached privately."""
    remind_at: datetime | None = None
    escalate_at: datetime | None = None
    approvals: tuple[Approval, ...] = ()
    extension: Extension | None = None
    denial: Denial | None = None
    grant: Grant | None = None
    revoke_since: datetime | None = None
    """When access should have been gone; set when revoking begins."""
    ended_by: Actor | None = None
    """Who ended the access early; None if no one did."""
    failure: Reason | None = None
    """Why nothing was granted; with it, revoking ends in ``failed``."""
    attempt: int = 0
    retry_at: datetime | None = None
    cause: str = ""
    """Why the last failed attempt failed, in Azure's words."""
    may_appear_until: datetime | None = None
    """Until when an assignment may still appear, because a request for it went unanswered or no
    read has shown it yet."""
    unanswered: int = 0
    """How many requests to create it went unanswered."""
    may_vanish_until: datetime | None = None
    """Until when an unanswered deletion may still be carried out."""
    unanswered_ends: int = 0
    """How many deletions went unanswered."""
    removed: tuple[str, ...] = ()
    """The IDs of assignments that a deletion found before it was certain that they're gone."""
    watched_until: datetime | None = None
    """Until when Azure is checked again before access that is gone counts as revoked."""
    last_look_at: datetime | None = None
    """When to check Azure one last time after the end, in case something took even longer."""
    answer: AzureAnswer | None = None
    """Azure's answer to the last failed attempt."""
    failed_with: AzureAnswer | None = None
    """Azure's answer to the attempt that made the grant fail."""
    out_of_band: bool = False
    """Whether someone else removed the assignment before the window ended."""
    beneficiary: Person | None = None
    """The grantee, if someone else made the request for them."""
    unknown_grantee: str = ""
    """Whom it was for, as typed, if the directory didn't know them; no such request is granted."""
    broke_glass: bool = False
    """Whether this is break-glass access: taken without approval and reviewed afterwards."""
    admins: tuple[Person, ...] = ()
    """Who gets a message about break-glass access, besides the approvers."""
    review_at: datetime | None = None
    """When to ask the approvers for a review again; None once it's reviewed."""
    review: Review | None = None
    reviewers: Reviewers | None = None
    """Who reviews it if that isn't up to its approvers. They decide nothing else."""
    standing: tuple[StandingPermission, ...] = ()
    """What the grantee could already read at the time of the request, as far as we could see."""
    approvers_since: datetime | None = None
    """When its approvers last changed; None if they never did."""
    left_out: tuple[LeftOut, ...] = ()
    """What approvers left out. It stays left out, even if their approval stops counting."""
    starts_at: datetime | None = None
    """When the access should start, if not as soon as it is approved."""
    start_by: datetime | None = None
    """Until when the checks at the start are tried again; None before the first one failed."""
    approved_by_rule: RuleApproval | None = None
    """The rules that approved it without an approver; None if people decide."""
    reminded_at: datetime | None = None
    """When its approvers were last reminded; None if they never were."""
    gone_at: datetime | None = None
    """When its end was recorded: no assignment of it was left, unless another grant uses it."""
    background: Background = NO_BACKGROUND
    """What its approvers may want to know about the grantee."""
    see_reads_at: datetime | None = None
    """When to ask the vaults' log which reads there were; None if it isn't asked (any more)."""
    proof: ProofOfUse | None = None
    """What the log showed then."""
    sign_in: FreshSignIn | None = None
    """What its requester confirmed it with; None if nothing had to."""

    @property
    def waits_for_room(self) -> bool:
        """Whether access waits until the subscription holds fewer role assignments."""
        is_granting = self.state is RequestState.GRANTING
        return is_granting and self.answer is not None and self.answer.code == NO_ROOM

    @property
    def holder(self) -> Person:
        """Return the grantee."""
        return self.beneficiary or self.requester.as_person()

    @property
    def colleague(self) -> Person | None:
        """Return for whom someone else asked; without an object ID if the directory didn't know."""
        unknown = Person("", self.unknown_grantee) if self.unknown_grantee else None
        return self.beneficiary or unknown

    @property
    def involved(self) -> frozenset[str]:
        """The object IDs of the requester and the grantee: neither can decide."""
        return frozenset({self.requester.object_id, self.holder.object_id})

    @property
    def ended_before_its_window(self) -> bool:
        """Whether someone ended the access early, or removed it in Azure."""
        return self.ended_by is not None or self.out_of_band

    @property
    def review_terms(self) -> Terms:
        """The terms, with those who review break-glass access as the ones who decide."""
        if self.reviewers is None:
            return self.terms
        return replace(
            self.terms,
            approvers=self.reviewers.asked,
            deciders=(self.reviewers.named,),
            in_channel=False,
        )

    @property
    def is_unchecked(self) -> bool:
        """Whether it was refused before anyone looked at what it would open, and who decides."""
        return not any(target.role for target in self.targets)

    @property
    def secrets(self) -> tuple[str, ...]:
        return tuple(target.secret for target in self.targets)

    @property
    def asked_for(self) -> tuple[Target, ...]:
        """All the secrets that were requested; those left out come last."""
        return (*self.targets, *(one.target for one in self.left_out))

    @property
    def assignments(self) -> tuple[Assignment, ...]:
        """The role assignments of a grant; secrets with the same scope and role share one."""
        each = (assignment_of(target, self.holder) for target in self.targets)
        return tuple({assignment.id: assignment for assignment in each}.values())

    def opened_by(self, assignment: Assignment) -> tuple[str, ...]:
        """Return the names of the secrets that an assignment is for."""
        return tuple(
            target.secret
            for target in self.targets
            if assignment_of(target, self.holder).id == assignment.id
        )

    def not_made(self) -> tuple[str, ...]:
        """Return the names of the secrets whose assignments the last attempt didn't read back."""
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
    """Return the assignment that gives a grantee access to a target."""
    return Assignment(target.scope, holder.object_id, target.role)


def next_move(request: Request, now: datetime) -> Move[AccessEffect] | Wait | Done:
    """Return what a request needs next."""
    match request.state:
        case RequestState.PENDING:
            return _next(
                now,
                (request.lapses_at, AccessEffect.LAPSE),
                (request.remind_at, AccessEffect.REMIND),
                (request.escalate_at, AccessEffect.ESCALATE),
            )
        case RequestState.SCHEDULED:
            return _next(
                now,
                (request.start_by, AccessEffect.MISS_START),
                (request.retry_at or request.starts_at or now, AccessEffect.START),
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
            if request.retry_at is None:  # try once before raising the alarm
                return Move(AccessEffect.REVOKE)
            return _next(
                now,
                (alarm_of(request), AccessEffect.RAISE_ALARM),
                (request.retry_at, AccessEffect.REVOKE),
            )
        case RequestState.STUCK:
            return _at(request.retry_at or now, AccessEffect.REVOKE, now)
        case _ if request.last_look_at or request.review_at or request.see_reads_at:
            return _next(
                now,
                (request.last_look_at, AccessEffect.LOOK_AGAIN),
                (request.review_at, AccessEffect.ASK_REVIEW),
                (request.see_reads_at, AccessEffect.SEE_READS),
            )
        case _:
            return Done()


def _next(now: datetime, *moves: tuple[datetime | None, AccessEffect]) -> Move[AccessEffect] | Wait:
    """Pick the next move; if several are due, the one listed first."""
    dated = [(due, effect) for due, effect in moves if due]
    overdue = [effect for due, effect in dated if now >= due]
    return Move(overdue[0]) if overdue else Wait(min(due for due, _ in dated))


def _at(due: datetime, effect: AccessEffect, now: datetime) -> Move[AccessEffect] | Wait:
    return Move(effect) if now >= due else Wait(due)


def alarm_of(request: Request) -> datetime | None:
    """Return when to raise the alarm if access isn't gone by then; None if no alarm is due."""
    if request.state is not RequestState.REVOKING or request.revoke_since is None:
        return None
    return request.revoke_since + OVERDUE_AFTER


def overdue_since(request: Request, now: datetime) -> datetime | None:
    """Return when access that may still exist should have ended; None if it isn't overdue."""
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
    """Return whether access is late enough to raise the alarm."""
    return request.revoke_since is not None and now >= request.revoke_since + OVERDUE_AFTER
