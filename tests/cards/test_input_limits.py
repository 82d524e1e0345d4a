"""What people can type on a card is what the service takes."""

from collections.abc import Iterator
from typing import Any

from cards.access.close_card import close_card
from cards.access.forms.request_form import JUSTIFICATION
from cards.access.review_card import review_card
from cards.kit import verbs
from domain.access.request import AccessEvent
from domain.access.rules.policy import LONGEST_JUSTIFICATION
from domain.typed import LONGEST_REASON
from domain.workflow import Event
from tests.cards.gallery import every_card
from tests.support.builders import a_request
from tests.support.clock import NINE

LIMITS = {
    verbs.REASON: LONGEST_REASON,
    verbs.NOTE: LONGEST_REASON,
    JUSTIFICATION: LONGEST_JUSTIFICATION,
}


def _inputs(tree: Any) -> Iterator[dict[str, Any]]:
    if isinstance(tree, dict) and tree.get("type") == "Input.Text":
        yield tree
    parts = tree.values() if isinstance(tree, dict) else tree if isinstance(tree, list) else ()
    for part in parts:
        yield from _inputs(part)


def test_every_input_has_the_limit_of_the_service_or_one_of_its_own() -> None:
    reviewed = a_request(broke_glass=True, review_at=NINE)
    review = review_card(reviewed, Event(AccessEvent.REVIEW_ASKED, NINE), buttons=True)
    closed = close_card(a_request(), "")
    drawn = [*every_card("Dana").values(), review, closed]
    inputs = [each for card in drawn for each in _inputs(card)]

    assert {each["id"] for each in inputs} >= LIMITS.keys()
    assert [each["id"] for each in inputs if "maxLength" not in each] == []
    for each in inputs:
        if each["id"] in LIMITS:
            assert each["maxLength"] == LIMITS[each["id"]]
