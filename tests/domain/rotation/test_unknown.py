"""How long a rotation waits after a request went unanswered."""

from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import pytest

from domain.rotation.changes import retry
from domain.rotation.rotation import Rotation, RotationEffect, RotationState, Step, next_move
from domain.rotation.unknown import (
    as_known_at,
    awaiting,
    interrupted,
    overtaken,
    sent_without_answer,
)
from domain.unknown_outcome import KEY_VAULT_LIFE
from domain.workflow import Move, Wait
from tests.support.builders import ADA, MINUTE, SECOND
from tests.support.clock import NINE
from tests.support.rotation.builders import (
    DAY,
    a_pending_rotation,
    a_rotation,
    a_rotation_at,
    a_rotation_rolling_back,
    an_overlapping_rotation,
)

LIFE = KEY_VAULT_LIFE


def test_the_later_of_two_ends_counts() -> None:
    first = sent_without_answer(a_rotation_at(Step.WRITE), RotationEffect.PERFORM, NINE + MINUTE)

    again = sent_without_answer(first, RotationEffect.PERFORM, NINE)

    assert again.unknown_until == NINE + MINUTE + LIFE


def test_an_unanswered_change_of_an_overtaken_move_is_noted() -> None:
    present = a_rotation_at(Step.WRITE)
    tried = sent_without_answer(present, RotationEffect.PERFORM, NINE)

    assert overtaken(present, tried) == tried
    assert overtaken(tried, present) == tried
    later = sent_without_answer(present, RotationEffect.UNDO, NINE + MINUTE)
    assert overtaken(later, tried) == later


@pytest.mark.parametrize(
    ("passed", "is_unknown"), [(LIFE - SECOND, True), (LIFE, False), (DAY, False)]
)
def test_an_outcome_is_known_after_its_longest_life(passed: timedelta, is_unknown: bool) -> None:
    rotation = sent_without_answer(a_rotation_at(Step.WRITE), RotationEffect.PERFORM, NINE)

    known = as_known_at(rotation, NINE + passed)

    assert (known.unknown_until is not None) is is_unknown


def test_an_unanswered_withdrawal_is_not_resent_before_its_outcome_is_known() -> None:
    undoing = a_rotation_rolling_back(Step.ISSUE, retry_at=NINE + SECOND)

    rotation = sent_without_answer(undoing, RotationEffect.UNDO, NINE)

    assert next_move(rotation, NINE + SECOND) == Wait(NINE + LIFE)


def test_a_retry_that_is_due_after_the_outcome_is_known_keeps_its_time() -> None:
    undoing = a_rotation_rolling_back(Step.ISSUE, retry_at=NINE + DAY)

    rotation = sent_without_answer(undoing, RotationEffect.UNDO, NINE)

    assert rotation.retry_at == NINE + DAY


def test_an_undo_of_the_write_checks_at_once() -> None:
    undoing = a_rotation_rolling_back(Step.WRITE)

    rotation = sent_without_answer(undoing, RotationEffect.UNDO, NINE)

    assert next_move(rotation, NINE) == Move(RotationEffect.UNDO)


def test_a_retry_does_not_resend_what_may_still_be_carried_out() -> None:
    helpless = a_rotation_rolling_back(Step.ISSUE, state=RotationState.NEEDS_HUMAN)
    helpless = replace(helpless, unknown_until=NINE + LIFE)

    soon = retry(helpless, ADA, NINE).head
    late = retry(helpless, ADA, NINE + DAY).head

    assert next_move(soon, NINE) == Wait(NINE + LIFE)
    assert next_move(late, NINE + DAY) == Move(RotationEffect.UNDO)


@pytest.mark.parametrize(
    "rotation",
    [a_pending_rotation(), a_rotation(state=RotationState.ROLLED_BACK, step=Step.WRITE)],
    ids=["pending", "rolled back"],
)
def test_a_move_that_writes_nothing_leaves_nothing_unknown(rotation: Rotation) -> None:
    assert interrupted(rotation, NINE) == rotation


@pytest.mark.parametrize(
    ("rotation", "effect", "waits"),
    [
        (a_rotation_at(Step.WRITE), RotationEffect.PERFORM, None),
        (a_rotation_at(Step.ISSUE), RotationEffect.PERFORM, None),
        (a_rotation_rolling_back(Step.WRITE), RotationEffect.UNDO, None),
        (a_rotation_rolling_back(Step.ISSUE), RotationEffect.UNDO, NINE + LIFE),
        (an_overlapping_rotation(), RotationEffect.RETIRE, NINE + LIFE),
    ],
)
def test_what_a_dead_process_sent_is_unknown_for_as_long_as_it_may_take(
    rotation: Rotation, effect: str, waits: datetime | None
) -> None:
    head = interrupted(rotation, NINE)

    unknown: dict[str, Any] = {"unknown_until": NINE + LIFE, "unknown_effect": effect}
    assert head == replace(rotation, **unknown, retry_at=waits)


@pytest.mark.parametrize("step", [Step.CAPTURE, Step.VERIFY])
def test_a_step_that_only_reads_leaves_nothing_unknown(step: Step) -> None:
    assert interrupted(a_rotation_at(step), NINE) == a_rotation_at(step)


def test_a_rotation_that_awaits_an_outcome_goes_on_when_it_is_known() -> None:
    rotation = sent_without_answer(a_rotation_at(Step.WRITE), RotationEffect.PERFORM, NINE)

    waiting = awaiting(rotation)
    known = as_known_at(waiting, NINE + LIFE)

    assert waiting == replace(rotation, retry_at=NINE + LIFE)
    assert known == replace(a_rotation_at(Step.WRITE), retry_at=NINE + LIFE)
    assert as_known_at(a_rotation_at(Step.WRITE), NINE) == a_rotation_at(Step.WRITE)


def test_a_look_that_is_due_after_the_outcome_is_known_keeps_its_time() -> None:
    rolling_back = a_rotation_rolling_back(Step.WRITE, look_again_at=NINE + DAY)

    rotation = sent_without_answer(rolling_back, RotationEffect.UNDO, NINE)

    assert rotation.look_again_at == NINE + DAY


def test_a_look_without_an_answer_is_not_repeated_before_its_outcome_is_known() -> None:
    looking = an_overlapping_rotation(look_again_at=NINE)

    rotation = sent_without_answer(looking, RotationEffect.LOOK_AGAIN, NINE)

    assert rotation.retry_at is None
    assert next_move(rotation, NINE) == Wait(NINE + LIFE)
    assert next_move(rotation, NINE + LIFE) == Move("look_again")
