"""The request card in every state."""

import pytest
from syrupy.assertion import SnapshotAssertion

from cards.request_card import request_card
from domain.access import Request, RequestState
from tests.cards.stories import REQUESTS


@pytest.mark.parametrize("request_", REQUESTS.values(), ids=REQUESTS.keys())
def test_each_state_is_drawn_as_before(request_: Request, card_snapshot: SnapshotAssertion) -> None:
    assert card_snapshot == request_card(request_, buttons=True)


def test_every_state_has_a_story() -> None:
    assert set(RequestState) == {request.state for request in REQUESTS.values()}
