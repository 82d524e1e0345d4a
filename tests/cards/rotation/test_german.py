"""The cards about rotations in German."""

from collections.abc import Callable

import pytest
from syrupy.assertion import SnapshotAssertion

from cards.kit.elements import Content
from cards.languages.language import LANGUAGES, speaking
from cards.rotation.abandon_card import abandon_card
from cards.rotation.event_card import rotation_audit_card, rotation_person_card
from cards.rotation.expiry_watch_card import watch_card
from cards.rotation.plan_card import plan_card
from cards.rotation.rotation_card import rotation_card
from cards.rotation.rotations_card import rotations_card
from domain.rotation.remains import remains_of
from tests.cards.expiry_watch_scenarios import WATCH_EVENTS
from tests.cards.rotation_scenarios import NEW, PLANS, ROTATION_EVENTS, ROTATIONS, ROWS

_HELPLESS = ROTATIONS["needs a human"]

CARDS: dict[str, Callable[[], Content]] = {
    "plan": lambda: plan_card(PLANS["a connection string"], confirm="rot-1"),
    "plan that would stop": lambda: plan_card(PLANS["drift"], confirm="rot-1"),
    "waiting for approval": lambda: rotation_card(ROTATIONS["pending"], buttons=True),
    "running": lambda: rotation_card(ROTATIONS["refused for now"], buttons=True),
    "near expiry": lambda: rotation_card(ROTATIONS["near expiry"], buttons=True),
    "rotated, overlapping": lambda: rotation_card(ROTATIONS["overlapping"], buttons=True),
    "rolled back": lambda: rotation_card(ROTATIONS["rolled back"], buttons=True),
    "needs a human": lambda: rotation_card(_HELPLESS, buttons=True),
    "retired": lambda: rotation_card(ROTATIONS["rotated with other client secrets"], buttons=True),
    "abandon": lambda: abandon_card(_HELPLESS, remains_of(_HELPLESS, NEW), ""),
    "rotations": lambda: rotations_card(ROWS, 4, 1),
    "expiry not watched": lambda: watch_card(*WATCH_EVENTS["disabled"], 2),
    "audit, started near expiry": lambda: rotation_audit_card(
        *ROTATION_EVENTS["started near expiry"], 1
    ),
    "audit, denied": lambda: rotation_audit_card(*ROTATION_EVENTS["denied"], 2),
    "admin, rotated": lambda: rotation_person_card(*ROTATION_EVENTS["overlapping"]),
    "admin, rolled back": lambda: rotation_person_card(*ROTATION_EVENTS["rolled back"]),
}


@pytest.mark.parametrize("draw", CARDS.values(), ids=CARDS)
def test_the_card_is_drawn_in_german_as_before(
    draw: Callable[[], Content], card_snapshot: SnapshotAssertion
) -> None:
    with speaking(LANGUAGES["de"]):
        drawn = draw()

    assert drawn == card_snapshot
