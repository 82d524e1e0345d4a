"""The clock that the replicas agree on."""

from collections.abc import Callable
from datetime import datetime, timedelta

import pytest

from services.clock import AgreedClock
from tests.support.builders import MINUTE, SECOND
from tests.support.clock import NINE, ManualClock


def _ask(
    clock: AgreedClock, machine: ManualClock, right: Callable[[], datetime], took: timedelta
) -> None:
    """Let a server answer halfway, with the whole second that its clock shows."""
    answered = clock.asking()
    machine.advance(took / 2)
    said = right().replace(microsecond=0)
    machine.advance(took / 2)
    answered(said)


@pytest.mark.parametrize("wrong", [2 * MINUTE, -2 * MINUTE, timedelta(days=1)])
def test_a_clock_that_is_wrong_is_corrected_to_a_second(wrong: timedelta) -> None:
    machine = ManualClock()
    clock = AgreedClock(machine)

    _ask(clock, machine, lambda: machine() - wrong, took=SECOND / 10)

    assert abs(clock() - (machine() - wrong)) <= SECOND


@pytest.mark.parametrize("off", [timedelta(), SECOND / 2, -SECOND / 2])
def test_a_clock_that_may_be_right_is_left_alone(off: timedelta) -> None:
    machine = ManualClock(NINE + SECOND / 2)
    clock = AgreedClock(machine)

    for _ in range(20):
        _ask(clock, machine, lambda: machine() - off / 10, took=SECOND / 10)
        machine.advance(seconds=0.3)

    assert abs(clock.offset) <= SECOND / 20


def test_a_slow_answer_proves_little() -> None:
    machine = ManualClock()
    clock = AgreedClock(machine)

    _ask(clock, machine, lambda: machine() - 5 * SECOND, took=20 * SECOND)

    assert clock.offset == timedelta()


def test_a_clock_that_is_set_right_again_is_followed() -> None:
    machine = ManualClock()
    clock = AgreedClock(machine)
    _ask(clock, machine, lambda: machine() - 2 * MINUTE, took=SECOND / 10)

    machine.now -= 2 * MINUTE
    _ask(clock, machine, machine, took=SECOND / 10)

    assert abs(clock() - machine()) <= SECOND


def test_an_answer_during_which_the_clock_was_set_counts_for_nothing() -> None:
    machine = ManualClock()
    clock = AgreedClock(machine)

    answered = clock.asking()
    machine.now -= MINUTE
    answered(NINE)

    assert clock.offset == timedelta()
