"""The answer to a line that isn't understood."""

import pytest
from syrupy.assertion import SnapshotAssertion

from cards.operations.suggestion_card import Offer, ran, suggestion_card
from tests.cards.hostile import HOSTILE


def test_a_line_that_was_typed_is_above_the_button_that_runs_it(
    card_snapshot: SnapshotAssertion,
) -> None:
    line = "request secret demo-api-key"

    assert suggestion_card(f"re{line}", "request secret NAME", [Offer(line)]) == card_snapshot


def test_our_own_command_is_the_title_of_its_button(card_snapshot: SnapshotAssertion) -> None:
    assert suggestion_card("sandwich", None, [Offer("help", "help")]) == card_snapshot


@pytest.mark.parametrize("typed", ["markdown", "link", "right to left", "control"])
def test_hostile_text_is_only_shown_as_text(card_snapshot: SnapshotAssertion, typed: str) -> None:
    hostile = HOSTILE[typed]

    assert suggestion_card(hostile, None, [Offer(hostile)]) == card_snapshot


def test_a_long_line_is_shortened_where_it_is_shown() -> None:
    assert len(ran("x" * 4_000)) < 400
