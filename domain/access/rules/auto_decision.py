"""Decides whether a rule approves a request: for the request itself, and for a dry run."""

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from domain.access.rules.auto_approval import AutoApproval
from domain.access.rules.policy import Policy
from domain.access.rules.ticket import names_ticket
from domain.people import NO_GROUPS, Person, Principals


class Condition(StrEnum):
    """What must hold before a rule approves a request."""

    ONE_APPROVAL = "one_approval"
    NO_STEP_UP = "no_step_up"
    FOR_ONESELF = "for_oneself"
    AT_ONCE = "at_once"
    KNOWN = "known"
    NO_GUEST = "no_guest"
    REQUESTER = "requester"
    WINDOW = "window"
    HOURS = "hours"
    TICKET = "ticket"


@dataclass(frozen=True, slots=True)
class Checked:
    """A condition and whether it holds; None if that depends on what is still to be typed."""

    condition: Condition
    holds: bool | None


@dataclass(frozen=True, slots=True, kw_only=True)
class AutoFacts:
    """What a rule is applied to; a dry run has no window and no justification yet.

    ``person`` is the requester as the directory knows them right now, and ``requesters`` are the
    people and groups that the rule names; None if the directory doesn't answer.
    """

    person: Person | None
    requesters: Principals | None
    memberships: Collection[str] = NO_GROUPS
    """The requester's groups, among those that the rule names."""
    for_another: bool
    starts_later: bool
    window: timedelta | None
    justification: str | None
    at: datetime


@dataclass(frozen=True, slots=True)
class AutoDecision:
    """What the rule of one secret decides, condition by condition.

    Without a rule there is nothing to check, and approvers decide.
    """

    secret: str
    rule: AutoApproval | None = None
    checked: tuple[Checked, ...] = ()

    @property
    def approves(self) -> bool:
        """Whether every condition holds."""
        return self.rule is not None and all(one.holds is True for one in self.checked)

    @property
    def could_approve(self) -> bool:
        """Whether no condition fails, whatever is still to be typed."""
        return self.rule is not None and all(one.holds is not False for one in self.checked)


def decide_auto(policy: Policy, facts: AutoFacts) -> AutoDecision:
    """Decide whether the secret's rule approves a request; what isn't certain doesn't hold."""
    rule = policy.auto_approve
    if rule is None:
        return AutoDecision(policy.secret)
    return AutoDecision(policy.secret, rule, tuple(_checked(policy, rule, facts)))


def approves_all(decisions: Sequence[AutoDecision]) -> bool:
    """Return whether the rules of all of a request's secrets approve it."""
    return bool(decisions) and all(decision.approves for decision in decisions)


def _checked(policy: Policy, rule: AutoApproval, facts: AutoFacts) -> Iterator[Checked]:
    yield Checked(Condition.ONE_APPROVAL, policy.min_approvals == 1)
    yield Checked(Condition.NO_STEP_UP, not policy.step_up.required)
    yield Checked(Condition.FOR_ONESELF, not facts.for_another)
    yield Checked(Condition.AT_ONCE, not facts.starts_later)
    is_known = facts.person is not None and facts.requesters is not None
    yield Checked(Condition.KNOWN, is_known)
    if facts.person is not None and facts.requesters is not None:
        yield Checked(Condition.NO_GUEST, facts.person.guest is False)
        person_id = facts.person.object_id
        by_id = person_id in {one.lower() for one in rule.requesters}
        is_named = by_id or facts.requesters.include(person_id, facts.memberships)
        yield Checked(Condition.REQUESTER, is_named)
    is_short = None if facts.window is None else facts.window <= rule.longest
    yield Checked(Condition.WINDOW, is_short)
    if rule.hours:
        yield Checked(Condition.HOURS, rule.hours.include(facts.at))
    if rule.ticket:
        yield Checked(Condition.TICKET, _names_ticket(policy, facts.justification))


def _names_ticket(policy: Policy, justification: str | None) -> bool | None:
    if justification is None:
        return None
    ticket = policy.justification.ticket
    return bool(ticket) and names_ticket(justification, ticket)
