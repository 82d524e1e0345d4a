"""How far a command is."""

from datetime import timedelta

import pytest
from syrupy.assertion import SnapshotAssertion

from cards.operations.progress_card import Task, progress_card
from domain.phrases import phrase
from domain.progress import Progress
from tests.cards.reading_cards import texts
from tests.cards.scenarios import NOW

TASK = Task("Doctor", "Checking configuration and permissions", "doctor")
STATES = {
    "starting": Progress(),
    "of unknown length": Progress(1_200),
    "under way": Progress(3, 9, (phrase("Tables"), phrase("Teams credentials"))),
    "almost done": Progress(9, 9),
}


@pytest.mark.parametrize("progress", STATES.values(), ids=STATES)
def test_each_state_is_drawn_as_before(
    progress: Progress, card_snapshot: SnapshotAssertion
) -> None:
    assert progress_card(TASK, progress, NOW, NOW + timedelta(seconds=8)) == card_snapshot


def test_of_many_parts_that_run_only_some_are_named() -> None:
    many = Progress(
        0, 40, tuple(phrase("Secrets of {vault}", vault=f"vault-{number}") for number in range(40))
    )

    assert (
        "Secrets of vault-0, Secrets of vault-1, Secrets of vault-2, Secrets of vault-3 and 36 more"
    ) in texts(progress_card(TASK, many, NOW, NOW))


def test_an_update_on_the_next_day_has_its_date() -> None:
    seen = texts(progress_card(TASK, Progress(), NOW, NOW + timedelta(hours=10)))

    assert "22 Nov 2026, 00:05 UTC" in seen
