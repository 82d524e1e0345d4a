"""A checkpoint shows which workflow was removed, changed or added after its day."""

from dataclasses import replace
from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.audit.checkpoint import (
    FIRST,
    Checkpoint,
    DayFlaw,
    FlawedWorkflow,
    Leaf,
    is_chained,
    judge,
    root_of,
    take,
)

DAY = date(2026, 11, 27)
LEAVES = (Leaf("req-1", 4, "aa"), Leaf("req-2", 2, "bb"), Leaf("rot-1", 9, "cc"))
SOME_LEAVES = st.lists(
    st.builds(Leaf, st.sampled_from(["req-1", "req-2", "rot-1"]), st.integers(1, 3), st.just("aa")),
    max_size=3,
    unique_by=lambda leaf: leaf.workflow,
)


def found(*leaves: Leaf) -> dict[str, Leaf | None]:
    return {leaf.workflow: leaf for leaf in leaves}


def days(count: int) -> list[Checkpoint]:
    checkpoints: list[Checkpoint] = []
    for number in range(count):
        previous = checkpoints[-1].hash if checkpoints else FIRST
        checkpoints.append(take(DAY + timedelta(days=number), LEAVES, previous))
    return checkpoints


def test_a_day_that_is_as_it_was_is_intact() -> None:
    verdict = judge(days(3), LEAVES, found(*LEAVES))

    assert verdict.is_intact


def test_a_removed_workflow_is_named() -> None:
    verdict = judge(days(1), LEAVES, {**found(*LEAVES), "req-2": None})

    assert verdict.flawed == (FlawedWorkflow("req-2", DayFlaw.REMOVED),)
    assert not verdict.is_intact


def test_a_changed_workflow_is_named() -> None:
    changed = replace(LEAVES[0], hash="00")
    verdict = judge(days(1), LEAVES, found(changed, *LEAVES[1:]))

    assert verdict.flawed == (FlawedWorkflow("req-1", DayFlaw.CHANGED),)


def test_an_added_workflow_is_named() -> None:
    verdict = judge(days(1), LEAVES, found(*LEAVES, Leaf("req-3", 1, "dd")))

    assert verdict.flawed == (FlawedWorkflow("req-3", DayFlaw.ADDED),)


def test_a_workflow_taken_off_the_list_as_well_is_not_named_but_noticed() -> None:
    verdict = judge(days(1), LEAVES[1:], found(*LEAVES[1:]))

    assert verdict.flawed == ()
    assert not verdict.is_listed
    assert not verdict.is_intact


def test_a_list_of_as_many_others_is_noticed() -> None:
    others = (replace(LEAVES[0], hash="00"), *LEAVES[1:])

    verdict = judge(days(1), others, found(*others))

    assert verdict.flawed == ()
    assert not verdict.is_listed


def test_it_judges_the_last_of_the_days() -> None:
    assert judge(days(3), LEAVES, found(*LEAVES)).checkpoint == days(3)[-1]


def test_days_whose_events_were_changed_are_not_chained() -> None:
    verdict = judge(days(2), LEAVES, found(*LEAVES), is_unbroken=False)

    assert not verdict.is_chained
    assert not verdict.is_intact


@given(SOME_LEAVES, SOME_LEAVES)
def test_nothing_differs_without_being_noticed(before: list[Leaf], now: list[Leaf]) -> None:
    verdict = judge([take(DAY, before, FIRST)], before, found(*now))

    assert verdict.is_intact == (sorted(before) == sorted(now))


@given(SOME_LEAVES)
def test_the_order_of_reading_makes_no_difference(leaves: list[Leaf]) -> None:
    assert root_of(leaves) == root_of(leaves[::-1])


@pytest.mark.parametrize("removed", [0, 1])
def test_a_removed_day_breaks_the_chain(removed: int) -> None:
    checkpoints = days(3)
    del checkpoints[removed]

    assert not is_chained(checkpoints)


def test_a_day_that_was_left_out_and_chained_over_breaks_the_chain() -> None:
    first = take(DAY, LEAVES, FIRST)
    third = take(DAY + timedelta(days=2), LEAVES, first.hash)

    assert not is_chained([first, third])


@pytest.mark.parametrize(
    "changed", [{"workflows": 2}, {"root": "00"}, {"day": DAY - timedelta(days=1)}, {"hash": "00"}]
)
def test_a_changed_checkpoint_breaks_the_chain(changed: dict[str, object]) -> None:
    first, second = days(2)

    assert is_chained([first, second])
    assert not is_chained([replace(first, **changed), second])  # type: ignore[arg-type]


def test_a_day_that_was_computed_anew_breaks_the_chain_of_the_next() -> None:
    second = days(2)[1]
    anew = take(DAY, LEAVES[1:], FIRST)

    assert not is_chained([anew, second])
