"""What a changed rule for approval allows, and what it says."""

from dataclasses import replace
from typing import Any

import pytest

from domain.access.rules.auto_approval import AutoApproval
from domain.access.rules.hours import parse_hours
from domain.policies.differences import differences
from domain.policies.held import held
from domain.policies.rule import Rule, Rules
from tests.support.builders import MINUTE, SECRET, a_policy

DAY, NIGHT = parse_hours("Mon-Fri 08:00-18:00 UTC"), parse_hours("Mon-Fri 18:00-08:00 UTC")
RULE = AutoApproval(
    table=SECRET, requesters=("dana@x.y", "eve@x.y"), longest=30 * MINUTE, hours=DAY, ticket=True
)


def rules(rule: AutoApproval | None) -> Rules:
    policy = a_policy(auto_approve=rule)
    return Rules(defaults=a_policy(), rules=(Rule(SECRET, policy, table=SECRET),), four_eyes=True)


def changed(**fields: Any) -> AutoApproval:
    return replace(RULE, **fields)


@pytest.mark.parametrize(
    ("before", "after", "while_it_waits"),
    [
        (None, RULE, None),
        (RULE, changed(longest=60 * MINUTE), RULE),
        (RULE, changed(ticket=False), RULE),
        (RULE, changed(hours=None), RULE),
        (RULE, changed(hours=NIGHT), RULE),
        (changed(requesters=("dana@x.y",)), RULE, changed(requesters=("dana@x.y",))),
        (RULE, changed(requesters=("bo@x.y",)), None),
    ],
    ids=[
        "a new rule",
        "longer",
        "without a ticket",
        "at any time",
        "at other times",
        "for more people",
        "for other people",
    ],
)
def test_a_rule_that_approves_more_waits_for_an_admin(
    before: AutoApproval | None, after: AutoApproval, while_it_waits: AutoApproval | None
) -> None:
    [difference] = differences(rules(before), rules(after))
    in_force = held(rules(before), rules(after)).of(SECRET)

    assert difference.field == "auto_approve"
    assert difference.widens
    assert in_force
    assert in_force.access
    assert in_force.access.auto_approve == while_it_waits


@pytest.mark.parametrize(
    "after",
    [
        None,
        changed(longest=10 * MINUTE),
        changed(requesters=("EVE@x.y",)),
    ],
    ids=["no rule", "shorter", "for fewer people"],
)
def test_a_rule_that_approves_less_applies_at_once(after: AutoApproval | None) -> None:
    [difference] = differences(rules(RULE), rules(after))
    in_force = held(rules(RULE), rules(after)).of(SECRET)

    assert not difference.widens
    assert in_force
    assert in_force.access
    assert in_force.access.auto_approve == after


def test_hours_and_a_ticket_that_a_rule_did_not_ask_for_before_apply_at_once() -> None:
    [difference] = differences(rules(changed(hours=None, ticket=False)), rules(RULE))

    assert not difference.widens


def test_the_same_rule_in_another_table_is_no_difference() -> None:
    assert differences(rules(RULE), rules(changed(table="demo-*"))) == ()


def test_a_difference_names_the_people_and_the_limits() -> None:
    [difference] = differences(rules(None), rules(RULE))

    expected = (
        "dana@x.y",
        "eve@x.y",
        "max = 30m",
        "hours = Mon-Fri 08:00-18:00 UTC",
        "ticket = true",
    )
    assert (difference.before, difference.after) == (None, expected)


def test_a_rule_says_its_conditions_in_no_language() -> None:
    expected = "requesters, max = 30m, hours = Mon-Fri 08:00-18:00 UTC, ticket = true"

    assert RULE.conditions == expected


def test_what_is_in_force_while_a_change_waits_names_its_table() -> None:
    in_force = held(rules(RULE), rules(None)).of(SECRET)

    assert in_force
    assert in_force.table == SECRET
