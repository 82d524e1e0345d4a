"""What of the rules nobody used."""

from collections.abc import Mapping
from typing import Any

import pytest

from domain.audit.unused import (
    Acted,
    NameInRules,
    PolicyRight,
    UnusedRight,
    unused_rights,
    unused_rules,
)
from domain.policies.rule import Rule, Rules
from tests.support.builders import a_policy

ADA, BO = NameInRules("Ada", frozenset({"id-ada"})), NameInRules("Bo", frozenset({"id-bo"}))
LEFT = NameInRules("left@x", frozenset(), is_known=False)
TEAM = NameInRules("Team", frozenset({"id-ada", "id-eve"}))
NAMED: Mapping[str, NameInRules] = {"ada@x": ADA, "bo@x": BO, "left@x": LEFT, "group:team": TEAM}


def rules(*names: str, **terms: Any) -> Rules:
    policy = a_policy(**({"approvers": ()} | terms))
    return Rules(defaults=policy, rules=tuple(Rule(name, policy) for name in names))


def unused(given: Rules, acted: Acted | None = None) -> list[tuple[str, str, tuple[str, ...]]]:
    found = unused_rights(given, acted or {}, NAMED)
    return [(one.name, str(one.right), one.rules) for one in found]


def test_rules_without_access_are_unused_exact_ones_and_patterns() -> None:
    found = unused_rules(rules("one", "two", "app-*", "dev-*"), {"two", "dev-*"})

    assert [rule.name for rule in found] == ["one", "app-*"]


def test_a_rule_that_lets_nobody_request_is_not_called_unused() -> None:
    assert unused_rules(Rules(defaults=a_policy(), rules=(Rule("rotated"),)), set()) == ()


def test_a_rule_that_lets_nobody_request_gives_no_rights() -> None:
    assert unused(Rules(defaults=a_policy(), rules=(Rule("rotated"),))) == []


@pytest.mark.parametrize("right", list(PolicyRight))
def test_who_never_used_a_right_is_found(right: PolicyRight) -> None:
    given = rules("one", "two", **{str(right): ("ada@x", "Bo@x")})

    found = unused(given, {("one", right): {"id-ada"}})

    assert found == [("Ada", str(right), ("two",)), ("Bo", str(right), ("one", "two"))]


def test_using_one_right_is_not_using_another() -> None:
    given = rules("one", requesters=("ada@x",), approvers=("ada@x",))

    assert unused(given, {("one", PolicyRight.APPROVE): {"id-ada"}}) == [
        ("Ada", "requesters", ("one",))
    ]


def test_someone_named_twice_is_listed_once() -> None:
    assert unused(rules("one", approvers=("ada@x", "ADA@x"))) == [("Ada", "approvers", ("one",))]


def test_a_group_is_used_by_any_of_its_members() -> None:
    given = rules("one", "two", requesters=("group:Team",))

    assert unused(given, {("one", PolicyRight.REQUEST): {"id-eve"}}) == [
        ("Team", "requesters", ("two",))
    ]


def test_nothing_is_said_about_people_who_could_not_be_looked_up() -> None:
    assert unused(rules("one", approvers=("who@x",))) == []


def test_it_says_under_how_many_rules_and_whether_the_directory_has_the_name() -> None:
    given = rules("one", "two", approvers=("ada@x", "left@x"))

    found = unused_rights(given, {("one", PolicyRight.APPROVE): {"id-ada"}}, NAMED)

    assert found == (
        UnusedRight(PolicyRight.APPROVE, "ada@x", "Ada", ("two",), of=2, is_known=True),
        UnusedRight(PolicyRight.APPROVE, "left@x", "left@x", ("one", "two"), of=2, is_known=False),
    )
    assert [one.is_never_used for one in found] == [False, True]
