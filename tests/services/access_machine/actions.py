"""The deployment that the machine runs in, with its policies."""

from collections.abc import Sequence
from datetime import timedelta

from domain.access.rules.policy import Policy, ScopeKind
from domain.people import Actor, Group
from domain.policies.rule import Rule
from services.policies import Policies
from tests.support.builders import (
    ADA,
    BO,
    CY,
    DANA,
    EVE,
    HOUR,
    OTHER_SECRET,
    SECRET,
    a_policy,
    email_of,
)

OWN_SECRET = "own-api-key"
SECRETS = (SECRET, OTHER_SECRET, OWN_SECRET)
ASKED_FOR = (
    *((secret,) for secret in SECRETS),
    (SECRET, OTHER_SECRET),
    (SECRET, OWN_SECRET),
    SECRETS,
)
"""What people request: one secret, or several at once."""
REQUESTERS = (DANA, EVE, ADA)
EVERYBODY = (DANA, EVE, ADA, BO, CY)

GROUP = Group("70000000-0000-4000-8000-000000000001", "Approvers")
MEMBERS = (ADA, BO)

_APPROVERS = (email_of(ADA), email_of(BO))

RULES: dict[str, Policy] = {
    # One approver is enough; the scope is the whole vault, so that requests share an assignment.
    SECRET: a_policy(
        secret=SECRET,
        approvers=_APPROVERS,
        remind_after=HOUR,
        escalate_after=2 * HOUR,
        escalation=(email_of(CY),),
        break_glass=(email_of(DANA),),
    ),
    # Two must approve, two of whom are members of a group; Eve can request for others.
    OTHER_SECRET: a_policy(
        secret=OTHER_SECRET,
        approvers=(f"group:{GROUP.name}", email_of(CY)),
        min_approvals=2,
        on_behalf=(email_of(EVE),),
        pending_for=3 * HOUR,
    ),
    # The scope is the secret alone, for a short time; extensions need no approval.
    OWN_SECRET: a_policy(
        secret=OWN_SECRET,
        approvers=_APPROVERS,
        scope_kind=ScopeKind.SECRET,
        longest=HOUR,
        extend_freely=True,
    ),
}


LATEST_START = 6 * HOUR
"""How far ahead people plan access."""

LONGEST_WINDOW = max(policy.longest for policy in RULES.values())


def deployment() -> Policies:
    """Return the policies."""
    return Policies(a_policy(), tuple(Rule(name, policy) for name, policy in RULES.items()))


def approvers_under(rules: Policy, *, escalated: bool) -> set[str]:
    """Return the object IDs of those who can decide under a policy."""
    people = {email_of(who): {who.object_id} for who in (ADA, BO, CY)}
    named = people | {f"group:{GROUP.name}": {who.object_id for who in MEMBERS}}
    return set().union(*(named[one] for one in (*rules.approvers, *rules.escalation * escalated)))


def memberships_of(who: Actor) -> frozenset[str]:
    return frozenset({GROUP.object_id} if who in MEMBERS else ())


def cap_of(secrets: Sequence[str], *, broke_glass: bool) -> timedelta:
    """Return how long access to these secrets can last, including extensions."""
    rules = [RULES[secret] for secret in secrets]
    return min(one.break_glass_longest if broke_glass else one.longest for one in rules)
