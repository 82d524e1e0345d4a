"""What counts as more than before, field by field."""

from collections.abc import Mapping
from dataclasses import fields, replace
from typing import Any

import pytest

from domain.access.rules.policy import JustificationRule, Policy
from domain.access.rules.step_up_rule import NO_STEP_UP
from domain.policies.fields import ACCESS, NAMES, ROTATION, Comparison, Plain
from domain.rotation.policy import RotationPolicy
from domain.rotation.secret_parts import Part, PartKind
from tests.domain.policies.values import (
    ACCESS_CASES,
    CONFIRMED,
    OTHERS,
    ROTATION_CASES,
    RULE,
    TICKET,
    TWO,
    Case,
    Free,
    Wider,
)
from tests.support.builders import HOUR, VAULT
from tests.support.rotation.builders import LITERAL, monthly

KINDS = [(Policy, ACCESS, ACCESS_CASES), (RotationPolicy, ROTATION, ROTATION_CASES)]
EACH = [
    pytest.param(compared[name], case, id=f"{kind.__name__}.{name} {number}")
    for kind, compared, cases in KINDS
    for name in cases
    for number, case in enumerate(cases[name])
]

PLAIN: list[tuple[Mapping[str, Comparison], str, Any, Plain]] = [
    (ACCESS, "approvers", TWO, TWO),
    (ACCESS, "longest", HOUR, 3_600),
    (ACCESS, "escalate_after", None, None),
    (ACCESS, "vault", VAULT, VAULT.resource_id),
    (ACCESS, "guests", False, False),
    (ACCESS, "justification", JustificationRule(), ("required",)),
    (ACCESS, "justification", JustificationRule(required=False), ("optional",)),
    (ACCESS, "justification", TICKET, ("required", r"CHG\d+", "CHG4711")),
    (ACCESS, "auto_approve", None, None),
    (
        ACCESS,
        "auto_approve",
        RULE,
        (*TWO, "max = 1h", "hours = Mon-Fri 08:00-18:00 UTC", "ticket = true"),
    ),
    (ACCESS, "step_up", NO_STEP_UP, None),
    (ACCESS, "step_up", replace(CONFIRMED, contexts=("c1",)), ("approve", "c1", "5m")),
    (ROTATION, "options", (("length", "8"),), ("length = 8",)),
    (ROTATION, "dependents", (LITERAL,), (str(LITERAL),)),
    (ROTATION, "schedule", None, None),
    (ROTATION, "schedule", monthly(), "0 3 1 * * UTC"),
    (ROTATION, "part", None, None),
    (ROTATION, "part", Part(PartKind.KEY, "Password"), "key Password"),
]
"""Values, and what is recorded of them: durations in seconds, the rest as in a policy file."""


@pytest.mark.parametrize(("policy", "compared", "cases"), KINDS)
def test_every_field_is_compared(
    policy: type[Any], compared: Mapping[str, Comparison], cases: Mapping[str, list[Case]]
) -> None:
    """A new field needs a line in ``domain/policies/fields.py``, and a case in ``values.py``."""
    stored = {field.name for field in fields(policy)} - NAMES

    assert set(compared) == stored
    assert set(cases) == stored


@pytest.mark.parametrize(("field", "case"), EACH)
def test_only_what_allows_no_more_applies_at_once(field: Comparison, case: Case) -> None:
    there, back = field.narrower(*case), field.narrower(*reversed(case))

    match case:
        case Wider(narrow, _):
            assert (there, back) == (narrow, narrow)
        case Free(one, other):
            assert (there, back) == (other, one)
        case _:
            assert (there, back) == tuple(case)


@pytest.mark.parametrize(("field", "case"), EACH)
def test_the_same_value_is_no_change(field: Comparison, case: Case) -> None:
    for value in case:
        assert field.narrower(value, value) == value


def test_people_are_compared_without_regard_to_case() -> None:
    approvers = ACCESS["approvers"]

    assert approvers.narrower(("Ada@Contoso.Example",), ("ada@contoso.example",)) == (
        "ada@contoso.example",
    )


def test_groups_of_which_only_the_case_differs_may_be_two() -> None:
    assert ACCESS["approvers"].narrower(("group:ops",), ("group:Ops",)) == ()


def test_replaced_people_are_gone_at_once_and_the_new_ones_wait() -> None:
    assert ACCESS["approvers"].narrower(TWO, (TWO[0], *OTHERS)) == (TWO[0],)


@pytest.mark.parametrize(("compared", "name", "value", "plain"), PLAIN)
def test_a_value_is_recorded_as_in_a_policy_file(
    compared: Mapping[str, Comparison], name: str, value: object, plain: Plain
) -> None:
    assert compared[name].plain(value) == plain
