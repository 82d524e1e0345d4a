"""How two sets of rules differ."""

from dataclasses import replace
from typing import Any

import pytest

from domain.policies.differences import (
    FOUR_EYES,
    REQUESTABLE,
    ROTATED,
    Difference,
    differences,
)
from domain.policies.fields import Plain
from domain.policies.rule import Rule, Rules
from tests.support.builders import ADA, BO, HOUR, VAULT, a_policy, email_of
from tests.support.rotation.builders import LITERAL, a_rotation_policy

ADAS, BOS = email_of(ADA), email_of(BO)


def rules(*those: Rule, **changes: Any) -> Rules:
    return Rules(defaults=a_policy(), rules=those, **changes)


def a_rule(name: str, **changes: Any) -> Rule:
    return Rule(name, a_policy(secret=name, **changes))


def rotated(name: str, **changes: Any) -> Rule:
    return Rule(name, None, a_rotation_policy(secret=name, **changes))


def said(before: Rules, after: Rules) -> list[tuple[str, str, bool]]:
    """Return the secrets, the field, and whether it widens."""
    return [(" ".join(one.secrets), one.field, one.widens) for one in differences(before, after)]


def test_the_same_rules_do_not_differ() -> None:
    some = rules(a_rule("a"), a_rule("b-*"), rotated("c"))

    assert differences(some, some) == ()


def test_a_changed_field_is_told_with_both_values() -> None:
    found = differences(rules(a_rule("a")), rules(a_rule("a", approvers=(ADAS,), longest=8 * HOUR)))

    assert found == (
        Difference(secrets=("a",), field="longest", before=14_400, after=28_800, widens=True),
        Difference(
            secrets=("a",), field="approvers", before=(ADAS, BOS), after=(ADAS,), widens=False
        ),
    )


def test_secrets_that_change_alike_are_told_together() -> None:
    before = rules(*(a_rule(name) for name in "abc"))
    after = rules(a_rule("a", min_approvals=2), a_rule("b", min_approvals=2), a_rule("c"))

    assert said(before, after) == [("a b", "min_approvals", False)]


def test_a_new_secret_is_described_and_nothing_unusual_in_its_rule_is_left_out() -> None:
    after = rules(a_rule("a", break_glass=(BOS,)))

    assert said(rules(), after) == [
        ("a", REQUESTABLE, True),
        ("a", "approvers", True),
        ("a", "longest", True),
        ("a", "scope_kind", True),
        ("a", "break_glass", True),
    ]


def test_of_a_new_secret_there_are_no_values_before() -> None:
    found = differences(rules(), rules(a_rule("a")))

    assert [(one.field, one.before, one.is_new) for one in found] == [
        (REQUESTABLE, False, False),
        ("approvers", None, True),
        ("longest", None, True),
        ("scope_kind", None, True),
    ]


def test_a_new_secret_is_compared_with_what_was_usual_before() -> None:
    before = Rules(defaults=a_policy(), rules=())
    after = Rules(defaults=a_policy(allow_locked=True), rules=(a_rule("a", allow_locked=True),))

    assert ("a", "allow_locked", True) in said(before, after)


def test_a_removed_secret_can_no_longer_be_requested() -> None:
    assert said(rules(a_rule("a")), rules()) == [("a", REQUESTABLE, False)]


def test_a_secret_with_its_own_rule_is_compared_with_the_pattern_that_covered_it() -> None:
    before, after = rules(a_rule("prod-*")), rules(a_rule("prod-a", longest=HOUR), a_rule("prod-*"))

    assert said(before, after) == [("prod-a", "longest", False)]


def test_a_secret_that_loses_its_own_rule_is_compared_with_the_pattern_that_covers_it_now() -> None:
    before, after = rules(a_rule("prod-a", longest=HOUR), a_rule("prod-*")), rules(a_rule("prod-*"))

    assert said(before, after) == [("prod-a", "longest", True)]


def test_a_name_in_another_case_is_the_same_secret() -> None:
    assert said(rules(a_rule("App-Key")), rules(a_rule("app-key"))) == []


@pytest.mark.parametrize(("before", "after"), [("*", "prod-*"), ("prod-*", "*")])
def test_another_order_of_patterns_gives_a_secret_another_rule(before: str, after: str) -> None:
    wide, strict = a_rule("*"), a_rule("prod-*", longest=HOUR)
    orders = {"*": rules(wide, strict), "prod-*": rules(strict, wide)}

    found = said(orders[before], orders[after])

    assert found == [("prod-*", "longest", after == "*")]


