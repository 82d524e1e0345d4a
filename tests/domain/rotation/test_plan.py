"""When a plan says that a rotation would stop."""

from dataclasses import replace

from domain.reasons import as_written
from domain.rotation.plan import PlannedDependent
from domain.rotation.rotation import Shape
from tests.cards.rotation_scenarios import LITERAL, a_plan

DRIFTED = as_written("Drift.")


def test_a_plan_without_errors_is_not_blocked() -> None:
    assert not a_plan().is_blocked


def test_an_error_in_one_dependent_blocks_it() -> None:
    well, drifted = (PlannedDependent(LITERAL, Shape.LITERAL, fault) for fault in (None, DRIFTED))

    assert a_plan(well, drifted).is_blocked


def test_an_error_in_the_secret_blocks_it() -> None:
    assert replace(a_plan(), faults=(as_written("It is disabled."),)).is_blocked
