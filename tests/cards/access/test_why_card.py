"""What the policy would decide, as a card."""

import pytest
from syrupy.assertion import SnapshotAssertion

from cards.access.why_card import why_card
from tests.cards.why_scenarios import EXPLANATIONS


@pytest.mark.parametrize("name", EXPLANATIONS)
def test_each_outcome_is_drawn_as_before(name: str, card_snapshot: SnapshotAssertion) -> None:
    assert why_card(EXPLANATIONS[name]) == card_snapshot
