"""The list of rotated secrets."""

from datetime import timedelta

import pytest
from syrupy.assertion import SnapshotAssertion

from cards.rotation.rotations_card import RotationRow, rotations_card
from domain.rotation.rotation import RotationState
from tests.cards.reading_cards import texts, whole_text
from tests.cards.rotation_scenarios import ROWS
from tests.cards.scenarios import NOW


def test_the_list_is_drawn_as_before(card_snapshot: SnapshotAssertion) -> None:
    assert rotations_card(ROWS) == card_snapshot


def test_an_empty_list_is_drawn_as_before(card_snapshot: SnapshotAssertion) -> None:
    assert rotations_card([]) == card_snapshot


@pytest.mark.parametrize("outcome", RotationState)
def test_every_outcome_has_a_text(outcome: RotationState) -> None:
    row = RotationRow(secret="a", vault_name="v", last_run=NOW, outcome=outcome)

    seen = whole_text(rotations_card([row]))

    assert "Last run 21 Nov 2026, 14:05 UTC" in seen
    assert "never rotated yet" not in seen


def test_rotations_that_need_a_human_come_first_with_the_command() -> None:
    seen = texts(rotations_card(ROWS))

    assert seen[1] == "1 secret needs a human"
    assert seen[2] == "storage-key"
    assert "retry rot-01jd8b2m4u" in seen


def test_several_that_need_a_human_are_counted() -> None:
    row = RotationRow(secret="a", vault_name="v", outcome=RotationState.NEEDS_HUMAN)

    assert "2 secrets need a human" in texts(rotations_card([row, row]))


def test_a_single_secret_is_counted_as_one() -> None:
    assert "1 secret is rotated" in texts(rotations_card(ROWS[:1]))


def test_a_very_long_list_counts_the_rest_and_fits_into_a_message() -> None:
    row = RotationRow(
        secret="x" * 127,
        vault_name="kv-demo",
        last_run=NOW,
        outcome=RotationState.ROTATED,
        next_run=NOW,
        current_age=timedelta(days=400),
    )

    drawn = rotations_card([row] * 400)

    assert "… and 375 more." in texts(drawn)
    assert len(str(drawn)) < 28 * 1024


def test_an_unreadable_expiry_comes_before_healthy_rotations() -> None:
    seen = texts(rotations_card(ROWS))

    words = "Its expiry can't be checked since 21 Nov 2026, 14:05 UTC: "
    assert f"{words}the secret doesn't exist, or was deleted" in seen
    assert seen.index("old-key") < seen.index("app-api-key")
