"""What a rotation needs next in each state, and the order of its plan."""

from dataclasses import replace

import pytest

from domain.reasons import as_written
from domain.rotation.changes import fail_step, finish_step
from domain.rotation.rotation import (
    PLAN,
    AppSlot,
    Dependent,
    Rotation,
    RotationState,
    Step,
    StepRecord,
    StepStatus,
    next_move,
    step_after,
    step_before,
)
from domain.workflow import Done, Move, Wait
from tests.support.builders import HOUR, MINUTE, SECOND
from tests.support.clock import NINE
from tests.support.rotation.builders import (
    DAY,
    LITERAL,
    SLOT,
    a_pending_rotation,
    a_rotation,
    a_rotation_at,
    a_rotation_rolling_back,
    an_overlapping_rotation,
)


@pytest.mark.parametrize("step", PLAN)
def test_a_running_rotation_performs_its_step_at_once(step: Step) -> None:
    assert next_move(a_rotation_at(step), NINE) == Move("perform")


@pytest.mark.parametrize("step", PLAN)
def test_a_rollback_undoes_its_step_at_once(step: Step) -> None:
    assert next_move(a_rotation_rolling_back(step), NINE) == Move("undo")


@pytest.mark.parametrize(
    ("rotation", "effect"),
    [
        (a_rotation_at(Step.WRITE, attempt=1, retry_at=NINE + MINUTE), "perform"),
        (a_rotation_rolling_back(Step.WRITE, attempt=1, retry_at=NINE + MINUTE), "undo"),
        (a_pending_rotation(retry_at=NINE + MINUTE), "lapse"),
        (an_overlapping_rotation(overlap_until=NINE + MINUTE), "retire"),
        (an_overlapping_rotation(overlap_until=NINE, retry_at=NINE + MINUTE), "retire"),
        (
            a_rotation(state=RotationState.ROLLED_BACK, look_again_at=NINE + MINUTE),
            "look_again",
        ),
        (a_rotation(state=RotationState.ROTATED, look_again_at=NINE + MINUTE), "look_again"),
        (an_overlapping_rotation(look_again_at=NINE + MINUTE), "look_again"),
    ],
)
def test_a_postponed_move_waits_until_its_time(rotation: Rotation, effect: str) -> None:
    assert next_move(rotation, NINE + MINUTE - SECOND) == Wait(NINE + MINUTE)
    assert Move(effect) == next_move(rotation, NINE + MINUTE)
    assert Move(effect) == next_move(rotation, NINE + HOUR)


def test_the_old_version_is_left_alone_until_the_overlap_ends() -> None:
    rotation = an_overlapping_rotation()

    assert next_move(rotation, NINE) == Wait(NINE + DAY)
    assert next_move(rotation, NINE + DAY) == Move("retire")


def test_a_look_that_got_no_answer_does_not_end_the_overlap() -> None:
    rotation = an_overlapping_rotation(retry_at=NINE + MINUTE)

    assert next_move(rotation, NINE + HOUR) == Wait(NINE + DAY)


def test_at_the_end_of_the_overlap_no_look_is_needed() -> None:
    rotation = an_overlapping_rotation(look_again_at=NINE + DAY)

    assert next_move(rotation, NINE + DAY) == Move("retire")


@pytest.mark.parametrize(
    "state",
    [
        RotationState.ROTATED,
        RotationState.ROLLED_BACK,
        RotationState.NEEDS_HUMAN,
        RotationState.DENIED,
        RotationState.LAPSED,
        RotationState.ABANDONED,
    ],
)
def test_an_ended_rotation_does_nothing_more(state: RotationState) -> None:
    rotation = a_rotation(state=state, retry_at=NINE, overlap_until=NINE)

    assert next_move(rotation, NINE + 365 * DAY) == Done()


@pytest.mark.parametrize("state", RotationState)
def test_every_state_has_a_next_move(state: RotationState) -> None:
    assert isinstance(next_move(a_rotation(state=state), NINE), Move | Wait | Done)


@pytest.mark.parametrize("state", RotationState)
def test_a_rotation_blocks_others_while_it_may_change_the_current_version(
    state: RotationState,
) -> None:
    over = {
        RotationState.OVERLAPPING,
        RotationState.ROTATED,
        RotationState.ROLLED_BACK,
        RotationState.DENIED,
        RotationState.LAPSED,
        RotationState.ABANDONED,
    }

    assert a_rotation(state=state).is_over is (state in over)


def test_a_rotation_counts_as_rotated_once_everything_is_verified() -> None:
    verifying = a_rotation_at(Step.VERIFY)
    rotated = finish_step(verifying, as_written("all is well"), NINE + MINUTE).head
    failed = fail_step(verifying, as_written("503"), NINE + MINUTE, final=True, jitter=0).head

    assert verifying.rotated_at is None
    assert rotated.rotated_at == NINE + MINUTE
    assert failed.rotated_at is None


def test_a_step_has_the_record_of_its_latest_outcome() -> None:
    writing = a_rotation_at(Step.WRITE)

    found = writing.record_of(Step.ISSUE)

    assert found == StepRecord(Step.ISSUE, StepStatus.DONE, NINE, as_written("issue went well"))
    assert writing.record_of(Step.WRITE) is None


def test_the_plan_runs_forward() -> None:
    assert tuple(step_after(step) for step in PLAN) == (
        Step.ISSUE,
        Step.WRITE,
        Step.PROPAGATE,
        Step.VERIFY,
        None,
    )


def test_the_plan_is_undone_backward() -> None:
    assert tuple(step_before(step) for step in PLAN) == (
        None,
        Step.CAPTURE,
        Step.ISSUE,
        Step.WRITE,
        Step.PROPAGATE,
    )


def test_an_app_in_two_spellings_is_one_app_and_its_slot_is_another() -> None:
    app = AppSlot("sub", "rg", "checkout")

    assert {app, AppSlot("SUB", "Rg", "Checkout")} == {app}
    assert app != AppSlot("sub", "rg", "checkout", "staging")
    assert app != AppSlot("sub", "rg-two", "checkout")


def test_an_app_and_its_slot_have_different_ids() -> None:
    app = AppSlot("sub", "rg", "checkout")
    slot = AppSlot("sub", "rg", "checkout", "staging")

    assert app.id == "/subscriptions/sub/resourceGroups/rg/providers/Microsoft.Web/sites/checkout"
    assert slot.id == f"{app.id}/slots/staging"


@pytest.mark.parametrize(
    ("dependent", "name"),
    [
        (LITERAL, "checkout-api API_KEY"),
        (SLOT, "checkout-api/staging API_KEY"),
        (replace(LITERAL, kind="connection_string"), "checkout-api connection string API_KEY"),
    ],
)
def test_a_dependent_is_named_by_its_app_and_setting(dependent: Dependent, name: str) -> None:
    assert name == str(dependent)
