"""When a rotation that is owed begins, and which other one serves as well."""

from dataclasses import replace

from domain.rotation.owed import OwedEffect, OwedRotation, OwedState, next_move, serves
from domain.rotation.rotation import Rotation, RotationState, Step, StepRecord, StepStatus
from domain.workflow import Done, Move, Wait
from tests.support.builders import MINUTE
from tests.support.clock import NINE
from tests.support.rotation_builders import ROTATED, a_rotation_at, an_overlapping_rotation

OWED = OwedRotation(
    id="owed-rot-two",
    state=OwedState.OWED,
    secret=ROTATED,
    rotation_id="rot-two",
    detail="req-one of Dana",
    since=NINE,
)


def _verified(**changes: object) -> Rotation:
    rotation = an_overlapping_rotation(**changes)
    verified = StepRecord(Step.VERIFY, StepStatus.DONE, NINE + MINUTE)
    return replace(rotation, records=(*rotation.records, verified))


def test_what_is_owed_is_begun_at_once_and_when_put_off_not_before_its_time() -> None:
    put_off = replace(OWED, retry_at=NINE + MINUTE)

    assert next_move(OWED, NINE) == Move(OwedEffect.BEGIN)
    assert next_move(put_off, NINE) == Wait(NINE + MINUTE)
    assert next_move(put_off, NINE + MINUTE) == Move(OwedEffect.BEGIN)


def test_what_is_settled_is_done_with() -> None:
    assert next_move(replace(OWED, state=OwedState.SETTLED), NINE) == Done()


def test_a_rotation_serves_where_its_value_was_made_after_the_grant() -> None:
    assert serves(_verified(), NINE)
    assert serves(_verified(), NINE - MINUTE)


def test_a_value_that_was_made_before_the_end_serves_not_though_it_came_everywhere_after() -> None:
    assert not serves(_verified(), NINE + MINUTE)


def test_what_has_not_come_everywhere_serves_not() -> None:
    assert not serves(a_rotation_at(Step.VERIFY), NINE)
    assert not serves(a_rotation_at(Step.VERIFY, state=RotationState.ROLLED_BACK), NINE)
