"""When a day is counted, and which one comes next."""

from dataclasses import replace
from datetime import date, datetime, timedelta, timezone

import pytest

from domain.checkpoints.checkpoints import MARGIN, SOONER, end_of
from domain.counters import counters as rules
from domain.counters.counters import Counters, CountersEffect, CountersState
from domain.workflow import Move, Wait
from tests.support.clock import NINE

TODAY = NINE.date()
DAY = timedelta(days=1)
DUE = end_of(TODAY) + MARGIN + SOONER
BEGUN = rules.first(NINE, None)


def test_a_day_is_counted_after_its_checkpoint() -> None:
    assert rules.next_move(BEGUN, DUE - timedelta(seconds=1)) == Wait(DUE)
    assert rules.next_move(BEGUN, DUE) == Move(CountersEffect.COUNT)


def test_days_before_the_first_start_are_counted_at_once() -> None:
    begun = rules.first(NINE, TODAY - 3 * DAY)

    assert begun.next_day == TODAY - 3 * DAY
    assert not begun.has_caught_up
    assert rules.next_move(begun, NINE) == Move(CountersEffect.COUNT)


def test_a_part_that_is_not_the_last_is_followed_by_another_one_of_the_day() -> None:
    after = rules.counted(BEGUN, is_last=False).head

    assert (after.next_day, after.part) == (TODAY, 1)


def test_the_last_part_is_followed_by_the_next_day() -> None:
    after = rules.counted(rules.counted(BEGUN, is_last=False).head, is_last=True).head

    assert (after.next_day, after.part) == (TODAY + DAY, 0)


def test_what_failed_is_tried_again_soon() -> None:
    failed = rules.postpone(BEGUN, DUE).head

    assert rules.next_move(failed, DUE) == Wait(DUE + SOONER)
    assert rules.next_move(failed, DUE + SOONER) == Move(CountersEffect.COUNT)


def test_counting_begins_today_or_with_the_oldest_day_before() -> None:
    before = rules.first(NINE, TODAY - DAY)
    today = Counters(
        id="counters", state=CountersState.WAITING, oldest=TODAY, begun=TODAY, next_day=TODAY
    )

    assert BEGUN == rules.first(NINE, TODAY + DAY) == today
    assert before == replace(today, oldest=TODAY - DAY, next_day=TODAY - DAY)


@pytest.mark.usefixtures("_far_west")
def test_a_day_begins_at_midnight_in_utc() -> None:
    late = datetime(2026, 3, 2, 23, 30, tzinfo=timezone(-timedelta(hours=1)))

    assert rules.first(late, None).begun == date(2026, 3, 3)


def test_counting_on_forgets_the_failure_before() -> None:
    failed = rules.postpone(replace(BEGUN, part=1), DUE).head

    assert rules.counted(failed, is_last=False).head == replace(BEGUN, part=2)
    assert rules.counted(failed, is_last=True).head == replace(BEGUN, next_day=TODAY + DAY)


def test_a_retry_never_comes_before_the_day_is_over() -> None:
    assert rules.next_move(replace(BEGUN, retry_at=NINE), DUE - DAY) == Wait(DUE)
