"""What counts as more than before, field by field."""

from collections.abc import Mapping
from dataclasses import fields
from typing import Any

import pytest

from domain.access.policy import Policy
from domain.policies.fields import ACCESS, NAMES, ROTATION, Comparison
from domain.rotation.policy import RotationPolicy
from tests.domain.policies.values import (
    ACCESS_CASES,
    OTHERS,
    ROTATION_CASES,
    TWO,
    Case,
    Free,
    Wider,
)

KINDS = [(Policy, ACCESS, ACCESS_CASES), (RotationPolicy, ROTATION, ROTATION_CASES)]
EACH = [
    pytest.param(compared[name], case, id=f"{kind.__name__}.{name} {number}")
    for kind, compared, cases in KINDS
    for name in cases
    for number, case in enumerate(cases[name])
]


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
