"""The messages about a name that is erased."""

import pytest
from syrupy.assertion import SnapshotAssertion

from cards.audit.erasure_card import erasure_card, erasure_summary
from domain.workflow import Event
from tests.cards.erasure_scenarios import ERASURE_ID, ERASURES
from tests.cards.scenarios import NOW


@pytest.mark.parametrize("name", ERASURES)
def test_each_message_is_drawn(name: str, snapshot: SnapshotAssertion) -> None:
    [event] = ERASURES[name].events

    assert erasure_card(ERASURE_ID, event, 2, "3fa90c12" * 8) == snapshot
    assert erasure_summary(event) == snapshot


def test_there_is_no_message_for_anything_else() -> None:
    with pytest.raises(ValueError, match="no message"):
        erasure_summary(Event("other", NOW))
