"""The card that asks whether to end access early."""

import pytest
from syrupy.assertion import SnapshotAssertion

from cards.access.end_card import end_card
from domain.access.request import Request
from tests.cards.reading_cards import whole_text
from tests.cards.scenarios import ENDABLE


@pytest.mark.parametrize("request_", ENDABLE.values(), ids=ENDABLE.keys())
def test_the_question_is_drawn_as_before(
    request_: Request, card_snapshot: SnapshotAssertion
) -> None:
    assert end_card(request_) == card_snapshot


def test_it_says_when_access_would_end_otherwise() -> None:
    assert "21 Nov 2026, 15:40 UTC" in whole_text(end_card(ENDABLE["active"]))
    assert "is being granted right now" in whole_text(end_card(ENDABLE["granting"]))


def test_a_rotation_afterwards_is_announced() -> None:
    assert "10 minutes later, the secret is rotated." in whole_text(
        end_card(ENDABLE["active, rotated after"])
    )
    assert "rotated" not in whole_text(end_card(ENDABLE["active"]))
