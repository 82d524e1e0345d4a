"""When a day's checkpoint is made, and what comes after it."""

from datetime import date, datetime, timedelta, timezone

import pytest

from domain.audit.checkpoint import FIRST, take
from domain.checkpoints import checkpoints as rules
from domain.checkpoints.checkpoints import (
    MARGIN,
    SOONER,
    WORKFLOW_ID,
    Checkpoints,
    CheckpointsEffect,
    CheckpointsEvent,
    CheckpointsState,
    checkpoint_of,
    end_of,
)
from domain.workflow import Event, Move, Wait
from tests.support.clock import NINE

TODAY = NINE.date()
DUE = end_of(TODAY) + MARGIN
BEGUN = rules.first(NINE)
TAKEN = take(TODAY, (), FIRST)


@pytest.mark.usefixtures("_far_west")
def test_the_first_checkpoint_is_that_of_the_present_day_in_utc() -> None:
    in_the_east = datetime(2026, 3, 3, 4, 0, tzinfo=timezone(timedelta(hours=9)))

    assert rules.first(in_the_east) == Checkpoints(
        id=WORKFLOW_ID, state=CheckpointsState.WAITING, next_day=date(2026, 3, 2)
    )


def test_a_day_is_taken_a_while_after_it_is_over() -> None:
    assert rules.next_move(BEGUN, DUE - timedelta(seconds=1)) == Wait(DUE)
    assert rules.next_move(BEGUN, DUE) == Move(CheckpointsEffect.TAKE)


def test_the_next_day_is_chained_to_it() -> None:
    after = rules.record(BEGUN, TAKEN, DUE).head

    assert after.next_day == TODAY + timedelta(days=1)
    assert after.last_hash == TAKEN.hash


def test_the_day_before_is_tidied_once() -> None:
    after = rules.record(BEGUN, TAKEN, DUE).head

    assert after.to_tidy == TODAY - timedelta(days=1)
    assert rules.next_move(after, DUE) == Move(CheckpointsEffect.TIDY)
    assert rules.next_move(rules.tidied(after), DUE) == Wait(DUE + timedelta(days=1))


def test_what_failed_is_tried_again_soon() -> None:
    failed = rules.postpone(BEGUN, DUE).head

    assert rules.next_move(failed, DUE) == Wait(DUE + SOONER)
    assert rules.next_move(failed, DUE + SOONER) == Move(CheckpointsEffect.TAKE)


def test_once_it_succeeds_nothing_is_put_off_any_more() -> None:
    failed = rules.postpone(BEGUN, DUE).head
    taken = rules.record(failed, TAKEN, DUE).head
    failed_again = rules.postpone(taken, DUE).head

    assert rules.next_move(taken, DUE) == Move(CheckpointsEffect.TIDY)
    assert rules.next_move(rules.tidied(failed_again), DUE) == Wait(DUE + timedelta(days=1))


def test_an_event_says_which_checkpoint_it_recorded() -> None:
    (event,) = rules.record(BEGUN, TAKEN, DUE).events

    assert (event.kind, event.at, event.actor) == (CheckpointsEvent.TAKEN, DUE, None)
    assert checkpoint_of(event) == TAKEN


def test_another_event_has_no_checkpoint() -> None:
    with pytest.raises(ValueError, match="without"):
        checkpoint_of(Event("other", NINE, None, {"day": str(date(2026, 3, 2))}))