def test_patterns_that_only_overlap_are_told_as_what_they_share() -> None:
    one, other = a_rule("a*"), a_rule("*b", longest=8 * HOUR)

    assert said(rules(one, other), rules(other, one)) == [("a* & *b", "longest", True)]


def test_a_new_rotation_and_what_it_updates_widen() -> None:
    assert said(rules(), rules(rotated("a", dependents=(LITERAL,)))) == [
        ("a", ROTATED, True),
        ("a", "rotation.issuer", True),
        ("a", "rotation.dependents", True),
    ]


def test_a_removed_rotation_widens_because_what_somebody_read_stays_valid() -> None:
    assert said(rules(rotated("a")), rules()) == [("a", ROTATED, True)]


def test_with_one_field_of_a_rotation_the_others_wait_except_for_the_second_admin() -> None:
    before = rotated("a", overlap=2 * HOUR)
    after = rotated("a", overlap=HOUR, dependents=(LITERAL,), second_admin=True)

    assert said(rules(before), rules(after)) == [
        ("a", "rotation.dependents", True),
        ("a", "rotation.overlap", True),
        ("a", "rotation.second_admin", False),
    ]


def test_a_second_admin_who_is_no_longer_asked_widens_whatever_else_does() -> None:
    before = rotated("a", overlap=HOUR, second_admin=True)

    found = differences(rules(before), rules(rotated("a", overlap=2 * HOUR)))

    assert {(one.field, one.widens) for one in found} == {
        ("rotation.overlap", True),
        ("rotation.second_admin", True),
    }


def test_a_rotation_that_leaves_the_old_value_valid_for_less_time_does_not_widen() -> None:
    before, after = rotated("a", overlap=2 * HOUR), rotated("a", overlap=HOUR)

    assert said(rules(before), rules(after)) == [("a", "rotation.overlap", False)]


@pytest.mark.parametrize("is_on", [True, False])
def test_to_stop_asking_admins_widens(is_on: bool) -> None:
    found = said(rules(four_eyes=is_on), rules(four_eyes=not is_on))

    assert found == [("", FOUR_EYES, is_on)]


def whole(field: str, before: Plain, after: Plain, **more: bool) -> Difference:
    """Build a difference of the secret a."""
    kinds = {"widens": True, **more}
    return Difference(secrets=("a",), field=field, before=before, after=after, **kinds)


def test_a_new_secret_is_told_with_what_describes_it() -> None:
    assert differences(rules(), rules(a_rule("a"))) == (
        whole(REQUESTABLE, before=False, after=True),
        whole("approvers", None, (ADAS, BOS), is_new=True),
        whole("longest", None, 14_400, is_new=True),
        whole("scope_kind", None, "vault", is_new=True),
    )


def test_a_removed_secret_widens_nothing() -> None:
    removed = whole(REQUESTABLE, before=True, after=False, widens=False)

    assert differences(rules(a_rule("a")), rules()) == (removed,)


def test_a_new_rotation_is_told_with_what_is_unusual_in_it() -> None:
    after = rules(rotated("a", overlap=2 * HOUR, second_admin=True))

    assert differences(rules(), after) == (
        whole(ROTATED, before=False, after=True),
        whole("rotation.issuer", None, "random", is_new=True),
        whole("rotation.dependents", None, (), is_new=True),
        whole("rotation.overlap", None, 7_200, is_new=True),
        whole("rotation.second_admin", None, after=True, is_new=True),
    )


def test_a_changed_rotation_is_told_with_both_values() -> None:
    before, after = rotated("a", overlap=2 * HOUR), rotated("a", overlap=HOUR)

    assert differences(rules(before), rules(after)) == (
        whole("rotation.overlap", 7_200, 3_600, widens=False),
    )


def test_a_removed_rotation_is_told_as_such() -> None:
    removed = whole(ROTATED, before=True, after=False)

    assert differences(rules(rotated("a")), rules()) == (removed,)


def test_whether_admins_are_asked_is_about_the_file_and_comes_first_if_it_widens() -> None:
    before, after = rules(a_rule("a"), four_eyes=True), rules(a_rule("a", longest=8 * HOUR))

    first, second = differences(before, after)

    assert first == Difference(secrets=(), field=FOUR_EYES, before=True, after=False, widens=True)
    assert second.secrets == ("a",)


def test_a_rotation_in_a_vault_of_its_own_is_told_with_it() -> None:
    other = replace(VAULT, resource_id="/other")

    fields = [one.field for one in differences(rules(), rules(rotated("a", vault=other)))]

    assert "rotation.vault" in fields
