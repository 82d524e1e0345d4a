"""What a schedule needs next."""

from datetime import timedelta

import pytest

from domain.schedule import ScheduledRotation, ScheduleState, next_move
from domain.workflow import Done, Move, Wait
from tests.support.builders import HOUR, MINUTE, SECOND
from tests.support.clock import NINE
from tests.support.rotation_builders import DAY, a_schedule

NOON = NINE + 3 * HOUR


def test_a_run_waits_for_its_time() -> None:
    assert Wait(NOON) == next_move(a_schedule(), NINE)
    assert Wait(NOON) == next_move(a_schedule(), NOON - SECOND)


@pytest.mark.parametrize("late", [timedelta(), MINUTE, 90 * DAY])
def test_a_run_that_is_due_is_due_once_however_late(late: timedelta) -> None:
    assert Move("run") == next_move(a_schedule(), NOON + late)


def test_jitter_counts_and_the_expression_alone_does_not() -> None:
    jittered = a_schedule(next_run=NOON, run_at=NOON + MINUTE)

    assert Wait(NOON + MINUTE) == next_move(jittered, NOON)


@pytest.mark.parametrize(
    "schedule",
    [
        a_schedule(next_run=NINE + 9 * DAY, run_at=NINE + 9 * DAY),
        a_schedule(next_run=None, run_at=None),
    ],
)
def test_the_expiry_is_looked_at_in_between(schedule: ScheduledRotation) -> None:
    assert Wait(NINE + DAY) == next_move(schedule, NINE)
    assert Move("check the expiry") == next_move(schedule, NINE + DAY)


def test_a_run_comes_before_a_look_at_the_expiry() -> None:
    both = a_schedule(run_at=NOON, check_at=NOON)

    assert Move("run") == next_move(both, NOON)


def test_what_failed_waits_before_it_is_tried_again() -> None:
    failing = a_schedule(attempt=1, retry_at=NOON + MINUTE)

    assert Wait(NOON + MINUTE) == next_move(failing, NOON)
    assert Move("run") == next_move(failing, NOON + MINUTE)


def test_an_ended_schedule_fires_nothing() -> None:
    ended = a_schedule(state=ScheduleState.ENDED)

    assert Done() == next_move(ended, NINE + 365 * DAY)
