"""What is told of access that was taken without approval."""

import pytest

from cards.access.event_card import audit_card
from cards.access.request_card import request_card
from cards.access.review_card import review_card
from cards.access.review_messages import review_message
from domain.access import break_glass
from domain.workflow import Event
from tests.cards.reading_cards import whole_text
from tests.cards.scenarios import minutes
from tests.support.builders import ADA, a_request

TAKEN = break_glass.take(a_request(justification="the shop is down"), ())
REVIEWED = break_glass.review(TAKEN.head, ADA, "an incident, fine", minutes(9))


def test_the_message_says_who_took_what_and_why_and_asks_for_a_review() -> None:
    card = review_card(TAKEN.head, TAKEN.events[0], buttons=True)

    assert "Glass broken" in whole_text(card)
    assert "the shop is down" in whole_text(card)
    assert [action["title"] for action in card["actions"]] == ["Reviewed"]


def test_once_it_is_reviewed_there_is_no_button_and_the_card_says_by_whom() -> None:
    card = review_card(REVIEWED.head, TAKEN.events[0], buttons=True)

    assert not card.get("actions")
    assert "reviewed by Ada Approver" in whole_text(request_card(REVIEWED.head, buttons=False))
    assert "an incident, fine" in whole_text(audit_card(REVIEWED.head, REVIEWED.events[0], 2))


def test_before_that_the_card_says_that_it_is_not_reviewed() -> None:
    assert "not reviewed yet" in whole_text(request_card(TAKEN.head, buttons=False))


def test_a_kind_of_event_that_is_not_about_a_review_is_not_drawn() -> None:
    with pytest.raises(ValueError, match="not about a review"):
        review_message(TAKEN.head, Event("granted", minutes(0)))
