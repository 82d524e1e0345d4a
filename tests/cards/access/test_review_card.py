"""The messages about break-glass access."""

import pytest

from cards.access.event_card import audit_card
from cards.access.messages.review_messages import review_message
from cards.access.request_card import request_card
from cards.access.review_card import review_card
from domain.access.transitions import break_glass
from domain.workflow import Event
from tests.cards.reading_cards import whole_text
from tests.cards.scenarios import minutes
from tests.support.builders import ADA, a_request

TAKEN = break_glass.take(a_request(justification="the shop is down"), ())
REVIEWED = break_glass.review(TAKEN.head, ADA, "an incident, fine", minutes(9))


def test_the_message_says_who_got_what_and_why_and_asks_for_a_review() -> None:
    card = review_card(TAKEN.head, TAKEN.events[0], buttons=True)

    assert "Break-glass access started" in whole_text(card)
    assert "the shop is down" in whole_text(card)
    assert [action["title"] for action in card["actions"]] == ["Reviewed"]


def test_after_the_review_the_card_says_who_and_has_no_button() -> None:
    card = review_card(REVIEWED.head, TAKEN.events[0], buttons=True)

    assert not card.get("actions")
    assert "reviewed by Ada Approver" in whole_text(request_card(REVIEWED.head, buttons=False))
    assert "an incident, fine" in whole_text(audit_card(REVIEWED.head, REVIEWED.events[0], 2))


def test_before_the_review_the_card_says_so() -> None:
    assert "not reviewed yet" in whole_text(request_card(TAKEN.head, buttons=False))


def test_other_events_are_not_drawn() -> None:
    with pytest.raises(ValueError, match="not about a review"):
        review_message(TAKEN.head, Event("granted", minutes(0)))
