"""When a rule approves a request, condition by condition."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from domain.access.rules.auto_approval import AutoApproval
from domain.access.rules.auto_decision import (
    AutoDecision,
    AutoFacts,
    Condition,
    approves_all,
    decide_auto,
)
from domain.access.rules.hours import parse_hours
from domain.access.rules.policy import JustificationRule, Policy
from domain.access.rules.step_up_rule import StepUpAct, StepUpRule
from domain.people import NO_ONE, Group, Principals
from tests.support.builders import DANA, EVE, HOUR, MINUTE, SECRET, a_policy, in_directory
from tests.support.clock import NINE

RULE = AutoApproval(
    table="demo-*",
    requesters=("dana@contoso.example",),
    longest=30 * MINUTE,
    hours=parse_hours("Mon-Fri 08:00-18:00 Europe/Berlin"),
    ticket=True,
)
TICKETS = JustificationRule(ticket=r"CHG-\d+")
FACTS = AutoFacts(
    person=in_directory(DANA),
    requesters=Principals((in_directory(DANA),)),
    for_another=False,
    starts_later=False,
    window=30 * MINUTE,
    justification="smoke test, chg-4711",
    at=NINE,
)
ALL = [
    Condition.ONE_APPROVAL,
    Condition.NO_STEP_UP,
    Condition.FOR_ONESELF,
    Condition.AT_ONCE,
    Condition.KNOWN,
    Condition.NO_GUEST,
    Condition.REQUESTER,
    Condition.WINDOW,
    Condition.HOURS,
    Condition.TICKET,
]


def a_ruled_policy(rule: AutoApproval | None = RULE, **changes: Any) -> Policy:
    return a_policy(**{"auto_approve": rule, "justification": TICKETS, **changes})


def held(decision: AutoDecision, holds: bool | None) -> list[Condition]:
    return [one.condition for one in decision.checked if one.holds is holds]


def test_a_request_that_meets_every_condition_is_approved() -> None:
    decision = decide_auto(a_ruled_policy(), FACTS)

    assert decision.approves
    assert decision.secret == SECRET
    assert held(decision, holds=True) == ALL


@pytest.mark.parametrize(
    ("changed", "failed"),
    [
        ({"for_another": True}, [Condition.FOR_ONESELF]),
        ({"starts_later": True}, [Condition.AT_ONCE]),
        ({"person": None}, [Condition.KNOWN]),
        ({"requesters": None}, [Condition.KNOWN]),
        ({"person": replace(in_directory(DANA), guest=True)}, [Condition.NO_GUEST]),
        ({"person": replace(in_directory(DANA), guest=None)}, [Condition.NO_GUEST]),
        ({"person": in_directory(EVE)}, [Condition.REQUESTER]),
        ({"requesters": NO_ONE}, [Condition.REQUESTER]),
        ({"window": 31 * MINUTE}, [Condition.WINDOW]),
        ({"at": NINE + 8 * HOUR}, [Condition.HOURS]),
        ({"at": NINE - timedelta(days=1)}, [Condition.HOURS]),
        ({"justification": "smoke test"}, [Condition.TICKET]),
        ({"justification": ""}, [Condition.TICKET]),
    ],
)
def test_one_condition_that_fails_is_enough_to_ask_approvers(
    changed: dict[str, Any], failed: list[Condition]
) -> None:
    decision = decide_auto(a_ruled_policy(), replace(FACTS, **changed))

    assert not decision.approves
    assert not decision.could_approve
    assert held(decision, holds=False) == failed


def test_a_secret_that_needs_two_approvals_is_never_approved_by_rule() -> None:
    decision = decide_auto(a_ruled_policy(min_approvals=2), FACTS)

    assert held(decision, holds=False) == [Condition.ONE_APPROVAL]
    assert not decision.approves


def test_a_secret_that_asks_for_a_fresh_sign_in_is_never_approved_by_rule() -> None:
    confirmed = StepUpRule(required=True, acts=(StepUpAct.BREAK_GLASS,))

    decision = decide_auto(a_ruled_policy(step_up=confirmed), FACTS)

    assert held(decision, holds=False) == [Condition.NO_STEP_UP]
    assert not decision.approves


def test_without_a_ticket_pattern_no_justification_names_a_ticket() -> None:
    decision = decide_auto(a_ruled_policy(justification=JustificationRule()), FACTS)

    assert held(decision, holds=False) == [Condition.TICKET]


def test_a_rule_that_sets_no_hours_and_no_ticket_does_not_check_them() -> None:
    rule = replace(RULE, hours=None, ticket=False)
    facts = replace(FACTS, at=NINE + 12 * HOUR, justification="")

    decision = decide_auto(a_ruled_policy(rule), facts)

    assert decision.approves
    assert held(decision, holds=True) == ALL[:-2]


def test_a_requester_named_by_object_id_is_one_of_them() -> None:
    with_letters = replace(in_directory(DANA), object_id="abcdef00-0000-4000-8000-000000000001")
    rule = replace(RULE, requesters=(with_letters.object_id.upper(),))
    facts = replace(FACTS, person=with_letters, requesters=NO_ONE)

    assert decide_auto(a_ruled_policy(rule), facts).approves


def test_a_secret_without_a_rule_is_left_to_its_approvers() -> None:
    decision = decide_auto(a_ruled_policy(None), FACTS)

    assert not decision.approves
    assert not decision.could_approve
    assert decision == AutoDecision(SECRET)


def test_a_dry_run_leaves_open_what_is_still_to_be_typed() -> None:
    decision = decide_auto(a_ruled_policy(), replace(FACTS, window=None, justification=None))

    assert not decision.approves
    assert decision.could_approve
    assert held(decision, holds=None) == [Condition.WINDOW, Condition.TICKET]


def test_of_several_secrets_every_one_needs_a_rule_that_approves() -> None:
    yes = decide_auto(a_ruled_policy(), FACTS)
    no = decide_auto(a_ruled_policy(None), FACTS)

    assert approves_all([yes, yes])
    assert not approves_all([yes, no])
    assert not approves_all([])


@pytest.mark.parametrize(("memberships", "approves"), [({"group-1"}, True), (set(), False)])
def test_a_member_of_a_named_group_is_a_named_requester(
    memberships: set[str], approves: bool
) -> None:
    named = Principals(groups=(Group("group-1", "Payments on call"),))
    facts = replace(FACTS, requesters=named, memberships=frozenset(memberships))
    rule = replace(RULE, requesters=("group:Payments on call",))

    assert decide_auto(a_ruled_policy(rule), facts).approves is approves
