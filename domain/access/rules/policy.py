"""The rules for one secret, and the decisions based on them."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum

from domain.access.rules.auto_approval import AutoApproval
from domain.access.rules.step_up_rule import NO_STEP_UP, StepUpRule
from domain.access.rules.ticket import names_ticket
from domain.people import NO_GROUPS, Person, Principals
from domain.refusals.refusal import Refusal
from domain.refusals.requests import (
    DurationOutOfBounds,
    GuestsMayNotAsk,
    JustificationMissing,
    JustificationTooLong,
    MayNotAsk,
    MayNotAskForOthers,
    MayNotBeAskedFor,
    MayNotBreakGlass,
    MembershipUnknown,
    NobodyCanApprove,
    NotInDirectory,
    TicketMissing,
    UnreadableDuration,
)
from domain.refusals.secrets import NotASecretName, NotRequestable
from domain.secrets import Vault, is_secret_name
from domain.visible import says_something

LONGEST_JUSTIFICATION = 1_000

USUAL_NOTIFIED = 10
"""How many members of groups get a message of their own, unless the policy says otherwise."""


class ScopeKind(StrEnum):
    """How much of a vault an assignment gives access to."""

    VAULT = "vault"
    SECRET = "secret"  # noqa: S105 - a kind of scope


@dataclass(frozen=True, slots=True)
class Decision:
    """Whether something is allowed, and the reason if it isn't."""

    reason: Refusal | None = None

    @property
    def allowed(self) -> bool:
        return self.reason is None

    def require(self) -> None:
        """Raise the reason as a refusal unless this is allowed."""
        if self.reason:
            raise self.reason


ALLOWED = Decision()


@dataclass(frozen=True, slots=True)
class JustificationRule:
    """What a justification must contain; ``ticket`` is a safe pattern it must match."""

    required: bool = True
    ticket: str = ""
    hint: str = ""
    """An example of a ticket, shown to people."""

    @property
    def asks_for_something(self) -> bool:
        return self.required or bool(self.ticket)


USUAL_JUSTIFICATION = JustificationRule()


@dataclass(frozen=True, slots=True, kw_only=True)
class Policy:
    """The rules for one secret; people as configured: emails, object IDs, or ``group:Name``."""

    secret: str
    vault: Vault
    approvers: tuple[str, ...]
    min_approvals: int
    shortest: timedelta
    longest: timedelta
    pending_for: timedelta
    role: str
    scope_kind: ScopeKind
    remind_after: timedelta | None = None
    """When to remind the approvers, once; None for never."""
    escalate_after: timedelta | None = None
    """When to also ask the people in ``escalation``; None for never."""
    escalation: tuple[str, ...] = ()
    extend_freely: bool = False
    """Whether an extension within the cap needs no new approval."""
    requesters: tuple[str, ...] = ()
    """Who can request access, as configured; everyone if empty."""
    guests: bool | None = None
    """Whether guests, people from other organisations, can request access.

    None refuses known guests; False also refuses people whose guest status is unknown.
    """
    justification: JustificationRule = USUAL_JUSTIFICATION
    owners_approve: bool = False
    """Whether the owners named in the secret's tags are approvers too."""
    on_behalf: tuple[str, ...] = ()
    """Who can request access for others, as configured; no one if empty."""
    break_glass: tuple[str, ...] = ()
    """Who can use break-glass access, as configured; no one if empty."""
    break_glass_longest: timedelta = timedelta(minutes=30)
    requests_per_hour: int | None = None
    """How many requests one person can make per hour; None for no limit."""
    notify_members: int = USUAL_NOTIFIED
    """How many members of groups get a message each; the channel gets it if there are more."""
    allow_locked: bool = False
    """Whether to grant access even if a resource lock will prevent its revocation."""
    step_up: StepUpRule = NO_STEP_UP
    """What has to be confirmed with a fresh sign-in."""
    start_within: timedelta = timedelta(days=7)
    """How far ahead access can start; zero if it can only start when it is approved."""
    auto_approve: AutoApproval | None = None
    """The rule that approves requests without an approver; None if approvers always decide."""

    @property
    def scope(self) -> str:
        if self.scope_kind is ScopeKind.SECRET:
            return self.vault.secret_scope(self.secret)
        return self.vault.resource_id


