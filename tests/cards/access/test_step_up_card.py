"""The cards that ask people to confirm something with a fresh sign-in."""

import pytest
from syrupy.assertion import SnapshotAssertion

from cards.access.messages.step_up_messages import confirmation
from domain.workflow import Event
from tests.cards.gallery import step_up_cards
from tests.cards.reading_cards import whole_text
from tests.cards.scenarios import EVENTS, NOW
from tests.support.reading import buttons


@pytest.mark.parametrize("name", step_up_cards("x"))
def test_the_card_is_drawn_as_before(name: str, card_snapshot: SnapshotAssertion) -> None:
    assert step_up_cards("demo-api-key")[name] == card_snapshot


def test_an_approver_can_deny_without_a_sign_in() -> None:
    cards = step_up_cards("demo-api-key")

    assert set(buttons(cards["approval"])) == {"Sign in", "Deny"}
    assert set(buttons(cards["extension"])) == {"Sign in", "Deny"}


def test_a_request_says_that_nothing_was_requested_yet() -> None:
    assert "Nothing has been requested yet." in whole_text(step_up_cards("a")["request"])


def test_the_sign_in_is_described_as_far_as_it_is_known() -> None:
    _, event = EVENTS["approved, confirmed"]
    without = Event("approved", NOW, None, {"signed_in_at": NOW.isoformat()})

    assert confirmation(event) == "21 Nov 2026, 14:08 UTC, pwd, fido, context c1"
    assert confirmation(without) == "21 Nov 2026, 14:05 UTC"
    assert confirmation(Event("approved", NOW)) == ""
    assert confirmation(Event("approved", NOW, None, {"signed_in_at": "soon"})) == ""
