"""What a change of the rules means, in words."""

from dataclasses import fields

import pytest

from cards.operations.policy_words import WORDS, sentence, sentences
from domain.access.rules.policy import Policy
from domain.policies.differences import (
    FOUR_EYES,
    OF_ROTATION,
    REQUESTABLE,
    ROTATED,
    Difference,
    differences,
)
from domain.policies.fields import NAMES, Plain
from domain.policies.rule import Rule, Rules
from domain.rotation.policy import RotationPolicy
from tests.domain.policies.values import ACCESS_CASES, ROTATION_CASES
from tests.support.builders import a_policy
from tests.support.rotation.builders import a_rotation_policy

EACH = [
    *(("", name, number) for name, cases in ACCESS_CASES.items() for number, _ in enumerate(cases)),
    *(
        (OF_ROTATION, name, number)
        for name, cases in ROTATION_CASES.items()
        for number, _ in enumerate(cases)
    ),
]


def a_difference(field: str, before: Plain, after: Plain, *secrets: str) -> Difference:
    return Difference(
        secrets=secrets or ("demo-api-key",),
        field=field,
        before=before,
        after=after,
        widens=True,
        is_new=before is None,
    )


def rules_with(field: str, value: object, *, of_rotation: bool) -> Rules:
    access = a_policy() if of_rotation else a_policy(**{field: value})
    rotation = a_rotation_policy(**({field: value} if of_rotation else {}))
    rule = Rule("demo-api-key", access, rotation)
    return Rules(defaults=a_policy(), rules=(rule,))


def test_there_are_words_for_every_field() -> None:
    names = [field.name for field in fields(Policy)]
    names += [f"{OF_ROTATION}{field.name}" for field in fields(RotationPolicy)]
    unsaid = {*NAMES, *(f"{OF_ROTATION}{name}" for name in NAMES)}

    assert set(WORDS) == ({*names} - unsaid) | {FOUR_EYES, REQUESTABLE, ROTATED}


def test_every_change_is_said_with_both_values(snapshot: object) -> None:
    said = {}
    for prefix, field, number in EACH:
        case = (ROTATION_CASES if prefix else ACCESS_CASES)[field][number]
        before, after = [rules_with(field, value, of_rotation=bool(prefix)) for value in case]
        found = (*differences(before, after), *differences(after, before))
        said[f"{prefix}{field} {number}"] = sentences(found)

    assert said == snapshot


@pytest.mark.parametrize(
    ("difference", "expected"),
    [
        (
            a_difference("approvers", ("avery@x",), ("avery@x", "robin@x"), "payments-api-key"),
            "avery@x and robin@x can approve payments-api-key (before: avery@x)",
        ),
        (
            a_difference("longest", 14_400, 28_800),
            "demo-api-key: at most 8 hours instead of 4 hours",
        ),
        (a_difference("requesters", ("avery@x",), ()), "everyone can request demo-api-key "),
        (a_difference(REQUESTABLE, False, True, "a", "b"), "a and b: can be requested"),
        (a_difference("approvers", None, ("avery@x",)), "avery@x can approve demo-api-key"),
        (
            a_difference("auto_approve", None, ("dana@x", "max = 30m", "ticket = true")),
            "demo-api-key: approved by rule: dana@x, at most 30 minutes and with a ticket",
        ),
        (
            a_difference("approvers", None, ("avery@x", "+20"), "a", "+2"),
            "avery@x and 20 more can approve a and 2 more",
        ),
        (
            a_difference("approvers", None, ("avery@x", "20 more"), "a", "2 more"),
            "avery@x and 20 more can approve a and 2 more",
        ),
        (a_difference("of_a_newer_version", 1, 2), "demo-api-key: of_a_newer_version 2 "),
    ],
)
def test_it_says_who_can_do_what(difference: Difference, expected: str) -> None:
    assert sentence(difference).startswith(expected)


def test_one_line_has_no_line_breaks_and_is_never_long() -> None:
    (said,) = sentences([a_difference("role", "a\nb", "x" * 5_000)])

    assert "\n" not in said
    assert len(said) == 400
