"""A checkpoint's message, and what admins read when they verify a day."""

import pytest
from syrupy.assertion import SnapshotAssertion

from cards.audit.checkpoint_card import checkpoint_card, checkpoint_summary
from cards.audit.day_verdict_card import day_verdict_card
from domain.workflow import Event
from tests.cards.checkpoint_scenarios import DAY_TAKEN, verdicts
from tests.cards.scenarios import NOW

VERDICTS = verdicts("req-added")


def test_the_message_about_a_day_is_drawn(snapshot: SnapshotAssertion) -> None:
    assert checkpoint_card(DAY_TAKEN.events[0], 3, "3fa90c12" * 8) == snapshot
    assert checkpoint_summary(DAY_TAKEN.events[0]) == snapshot


def test_there_is_no_message_for_anything_else() -> None:
    with pytest.raises(ValueError, match="no message"):
        checkpoint_summary(Event("other", NOW))


@pytest.mark.parametrize("name", VERDICTS)
def test_every_verdict_is_drawn(name: str, snapshot: SnapshotAssertion) -> None:
    assert day_verdict_card(VERDICTS[name]) == snapshot
