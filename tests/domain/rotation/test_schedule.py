"""What a schedule needs next."""

from datetime import timedelta

import pytest

from domain.rotation.schedule import ScheduledRotation, ScheduleState, expires_soon, next_move
from domain.workflow import Done, Move, Wait
from tests.support.builders import HOUR, MINUTE, SECOND
from tests.support.clock import NINE
from tests.support.rotation_builders import DAY, a_schedule

NOON = NINE + 3 * HOUR


def test_a_run_waits_for_its_time() -> None:
    assert next_move(a_schedule(), NINE) == Wait(NOON)
    assert next_move(a_schedule(), NOON - SECOND) == Wait(NOON)


@pytest.mark.parametrize("late", [timedelta(), MINUTE, 90 * DAY])
def test_a_due_run_happens_once_however_late(late: timedelta) -> None:
    assert next_move(a_schedule(), NOON + late) == Move("run")


def test_the_run_time_with_jitter_counts() -> None:
    jittered = a_schedule(next_run=NOON, run_at=NOON + MINUTE)

    assert next_move(jittered, NOON) == Wait(NOON + MINUTE)


@pytest.mark.parametrize(
    "schedule",
    [
        a_schedule(next_run=NINE + 9 * DAY, run_at=NINE + 9 * DAY),
        a_schedule(next_run=None, run_at=None),
    ],
)
def test_the_expiry_is_checked_in_between(schedule: ScheduledRotation) -> None:
    assert next_move(schedule, NINE) == Wait(NINE + DAY)
    assert next_move(schedule, NINE + DAY) == Move("check")


def test_a_run_comes_before_an_expiry_check() -> None:
    both = a_schedule(run_at=NOON, check_at=NOON)

    assert next_move(both, NOON) == Move("run")


def test_a_failed_move_waits_before_the_retry() -> None:
    failing = a_schedule(attempt=1, retry_at=NOON + MINUTE)

    assert next_move(failing, NOON) == Wait(NOON + MINUTE)
    assert next_move(failing, NOON + MINUTE) == Move("run")


@pytest.mark.parametrize(
    ("lives", "is_soon_after"),
    [
        pytest.param(365 * DAY, 358 * DAY, id="a week before its expiry"),
        pytest.param(30 * DAY, 23 * DAY, id="a week before its expiry too"),
        pytest.param(12 * DAY, 8 * DAY, id="the last third of a short life"),
        pytest.param(5 * DAY, 3 * DAY, id="two checks before its expiry"),
        pytest.param(DAY, timedelta(), id="always, if checks are too rare"),
    ],
)
def test_a_version_expires_soon_near_the_end_of_its_life(
    lives: timedelta, is_soon_after: timedelta
) -> None:
    turning_point = NINE + is_soon_after

    assert expires_soon(NINE, NINE + lives, turning_point)
    assert expires_soon(NINE, NINE + lives, NINE + lives + DAY)
    assert not is_soon_after or not expires_soon(NINE, NINE + lives, turning_point - SECOND)


def test_a_version_of_unknown_age_expires_soon_a_week_before_its_expiry() -> None:
    assert expires_soon(None, NINE + 7 * DAY, NINE)
    assert not expires_soon(None, NINE + 7 * DAY, NINE - SECOND)


def test_an_ended_schedule_triggers_nothing() -> None:
    ended = a_schedule(state=ScheduleState.ENDED)

    assert next_move(ended, NINE + 365 * DAY) == Done()
