"""The rules in force while a file waits for an admin."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.access.rules.policy import Policy
from domain.policies.differences import differences
from domain.policies.fields import ACCESS, ROTATION, Comparison
from domain.policies.held import held, shared_name
from domain.policies.rule import Rule, Rules
from domain.rotation.policy import RotationPolicy
from tests.domain.policies.values import ACCESS_CASES, OTHERS, ROTATION_CASES, Case
from tests.support.builders import ADA, HOUR, a_policy, email_of
from tests.support.rotation.builders import FLOATING, LITERAL, a_rotation_policy, monthly

SECRETS = ["prod-a", "prod-b", "dev-a", "a", "unheard-of"]
NAMES = ["prod-a", "PROD-A", "dev-a", "prod-*", "*-a", "*"]


def values_of(cases: Mapping[str, list[Case]], name: str) -> st.SearchStrategy[Any]:
    return st.sampled_from([value for case in cases[name] for value in case])


def changes_of(cases: Mapping[str, list[Case]]) -> st.SearchStrategy[dict[str, Any]]:
    return st.fixed_dictionaries({}, optional={name: values_of(cases, name) for name in cases})


ACCESS_RULES = st.none() | changes_of(ACCESS_CASES).map(lambda each: a_policy(**each))
ROTATION_RULES = st.none() | changes_of(ROTATION_CASES).map(lambda each: a_rotation_policy(**each))


@st.composite
def some_rules(draw: st.DrawFn) -> Rules:
    names = draw(st.lists(st.sampled_from(NAMES), unique_by=str.lower, max_size=4))
    rules = []
    for name in sorted(names, key=lambda one: "*" in one):
        rotation = None if "*" in name else draw(ROTATION_RULES)
        access = draw(ACCESS_RULES)
        rules.append(Rule(name, access and replace(access, secret=name), rotation))
    return Rules(defaults=a_policy(), rules=tuple(rules), four_eyes=True)


def allows_no_more(compared: Mapping[str, Comparison], policy: Any, than: Any) -> None:
    """Require that each field is as before, or narrower."""
    for name, field in compared.items():
        now, before = getattr(policy, name), getattr(than, name)
        assert field.narrower(before, now) == now, name


@given(some_rules(), some_rules())
def test_until_it_is_accepted_a_file_allows_nothing_more(accepted: Rules, waiting: Rules) -> None:
    in_force = held(accepted, waiting)

    for secret in SECRETS:
        before, now = accepted.of(secret), in_force.of(secret)
        if now and now.access:
            assert before
            assert before.access
            allows_no_more(ACCESS, now.access, before.access)
        if now and now.rotation:
            assert before
            assert before.rotation
            allows_no_more(ROTATION, now.rotation, before.rotation)


@given(some_rules(), some_rules())
def test_access_is_never_wider_than_the_waiting_file_where_they_compare(
    accepted: Rules, waiting: Rules
) -> None:
    in_force = held(accepted, waiting)

    for secret in SECRETS:
        after, now = waiting.of(secret), in_force.of(secret)
        if now and now.access:
            assert after
            assert after.access
            for name in ("approvers", "requesters", "longest", "min_approvals", "break_glass"):
                field = ACCESS[name]
                narrowed = field.narrower(getattr(after.access, name), getattr(now.access, name))
                assert narrowed == getattr(now.access, name), name


@given(some_rules(), some_rules())
def test_a_file_that_widens_nothing_is_in_force_as_it_is(accepted: Rules, after: Rules) -> None:
    if any(one.widens for one in differences(accepted, after)):
        return
    in_force = held(accepted, after)

    for secret in SECRETS:
        assert _access(in_force, secret) == _access(after, secret)


def _access(rules: Rules, secret: str) -> Policy | None:
    rule = rules.of(secret)
    if rule is None or rule.access is None:
        return None
    shortest = min(rule.access.shortest, rule.access.longest)
    return replace(rule.access, shortest=shortest)


def rules(*those: Rule) -> Rules:
    return Rules(defaults=a_policy(), rules=those, four_eyes=True)


def met(before: Policy | None, after: Policy | None) -> Policy | None:
    rule = held(rules(Rule("a", before)), rules(Rule("a", after))).of("a")
    return rule.access if rule else None


def met_rotation(before: RotationPolicy | None, after: RotationPolicy | None) -> Any:
    rule = held(rules(Rule("a", None, before)), rules(Rule("a", None, after))).of("a")
    return rule.rotation if rule else None


def test_each_field_has_the_narrower_value() -> None:
    before = a_policy(longest=HOUR, min_approvals=2)
    after = a_policy(longest=2 * HOUR, min_approvals=3)

    assert met(before, after) == a_policy(longest=HOUR, min_approvals=3)


def test_a_secret_that_is_new_or_removed_cannot_be_requested() -> None:
    assert met(None, a_policy()) is None
    assert met(a_policy(), None) is None


def test_if_no_one_may_request_by_both_files_it_cannot_be_requested() -> None:
    before, after = a_policy(requesters=OTHERS), a_policy(requesters=(email_of(ADA),))

    assert met(before, after) is None


def test_the_shortest_access_is_never_longer_than_the_longest() -> None:
    after = a_policy(shortest=3 * HOUR, longest=4 * HOUR)

    policy = met(a_policy(longest=HOUR), after)

    assert policy
    assert policy.shortest == policy.longest == HOUR


@pytest.mark.parametrize(
    ("before", "after", "expected"),
    [
        ({"schedule": monthly()}, {"schedule": None}, {"schedule": monthly()}),
        ({}, {"schedule": monthly()}, {"schedule": monthly()}),
        (
            {"dependents": (LITERAL,)},
            {"dependents": (LITERAL, FLOATING), "schedule": monthly()},
            {"dependents": (LITERAL,)},
        ),
        (
            {"issuer": "random"},
            {"issuer": "app-registration", "second_admin": True},
            {"issuer": "random", "second_admin": True},
        ),
    ],
)
def test_a_rotation_rule_that_widens_waits_as_a_whole(
    before: dict[str, Any], after: dict[str, Any], expected: dict[str, Any]
) -> None:
    found = met_rotation(a_rotation_policy(**before), a_rotation_policy(**after))

    assert found == a_rotation_policy(**expected)


def test_a_secret_that_another_pattern_covers_has_the_narrower_of_the_two() -> None:
    wide, strict = Rule("*", a_policy()), Rule("prod-*", a_policy(longest=HOUR))
    in_force = held(rules(strict, wide), rules(wide))

    found = {secret: in_force.of(secret) for secret in ("prod-a", "dev-a")}

    assert {name: rule and rule.access and rule.access.longest for name, rule in found.items()} == {
        "prod-a": HOUR,
        "dev-a": 4 * HOUR,
    }


def test_the_list_names_what_can_be_requested() -> None:
    before = rules(Rule("a", a_policy(secret="a")), Rule("prod-*", a_policy(secret="prod-*")))
    after = rules(Rule("b", a_policy(secret="b")), Rule("*", a_policy(secret="*")))

    listed = [rule.access.secret for rule in held(before, after).rules if rule.access]

    assert listed == ["a", "prod-*"]


def test_while_a_file_waits_everything_else_stays_as_accepted() -> None:
    accepted = replace(rules(Rule("a", a_policy())), stand_in=True)
    waiting = Rules(defaults=a_policy(longest=HOUR), rules=())

    in_force = held(accepted, waiting)

    assert in_force.defaults == accepted.defaults
    assert (in_force.four_eyes, in_force.stand_in) == (True, True)
    assert (in_force.accepted, in_force.waiting) == (accepted, waiting)


def test_what_is_listed_has_the_rule_in_force_and_the_newest_spelling() -> None:
    rotation = a_rotation_policy()
    before = rules(
        Rule("Key", a_policy(secret="Key"), rotation, "old"), Rule("a*", None, None, "old")
    )
    after = rules(
        Rule("key", a_policy(secret="key", longest=HOUR), rotation, "new"),
        Rule("ab*", None, None, "new"),
    )

    exact, *patterns = held(before, after).rules

    assert exact == Rule("key", a_policy(secret="key", longest=HOUR), rotation)
    assert exact.table == "new"
    assert {(rule.name, rule.table) for rule in patterns} == {("ab*", "new"), ("a*", "old")}


@pytest.mark.parametrize(
    ("old", "new", "expected"),
    [
        ("a*", None, "a*"),
        (None, "b*", "b*"),
        (None, None, ""),
        ("ab*", "a*", "ab*"),
        ("a*", "ab*", "ab*"),
        ("a*", "*b", "a* & *b"),
    ],
)
def test_what_two_patterns_share_is_named_by_the_narrower_one(
    old: str | None, new: str | None, expected: str
) -> None:
    assert shared_name((old and Rule(old)) or None, (new and Rule(new)) or None) == expected


def test_a_rotation_that_is_removed_stays_while_that_waits() -> None:
    assert met_rotation(a_rotation_policy(), None) == a_rotation_policy()
    assert met_rotation(None, a_rotation_policy()) is None
