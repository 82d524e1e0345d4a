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
def test_a_run_that_is_due_is_due_once_however_late(late: timedelta) -> None:
    assert next_move(a_schedule(), NOON + late) == Move("run")


def test_jitter_counts_and_the_expression_alone_does_not() -> None:
    jittered = a_schedule(next_run=NOON, run_at=NOON + MINUTE)

    assert next_move(jittered, NOON) == Wait(NOON + MINUTE)


@pytest.mark.parametrize(
    "schedule",
    [
        a_schedule(next_run=NINE + 9 * DAY, run_at=NINE + 9 * DAY),
        a_schedule(next_run=None, run_at=None),
    ],
)
def test_the_expiry_is_looked_at_in_between(schedule: ScheduledRotation) -> None:
    assert next_move(schedule, NINE) == Wait(NINE + DAY)
    assert next_move(schedule, NINE + DAY) == Move("check the expiry")


def test_a_run_comes_before_a_look_at_the_expiry() -> None:
    both = a_schedule(run_at=NOON, check_at=NOON)

    assert next_move(both, NOON) == Move("run")


def test_what_failed_waits_before_it_is_tried_again() -> None:
    failing = a_schedule(attempt=1, retry_at=NOON + MINUTE)

    assert next_move(failing, NOON) == Wait(NOON + MINUTE)
    assert next_move(failing, NOON + MINUTE) == Move("run")


@pytest.mark.parametrize(
    ("lives", "is_soon_after"),
    [
        pytest.param(365 * DAY, 358 * DAY, id="a week before its end"),
        pytest.param(30 * DAY, 23 * DAY, id="likewise"),
        pytest.param(12 * DAY, 8 * DAY, id="the last third of a short life"),
        pytest.param(5 * DAY, 3 * DAY, id="two looks before its end"),
        pytest.param(DAY, timedelta(), id="always, where looks are no more often"),
    ],
)
def test_a_version_expires_soon_when_its_life_nears_its_end(
    lives: timedelta, is_soon_after: timedelta
) -> None:
    turning_point = NINE + is_soon_after

    assert expires_soon(NINE, NINE + lives, turning_point)
    assert expires_soon(NINE, NINE + lives, NINE + lives + DAY)
    assert not is_soon_after or not expires_soon(NINE, NINE + lives, turning_point - SECOND)


def test_a_version_of_unknown_age_expires_soon_a_week_before_its_end() -> None:
    assert expires_soon(None, NINE + 7 * DAY, NINE)
    assert not expires_soon(None, NINE + 7 * DAY, NINE - SECOND)


def test_an_ended_schedule_fires_nothing() -> None:
    ended = a_schedule(state=ScheduleState.ENDED)

    assert next_move(ended, NINE + 365 * DAY) == Done()
