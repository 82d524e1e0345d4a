"""The messages about what was archived, and the verification of an archived workflow."""

import pytest
from syrupy.assertion import SnapshotAssertion

from cards.audit.retention_card import retention_card, retention_summary
from cards.audit.sealed_verdict_card import sealed_verdict_card
from domain.workflow import Event
from tests.cards.retention_scenarios import ARCHIVED, REMOVED, sealed_verdicts
from tests.cards.scenarios import NOW

EVENTS = {"archived": ARCHIVED.events[0], "removed": REMOVED.events[0]}
VERDICTS = sealed_verdicts("2025-10-23/0000-0000-0123456789abcdef.jsonl")


@pytest.mark.parametrize("name", EVENTS)
def test_each_message_is_drawn(name: str, snapshot: SnapshotAssertion) -> None:
    assert retention_card(EVENTS[name], 3, "3fa90c12" * 8) == snapshot
    assert retention_summary(EVENTS[name]) == snapshot


def test_there_is_no_message_for_anything_else() -> None:
    with pytest.raises(ValueError, match="no message"):
        retention_summary(Event("other", NOW))


@pytest.mark.parametrize("name", VERDICTS)
def test_each_verdict_is_drawn(name: str, snapshot: SnapshotAssertion) -> None:
    assert sealed_verdict_card(VERDICTS[name]) == snapshot
