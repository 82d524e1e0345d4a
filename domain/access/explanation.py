"""What the policy would decide about one person and one secret right now, without deciding it."""

from dataclasses import dataclass
from datetime import timedelta

from domain.access.rules.auto_decision import AutoDecision
from domain.access.rules.request_rules import RequestRules
from domain.access.target import StandingPermission, Target
from domain.people import Person, Principals
from domain.refusals.refusal import Refusal


@dataclass(frozen=True, slots=True, kw_only=True)
class Offered:
    """What a request would be about, and who would decide it."""

    target: Target
    rules: RequestRules
    approvers: Principals
    """Who could approve: the approvers, except the person themself."""
    standing: tuple[StandingPermission, ...]
    auto: AutoDecision


@dataclass(frozen=True, slots=True, kw_only=True)
class Explanation:
    """What a request by this person would be answered now, and by which rule.

    Either ``refusal`` or ``offered`` is set, as a request is either refused or offered.
    """

    secret: str
    person: Person
    table: str | None
    """The rule's table in the policy file, empty for the variables; None if the reader may not
    know or nothing covers the secret."""
    refusal: Refusal | None = None
    offered: Offered | None = None
    for_others: bool = False
    """Whether they can request it for other people."""
    break_glass: timedelta | None = None
    """How long they can have break-glass access; None if they can't."""
