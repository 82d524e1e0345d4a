"""What comes next while a name is erased."""

from dataclasses import replace

import pytest

from domain.erasure.erasure import (
    BEGINNING,
    MOST_PASSES,
    NOTHING,
    SOONER,
    Erasure,
    ErasureState,
    Found,
    Position,
    Stage,
    begin,
    finish_pass,
    go_on,
    next_move,
    postpone,
)
from domain.workflow import Done, Event, Fact, Move, Wait
from tests.support.builders import CY, DANA, SECOND
from tests.support.clock import NINE

BEGUN = begin("ers-one", DANA.object_id, CY, NINE).head


def test_it_begins_at_once_and_names_nobody_but_the_admin() -> None:
    change = begin("ers-one", DANA.object_id, CY, NINE)

    assert change.head == Erasure(
        id="ers-one",
        state=ErasureState.ERASING,
        person_id=DANA.object_id,
        asked_by=CY,
        due_at=NINE,
    )
    assert change.events == (Event("erasure_begun", NINE, CY, {"person": DANA.object_id}),)
    assert next_move(change.head, NINE) == Move("erase")


def test_what_is_found_is_added_up() -> None:
    at = Position(shard=3, key="workflow~x")
    one = Found(workflows=1, erased=2, older=3, unreadable=4)

    head = go_on(go_on(BEGUN, at, one, NINE).head, at, one, NINE).head

    assert head.position == at
    assert head.found == Found(workflows=2, erased=4, older=6, unreadable=8)


def test_after_a_failure_it_goes_on_at_once_again() -> None:
    late = postpone(BEGUN, NINE - SOONER - SECOND).head

    amid = go_on(late, Position(shard=3), NOTHING, NINE).head
    anew = finish_pass(replace(late, found=Found(erased=1)), NINE).head

    assert (amid.due_at, anew.due_at) == (NINE, NINE)


def test_a_pass_that_erased_something_is_followed_by_another_one() -> None:
    dirty = go_on(BEGUN, Position(stage=Stage.OTHERS), Found(erased=1, workflows=1), NINE).head

    change = finish_pass(dirty, NINE)

    assert change.events == ()
    assert (change.head.position, change.head.found) == (BEGINNING, NOTHING)
    assert (change.head.state, change.head.passes) == (ErasureState.ERASING, 1)


def test_a_pass_that_found_nothing_to_erase_is_the_last_one() -> None:
    clean = replace(BEGUN, found=Found(workflows=7, older=2, unreadable=1), passes=1)

    change = finish_pass(clean, NINE)

    facts: dict[str, Fact] = {
        "person": DANA.object_id,
        "workflows": 7,
        "left": 0,
        "older": 2,
        "unreadable": 1,
    }
    assert change.events == (Event("erasure_ended", NINE, None, facts),)
    assert change.head.passes == 2
    assert next_move(change.head, NINE) == Done()


@pytest.mark.parametrize(("passes", "ends"), [(MOST_PASSES - 2, False), (MOST_PASSES - 1, True)])
def test_someone_who_comes_back_is_not_erased_for_ever(passes: int, *, ends: bool) -> None:
    change = finish_pass(replace(BEGUN, found=Found(erased=3), passes=passes), NINE)

    assert [event.facts["left"] for event in change.events] == ([3] if ends else [])


def test_after_a_failure_it_is_tried_again_a_little_later() -> None:
    head = postpone(BEGUN, NINE).head

    assert next_move(head, NINE) == Wait(NINE + SOONER)
    assert next_move(head, NINE + SOONER) == Move("erase")