def decide_secret(name: str, policy: Policy | None) -> Decision:
    """Decide whether a secret can be requested at all; an unlisted one has no policy."""
    if not is_secret_name(name):
        return Decision(NotASecretName())
    if policy is None:
        return Decision(NotRequestable(name))
    return ALLOWED


def decide_window(shortest: timedelta, longest: timedelta, window: timedelta | None) -> Decision:
    """Decide whether a window is within the bounds; None means it couldn't be parsed."""
    if window is None:
        return Decision(UnreadableDuration())
    if not shortest <= window <= longest:
        return Decision(DurationOutOfBounds(shortest, longest))
    return ALLOWED


def decide_requester(
    policy: Policy,
    person: Person,
    requesters: Principals,
    memberships: Collection[str] = NO_GROUPS,
    *,
    is_in_directory: bool = True,
) -> Decision:
    """Decide whether this person can request access; ``requesters`` are those it names.

    If the policy forbids guests, people with unknown guest status are refused too, for now or, if
    the directory doesn't have them, for good. If it says nothing about guests, a directory outage
    blocks no one: approvers decide.
    """
    if person.guest is None and policy.guests is False:
        if not is_in_directory:
            return Decision(NotInDirectory(policy.secret))
        return Decision(MembershipUnknown(policy.secret))
    if person.guest and not policy.guests:
        return Decision(GuestsMayNotAsk(policy.secret))
    if policy.requesters and not _is_named(policy.requesters, requesters, person, memberships):
        return Decision(MayNotAsk(policy.secret))
    return ALLOWED


def decide_on_behalf(
    policy: Policy,
    person: Person,
    askers: Principals,
    memberships: Collection[str] = NO_GROUPS,
    for_name: str = "",
) -> Decision:
    """Decide whether this person can request access for others; ``askers`` are those named.

    ``for_name``: whom they ask for, as a refusal names them; empty for anybody.
    """
    if not _is_named(policy.on_behalf, askers, person, memberships):
        return Decision(MayNotAskForOthers(policy.secret, for_name))
    return ALLOWED


def decide_break_glass(
    policy: Policy, person: Person, named: Principals, memberships: Collection[str] = NO_GROUPS
) -> Decision:
    """Decide whether this person can use break-glass access."""
    if not _is_named(policy.break_glass, named, person, memberships):
        return Decision(MayNotBreakGlass(policy.secret))
    return ALLOWED


def _is_named(
    configured: Sequence[str],
    found: Principals,
    person: Person,
    memberships: Collection[str],
) -> bool:
    """Return whether a rule names this person; an object ID needs no answer of the directory."""
    by_id = person.object_id in {one.lower() for one in configured}
    return by_id or found.include(person.object_id, memberships)


def decide_beneficiary(
    policy: Policy,
    person: Person,
    requesters: Principals,
    memberships: Collection[str] = NO_GROUPS,
) -> Decision:
    """Decide whether this person can be the grantee: they must be a permitted requester."""
    decision = decide_requester(policy, person, requesters, memberships)
    if decision.allowed or isinstance(decision.reason, MembershipUnknown):
        return decision
    return Decision(MayNotBeAskedFor(policy.secret, person.name))


def decide_justification(
    text: str, rules: Sequence[JustificationRule] = (USUAL_JUSTIFICATION,)
) -> Decision:
    """Decide whether a justification satisfies all of these rules and isn't too long."""
    stripped = text.strip()
    if any(rule.required for rule in rules) and not says_something(stripped):
        return Decision(JustificationMissing())
    for rule in rules:
        if rule.ticket and not names_ticket(stripped, rule.ticket):
            return Decision(TicketMissing(rule.hint))
    if len(stripped) > LONGEST_JUSTIFICATION:
        return Decision(JustificationTooLong(len(stripped), LONGEST_JUSTIFICATION))
    return ALLOWED


def decide_approvers(
    policy: Policy, approvers: Sequence[Person], requester: str, grantee: Person | None = None
) -> Decision:
    """Decide whether enough people can approve, not counting the requester and grantee."""
    involved = (requester, grantee.object_id) if grantee else (requester,)
    if are_enough(approvers, policy.min_approvals, involved):
        return ALLOWED
    return Decision(NobodyCanApprove(policy.secret, grantee.name if grantee else ""))


def are_enough(people: Sequence[Person], needed: int, involved: Sequence[str]) -> bool:
    """Return whether at least ``needed`` people remain without those involved in the request."""
    return len({person.object_id for person in people} - set(involved)) >= needed
