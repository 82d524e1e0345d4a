"""Values of each field of a policy: which one allows more, and which can't be compared."""

from dataclasses import replace
from datetime import timedelta
from typing import Any, NamedTuple

from domain.access.rules.auto_approval import AutoApproval
from domain.access.rules.hours import parse_hours
from domain.access.rules.policy import JustificationRule, ScopeKind
from domain.access.rules.step_up_rule import NO_STEP_UP, StepUpAct, StepUpRule
from tests.support.builders import ADA, BO, CY, HOUR, ROLE, VAULT, email_of
from tests.support.rotation.builders import FLOATING, LITERAL, monthly

OTHER_VAULT = replace(VAULT, name="kv-other", resource_id=f"{VAULT.resource_id}-other")
ONE, TWO = (email_of(ADA),), (email_of(ADA), email_of(BO))
OTHERS = (email_of(CY),)
CONFIRMED = StepUpRule(required=True)
TICKET = JustificationRule(ticket=r"CHG\d+", hint="CHG4711")
OTHER_TICKET = JustificationRule(ticket=r"INC\d+")

RULE = AutoApproval(
    table="demo-api-key",
    requesters=TWO,
    longest=HOUR,
    hours=parse_hours("Mon-Fri 08:00-18:00 UTC"),
    ticket=True,
)


class Wider(NamedTuple):
    """A value, and one that allows more."""

    narrow: Any
    wide: Any


class Unlike(NamedTuple):
    """Two values of which neither allows only what the other does."""

    one: Any
    other: Any


class Free(NamedTuple):
    """Two values of which neither allows anybody more."""

    one: Any
    other: Any


Case = Wider | Unlike | Free

ACCESS_CASES: dict[str, list[Case]] = {
    "approvers": [Wider(ONE, TWO), Wider((), ONE), Wider(("group:Ops",), ("group:Ops", *ONE))],
    "min_approvals": [Wider(2, 1)],
    "requesters": [Wider(ONE, TWO), Wider(ONE, ())],
    "longest": [Wider(HOUR, 2 * HOUR)],
    "scope_kind": [Wider(ScopeKind.SECRET, ScopeKind.VAULT)],
    "role": [Unlike(ROLE, "00482a5a-887f-4fb3-b363-3b7fe8e74483")],
    "vault": [Unlike(VAULT, OTHER_VAULT)],
    "shortest": [Free(timedelta(minutes=1), timedelta(minutes=2))],
    "pending_for": [Wider(HOUR, 2 * HOUR)],
    "remind_after": [Free(HOUR, None), Free(HOUR, 2 * HOUR)],
    "escalate_after": [Wider(2 * HOUR, HOUR), Wider(None, HOUR)],
    "escalation": [Wider(ONE, TWO), Wider((), ONE)],
    "extend_freely": [Wider(narrow=False, wide=True)],
    "guests": [Wider(narrow=False, wide=None), Wider(narrow=None, wide=True)],
    "justification": [
        Wider(JustificationRule(), JustificationRule(required=False)),
        Wider(TICKET, JustificationRule()),
        Unlike(TICKET, OTHER_TICKET),
        Free(TICKET, replace(TICKET, hint="a change")),
    ],
    "owners_approve": [Wider(narrow=False, wide=True)],
    "on_behalf": [Wider(ONE, TWO), Wider((), ONE)],
    "break_glass": [Wider(ONE, TWO), Wider((), ONE)],
    "break_glass_longest": [Wider(HOUR, 2 * HOUR)],
    "requests_per_hour": [Wider(1, 2), Wider(1, None)],
    "notify_members": [Free(10, 20)],
    "start_within": [Wider(HOUR, 2 * HOUR), Wider(timedelta(), HOUR)],
    "allow_locked": [Wider(narrow=False, wide=True)],
    "auto_approve": [
        Wider(None, RULE),
        Wider(replace(RULE, requesters=ONE), RULE),
        Wider(RULE, replace(RULE, longest=2 * HOUR)),
        Wider(RULE, replace(RULE, hours=None)),
        Wider(RULE, replace(RULE, ticket=False)),
        Unlike(RULE, replace(RULE, hours=parse_hours("Sat 08:00-18:00 UTC"))),
        Free(RULE, replace(RULE, table="demo-*")),
    ],
    "step_up": [
        Wider(CONFIRMED, NO_STEP_UP),
        Wider(replace(CONFIRMED, contexts=("c1",)), CONFIRMED),
        Wider(replace(CONFIRMED, acts=tuple(StepUpAct)), CONFIRMED),
        Wider(CONFIRMED, replace(CONFIRMED, max_age=HOUR)),
        Free(NO_STEP_UP, replace(NO_STEP_UP, max_age=HOUR)),
    ],
}

ROTATION_CASES: dict[str, list[Case]] = {
    "vault": [Unlike(VAULT, OTHER_VAULT)],
    "issuer": [Unlike("random", "app-registration")],
    "options": [Unlike((), (("length", "8"),))],
    "dependents": [
        Wider((LITERAL,), (LITERAL, FLOATING)),
        Wider((), (LITERAL,)),
        Free((LITERAL, FLOATING), (FLOATING, LITERAL)),
    ],
    "part": [Unlike(None, "key Password")],
    "overlap": [Wider(HOUR, 2 * HOUR)],
    "max_age": [Wider(HOUR, 2 * HOUR), Wider(HOUR, None)],
    "schedule": [Wider(monthly(), None), Unlike(monthly(), monthly(cron="0 3 * * *"))],
    "second_admin": [Wider(narrow=True, wide=False)],
    "after_grant": [Wider(narrow=True, wide=False)],
    "wait_after_grant": [Unlike(HOUR, 2 * HOUR)],
}
