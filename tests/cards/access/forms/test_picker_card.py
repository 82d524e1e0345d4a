"""Which secret to request."""

import json

import pytest
from syrupy.assertion import SnapshotAssertion

from cards.access.forms.picker_card import picker_card

ARGUMENTS = {
    "nothing": ([], [], [], ""),
    "had before": (["b-key"], ["a-key"], [], ""),
    "typed before": ([], ["a-key"], [], "for 2h because a test"),
    "patterns": ([], ["a-key"], ["team-*", "shop-*"], ""),
    "only patterns": ([], [], ["team-*"], ""),
}


@pytest.mark.parametrize("state", ARGUMENTS)
def test_it_is_drawn_as_before(card_snapshot: SnapshotAssertion, state: str) -> None:
    assert picker_card(*ARGUMENTS[state]) == card_snapshot


@pytest.mark.parametrize("length", [8, 127])
def test_any_number_of_secrets_fits_into_a_message(length: int) -> None:
    names = [f"{number:0{length}}" for number in range(5_000)]

    card = picker_card([], names, [], "x" * 4_000)

    assert len(json.dumps(card)) < 28 * 1024
