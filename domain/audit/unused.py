"""What of the rules nobody used: rules without access, and people who never did what they may."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum

from domain.access.rules.policy import Policy
from domain.policies.rule import Rule, Rules


class PolicyRight(StrEnum):
    """What a rule lets people do, by the name of its key in the policy file."""

    REQUEST = "requesters"
    APPROVE = "approvers"
    BREAK_GLASS = "break_glass"


Acted = dict[tuple[str, PolicyRight], set[str]]
"""The object IDs of the people who used a right, by the name of the rule and the right."""


@dataclass(frozen=True, slots=True)
class NameInRules:
    """Whom a name in the rules stands for: the object IDs of a person, or of a group's members.

    Of a group only the members who acted are needed.
    """

    name: str
    ids: frozenset[str]
    is_known: bool = True
    """Whether the directory has anybody of this name."""


@dataclass(frozen=True, slots=True)
class UnusedRight:
    """Someone who never used a right that some rules give them."""

    right: PolicyRight
    who: str
    """As the rules name them."""
    name: str
    rules: tuple[str, ...]
    """The names of the rules under which they never used it."""
    of: int
    """How many rules give them the right."""
    is_known: bool
    """Whether the directory has anybody of this name."""

    @property
    def is_group(self) -> bool:
        """Whether the right is that of a group's members."""
        return self.who.startswith("group:")

    @property
    def is_never_used(self) -> bool:
        return len(self.rules) == self.of


def names_in(policy: Policy) -> Mapping[PolicyRight, Sequence[str]]:
    """Return whom a policy names, by their right."""
    return {
        PolicyRight.REQUEST: policy.requesters,
        PolicyRight.APPROVE: policy.approvers,
        PolicyRight.BREAK_GLASS: policy.break_glass,
    }


def unused_rules(rules: Rules, used: Collection[str]) -> tuple[Rule, ...]:
    """Return the rules for requests that nobody had access by."""
    return tuple(rule for rule in rules.rules if rule.access and rule.name not in used)


def unused_rights(
    rules: Rules, acted: Acted, named: Mapping[str, NameInRules]
) -> tuple[UnusedRight, ...]:
    """Return who never used a right; people who aren't in ``named`` are left out."""
    given: dict[tuple[PolicyRight, str], list[str]] = {}
    for rule in rules.rules:
        for right, who in names_in(rule.access).items() if rule.access else ():
            for one in dict.fromkeys(each.lower() for each in who):
                given.setdefault((right, one), []).append(rule.name)
    found = [
        UnusedRight(
            right=right,
            who=who,
            name=named[who].name,
            rules=tuple(one for one in rules_of if not _is_used(acted, one, right, named[who])),
            of=len(rules_of),
            is_known=named[who].is_known,
        )
        for (right, who), rules_of in given.items()
        if who in named
    ]
    return tuple(one for one in found if one.rules)


def _is_used(acted: Acted, rule: str, right: PolicyRight, named: NameInRules) -> bool:
    return not named.ids.isdisjoint(acted.get((rule, right), ()))
