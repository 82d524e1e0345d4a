"""What takes the place of a request's card while nobody knows if the request was stored."""

from syrupy.assertion import SnapshotAssertion

from cards.access.unknown_request_card import not_known_if_requested


def test_it_is_drawn_as_before(card_snapshot: SnapshotAssertion) -> None:
    assert not_known_if_requested() == card_snapshot
