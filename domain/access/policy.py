"""The rules for one secret, and the decisions that follow from them."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum

from domain import refusals
from domain.access.ticket import names_ticket
from domain.people import Person
from domain.refusals import Refusal
from domain.secrets import Vault, is_secret_name

LONGEST_JUSTIFICATION = 1_000


class ScopeKind(StrEnum):
    """How much of a vault an assignment opens."""

    VAULT = "vault"
    SECRET = "secret"  # noqa: S105 - the name of a kind of scope


@dataclass(frozen=True, slots=True)
class Decision:
    """Whether something is allowed, with the reason where it is not."""

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
    """What a justification has to say; ``ticket`` is a safe pattern that it has to contain."""

    required: bool = True
    ticket: str = ""
    hint: str = ""
    """What a ticket looks like, for people."""

    @property
    def asks_for_something(self) -> bool:
        return self.required or bool(self.ticket)


USUAL_JUSTIFICATION = JustificationRule()


@dataclass(frozen=True, slots=True, kw_only=True)
class Policy:
    """The rules for one secret; ``approvers`` as configured: emails or Entra object ids."""

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
    """After how long the approvers are reminded, once; None for never."""
    escalate_after: timedelta | None = None
    """After how long those of ``escalation`` are asked too; None for never."""
    escalation: tuple[str, ...] = ()
    extend_freely: bool = False
    """Whether an extension within the cap needs no new approval."""
    requesters: tuple[str, ...] = ()
    """Who may ask, as configured; everybody where nobody is named."""
    guests: bool | None = None
    """Whether people of other organisations, who are guests in this one, may ask.

    None refuses those who are known to be guests; False also those of whom nobody can say it now.
    """
    justification: JustificationRule = USUAL_JUSTIFICATION
    owners_approve: bool = False
    """Whether those whom the secret's own tags name are approvers too."""
    on_behalf: tuple[str, ...] = ()
    """Who may ask for others, as configured; nobody where nobody is named."""
    break_glass: tuple[str, ...] = ()
    """Who may take access at once, without approval, as configured; nobody where nobody is."""
    break_glass_longest: timedelta = timedelta(minutes=30)
    requests_per_hour: int | None = None
    """How many requests one person may make in an hour; None for any number."""
    allow_locked: bool = False
    """Whether access is given although a resource lock will keep it from being taken away."""

    @property
    def scope(self) -> str:
        if self.scope_kind is ScopeKind.SECRET:
            return self.vault.secret_scope(self.secret)
        return self.vault.resource_id


def decide_secret(name: str, policy: Policy | None) -> Decision:
    """Decide whether a secret may be asked for at all; no policy covers an unlisted one."""
    if not is_secret_name(name):
        return Decision(refusals.NotASecretName())
    if policy is None:
        return Decision(refusals.NotRequestable(name))
    return ALLOWED


def decide_window(shortest: timedelta, longest: timedelta, window: timedelta | None) -> Decision:
    """Decide whether a window lies within the bounds; None stands for an unreadable one."""
    if window is None:
        return Decision(refusals.UnreadableDuration())
    if not shortest <= window <= longest:
        return Decision(refusals.DurationOutOfBounds(shortest, longest))
    return ALLOWED


def decide_requester(policy: Policy, person: Person, requesters: Sequence[Person]) -> Decision:
    """Decide whether this person may ask; ``requesters`` are those whom the policy names.

    Where the policy says that guests may not, nobody may of whom it cannot be said now whether
    they are one. Where it says nothing, an outage keeps nobody from asking: approvers decide.
    """
    if person.guest is None and policy.guests is False:
        return Decision(refusals.MembershipUnknown(policy.secret))
    if person.guest and not policy.guests:
        return Decision(refusals.GuestsMayNotAsk(policy.secret))
    named = {one.object_id for one in requesters} | {one.lower() for one in policy.requesters}
    if policy.requesters and person.object_id not in named:
        return Decision(refusals.MayNotAsk(policy.secret))
    return ALLOWED


def decide_on_behalf(policy: Policy, person: Person, askers: Sequence[Person]) -> Decision:
    """Decide whether this person may ask for others; ``askers`` are those whom it names."""
    named = {one.object_id for one in askers} | {one.lower() for one in policy.on_behalf}
    if person.object_id not in named:
        return Decision(refusals.MayNotAskForOthers(policy.secret))
    return ALLOWED


def decide_break_glass(policy: Policy, person: Person, named: Sequence[Person]) -> Decision:
    """Decide whether this person may take access without approval."""
    ids = {one.object_id for one in named} | {one.lower() for one in policy.break_glass}
    if person.object_id not in ids:
        return Decision(refusals.MayNotBreakGlass(policy.secret))
    return ALLOWED


def decide_beneficiary(policy: Policy, person: Person, requesters: Sequence[Person]) -> Decision:
    """Decide whether access may go to this person: to those who might ask for it themselves."""
    decision = decide_requester(policy, person, requesters)
    if decision.allowed or isinstance(decision.reason, refusals.MembershipUnknown):
        return decision
    return Decision(refusals.MayNotBeAskedFor(policy.secret, person.name))


def decide_justification(
    text: str, rules: Sequence[JustificationRule] = (USUAL_JUSTIFICATION,)
) -> Decision:
    """Decide whether a justification says what each of these rules wants, and not too much."""
    visible = text.strip()
    says_something = any(character.isalnum() for character in visible)
    if any(rule.required for rule in rules) and not says_something:
        return Decision(refusals.JustificationMissing())
    for rule in rules:
        if rule.ticket and not names_ticket(visible, rule.ticket):
            return Decision(refusals.TicketMissing(rule.hint))
    if len(visible) > LONGEST_JUSTIFICATION:
        return Decision(refusals.JustificationTooLong(len(visible), LONGEST_JUSTIFICATION))
    return ALLOWED


def decide_approvers(policy: Policy, approvers: Sequence[Person], *involved: str) -> Decision:
    """Decide whether enough people could approve other than those whom the request is about."""
    if are_enough(approvers, policy.min_approvals, involved):
        return ALLOWED
    return Decision(refusals.NobodyCanApprove(policy.secret))


def are_enough(people: Sequence[Person], needed: int, involved: Sequence[str]) -> bool:
    """Say whether so many of these people are none of those whom the request is about."""
    return len({person.object_id for person in people} - set(involved)) >= needed
