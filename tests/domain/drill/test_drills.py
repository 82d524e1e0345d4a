"""When drills begin, one at a time, and when one last proved something."""

from dataclasses import replace
from datetime import datetime
from typing import Any

import pytest

from domain.access.request import RequestState
from domain.drill import drills as rules
from domain.drill.drill import SHARED, Drill
from domain.drill.drills import SOONER, Drills, DrillsEffect, DrillsState
from domain.workflow import Change, Done, Move, Wait
from tests.support.builders import HOUR, MINUTE, SECOND, a_request, a_revoking_request
from tests.support.clock import NINE

HOURLY = Drills(
    id="drills",
    state=DrillsState.WAITING,
    cron="0 * * * *",
    next_at=NINE,
    last="drl-one",
    proven_at=NINE - HOUR,
)
RETRIED = replace(HOURLY, retry_at=NINE + SECOND)
PLANNED = Drill(id="drl-two", access=a_request())


def _over(gone_at: datetime, **changes: Any) -> Drill:
    gone = a_revoking_request(state=RequestState.REVOKED, gone_at=gone_at)
    return Drill(id="drl-one", access=gone, **changes)


def test_at_first_there_is_no_schedule_and_nothing_to_do() -> None:
    drills = rules.first()

    assert drills == Drills(id="drills", state=DrillsState.WAITING)
    assert rules.next_move(drills, NINE) == Done()


@pytest.mark.parametrize(
    ("drills", "expected"),
    [
        (HOURLY, Move(DrillsEffect.PLAN)),
        (replace(HOURLY, next_at=NINE + SECOND), Wait(NINE + SECOND)),
        (replace(HOURLY, beginning=PLANNED), Move(DrillsEffect.BEGIN)),
        (RETRIED, Wait(NINE + SECOND)),
        (replace(RETRIED, beginning=PLANNED), Wait(NINE + SECOND)),
        (replace(HOURLY, retry_at=NINE), Move(DrillsEffect.PLAN)),
    ],
)
def test_a_drill_is_planned_when_it_is_due_and_begun_once_planned(
    drills: Drills, expected: Move[DrillsEffect] | Wait
) -> None:
    assert rules.next_move(drills, NINE) == expected


def test_a_new_schedule_counts_as_unproven_from_then_on() -> None:
    nightly = rules.schedule(HOURLY, "0 2 * * *", NINE + HOUR, NINE)
    ended = rules.schedule(HOURLY, "", None, NINE)

    assert nightly == replace(HOURLY, cron="0 2 * * *", next_at=NINE + HOUR, proven_at=NINE)
    assert ended == replace(HOURLY, cron="", next_at=None, proven_at=None)


def test_the_intent_to_begin_a_drill_names_it_and_not_yet_as_the_last_one() -> None:
    change = rules.intend(RETRIED, PLANNED, NINE + HOUR, None)

    assert change == Change(
        replace(
            HOURLY,
            state=DrillsState.BEGINNING,
            beginning=PLANNED,
            next_at=NINE + HOUR,
        )
    )


@pytest.mark.parametrize(
    ("proven_at", "last", "expected"),
    [
        (NINE - HOUR, _over(NINE), NINE),
        (NINE, _over(NINE - HOUR), NINE),
        (None, _over(NINE), NINE),
        (NINE - HOUR, _over(NINE, failure=SHARED), NINE - HOUR),
        (NINE - HOUR, Drill(id="drl-one", access=a_revoking_request()), NINE - HOUR),
        (None, None, None),
    ],
)
def test_the_success_of_the_last_drill_is_noted_when_the_next_one_begins(
    proven_at: datetime | None, last: Drill | None, expected: datetime | None
) -> None:
    change = rules.intend(replace(HOURLY, proven_at=proven_at), PLANNED, None, last)

    assert change.head.proven_at == expected


def test_once_the_drill_has_begun_the_next_one_is_waited_for() -> None:
    beginning = replace(RETRIED, state=DrillsState.BEGINNING, beginning=PLANNED)

    assert rules.begun(beginning) == Change(replace(HOURLY, last="drl-two"))


def test_a_drill_that_was_cancelled_before_it_began_leaves_the_last_one() -> None:
    beginning = replace(RETRIED, state=DrillsState.BEGINNING, beginning=PLANNED)

    assert rules.drop(beginning) == Change(HOURLY)


def test_a_drill_that_is_due_while_another_one_is_not_over_is_left_out() -> None:
    assert rules.skip(RETRIED, NINE + HOUR) == Change(replace(HOURLY, next_at=NINE + HOUR))


def test_a_drill_that_could_not_be_begun_is_tried_again_a_little_later() -> None:
    change = rules.put_off(HOURLY, NINE)

    assert change == Change(replace(HOURLY, retry_at=NINE + SOONER))
    assert SOONER < MINUTE


@pytest.mark.parametrize(
    ("drill", "expected"),
    [
        (_over(NINE), True),
        (_over(NINE, failure=SHARED), False),
        (Drill(id="drl-one", access=a_revoking_request()), False),
    ],
)
def test_only_a_success_proves_that_access_can_be_given_and_taken_away(
    drill: Drill, expected: bool
) -> None:
    assert rules.proves(drill) is expected


def test_without_an_intent_the_last_drill_stays_the_last_one() -> None:
    drills = replace(HOURLY, last="drl-one", beginning=None)

    assert rules.begun(drills).head.last == "drl-one"
