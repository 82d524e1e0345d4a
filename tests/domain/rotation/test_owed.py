"""When an owed rotation begins, and which other rotation makes it unnecessary."""

from dataclasses import replace

from domain.rotation.owed import OwedEffect, OwedRotation, OwedState, next_move, serves
from domain.rotation.rotation import Rotation, RotationState, Step, StepRecord, StepStatus
from domain.workflow import Done, Move, Wait
from tests.support.builders import MINUTE
from tests.support.clock import NINE
from tests.support.rotation.builders import ROTATED, a_rotation_at, an_overlapping_rotation

OWED = OwedRotation(
    id="owed-rot-two",
    state=OwedState.OWED,
    secret=ROTATED,
    rotation_id="rot-two",
    detail="req-one, Dana",
    since=NINE,
)


def _verified(**changes: object) -> Rotation:
    rotation = an_overlapping_rotation(**changes)
    verified = StepRecord(Step.VERIFY, StepStatus.DONE, NINE + MINUTE)
    return replace(rotation, records=(*rotation.records, verified))


def test_an_owed_rotation_begins_when_it_is_due_or_at_its_retry_time() -> None:
    put_off = replace(OWED, retry_at=NINE + MINUTE)

    assert next_move(OWED, NINE - MINUTE) == Wait(NINE)
    assert next_move(OWED, NINE) == Move(OwedEffect.BEGIN)
    assert next_move(put_off, NINE) == Wait(NINE + MINUTE)
    assert next_move(put_off, NINE + MINUTE) == Move(OwedEffect.BEGIN)


def test_a_settled_one_is_done() -> None:
    assert next_move(replace(OWED, state=OwedState.SETTLED), NINE) == Done()


def test_a_rotation_serves_if_its_value_was_issued_after_the_grant() -> None:
    assert serves(_verified(), NINE)
    assert serves(_verified(), NINE - MINUTE)


def test_a_value_issued_before_the_end_does_not_serve_even_if_deployed_later() -> None:
    assert not serves(_verified(), NINE + MINUTE)


def test_a_value_issued_after_the_end_serves_even_if_its_rotation_began_before() -> None:
    begun_before = StepRecord(Step.CAPTURE, StepStatus.DONE, NINE - MINUTE)
    rotation = _verified()
    rotation = replace(rotation, records=(begun_before, *rotation.records[1:]))

    assert serves(rotation, NINE)


def test_a_value_not_deployed_everywhere_does_not_serve() -> None:
    assert not serves(a_rotation_at(Step.VERIFY), NINE)
    assert not serves(a_rotation_at(Step.VERIFY, state=RotationState.ROLLED_BACK), NINE)
