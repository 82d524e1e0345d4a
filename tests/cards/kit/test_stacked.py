"""Several cards in one: the audit message for events that are announced together."""

import pytest
from syrupy.assertion import SnapshotAssertion

from cards.access.event_card import audit_card
from cards.kit.elements import Content
from cards.kit.stacked import stacked
from tests.cards.gallery import event_saying, saying
from tests.cards.hostile import HOSTILE
from tests.cards.scenarios import EVENTS

TEXTS = {"friendly": "The release is over.", **HOSTILE}


@pytest.mark.parametrize("name", TEXTS)
def test_several_events_are_drawn_as_before(name: str, card_snapshot: SnapshotAssertion) -> None:
    assert stacked(_cards(TEXTS[name])) == card_snapshot


def test_one_card_stays_as_it_is() -> None:
    [first, *_] = _cards("Thanks.")

    assert stacked([first]) == first


def _cards(words: str) -> list[Content]:
    return [
        audit_card(saying(words, request), event_saying(words, event), number, f"{number}" * 64)
        for number, (request, event) in enumerate((EVENTS["denied"], EVENTS["revoked"]), start=2)
    ]
