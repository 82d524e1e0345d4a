"""The list of requests waiting for a person's decision."""

import pytest
from syrupy.assertion import SnapshotAssertion

from cards.access.approvals_card import approvals_card
from tests.cards.reading_cards import texts, whole_text
from tests.cards.scenarios import NOW, REQUESTS, a_request, extending, minutes, taken


def test_the_list_is_drawn_as_before(card_snapshot: SnapshotAssertion) -> None:
    waiting = [a_request(), REQUESTS["pending, one of two"]]

    assert approvals_card(waiting, 4, minutes(90)) == card_snapshot


def test_an_empty_list_is_drawn_as_before(card_snapshot: SnapshotAssertion) -> None:
    assert approvals_card([], 0, NOW) == card_snapshot


@pytest.mark.parametrize(
    ("shown", "more", "expected"),
    [
        (1, 0, "1 request is waiting for you"),
        (2, 0, "2 requests are waiting for you"),
        (5, 7, "12 requests are waiting for you"),
    ],
)
def test_all_waiting_requests_are_counted(shown: int, more: int, expected: str) -> None:
    assert expected in texts(approvals_card([a_request()] * shown, more, NOW))


def test_reviews_and_extensions_are_distinguished_from_requests() -> None:
    seen = whole_text(approvals_card([taken(), extending()], 0, minutes(90)))

    assert "started break-glass access to  demo-api-key  without approval" in seen
    assert "Waiting for a review for 1 hour" in seen
    assert "wants  demo-api-key  for 1 hour more" in seen
    assert "lapses" not in seen


def test_each_says_who_wants_what_and_how_long_it_has_waited() -> None:
    seen = whole_text(approvals_card([a_request()], 0, minutes(90)))

    assert "Dana Developer  wants  demo-api-key  for 1 hour 30 minutes" in seen
    assert "Waiting for 1 hour, expires in 6 hours" in seen
