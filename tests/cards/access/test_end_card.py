"""The card that asks whether to end access early."""

from dataclasses import replace
from datetime import timedelta

import pytest
from syrupy.assertion import SnapshotAssertion

from cards.access.end_card import end_card
from domain.access.request import Request
from tests.cards.reading_cards import whole_text
from tests.cards.scenarios import ENDABLE


@pytest.mark.parametrize("request_", ENDABLE.values(), ids=ENDABLE.keys())
def test_the_question_is_drawn_as_before(
    request_: Request, card_snapshot: SnapshotAssertion
) -> None:
    assert end_card(request_) == card_snapshot


def test_it_says_when_access_would_end_otherwise() -> None:
    assert "21 Nov 2026, 15:40 UTC" in whole_text(end_card(ENDABLE["active"]))
    assert "is being granted right now" in whole_text(end_card(ENDABLE["granting"]))


@pytest.mark.parametrize(
    ("wait", "when"),
    [(timedelta(), "Then"), (timedelta(minutes=10), "10 minutes later,")],
)
def test_the_rotation_afterwards_is_announced(wait: timedelta, when: str) -> None:
    request = ENDABLE["active, rotated after"]
    target = replace(request.targets[0], rotation_waits=wait)

    alone = whole_text(end_card(replace(request, targets=(target,))))
    of_two = whole_text(end_card(replace(request, targets=(target, replace(target, secret="b")))))

    assert f"{when} the secret is rotated." in alone
    assert f"{when} 2 of the secrets are rotated." in of_two


def test_without_a_rotation_afterwards_none_is_announced() -> None:
    assert "rotated" not in whole_text(end_card(ENDABLE["active"]))
