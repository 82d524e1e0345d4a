"""The card that asks whether to abandon a rotation, and the abandoned rotation."""

import pytest
from syrupy.assertion import SnapshotAssertion

from cards.rotation.abandon_card import abandon_card
from cards.rotation.event_card import rotation_audit_card, rotation_person_card
from cards.rotation.rotation_card import rotation_card
from domain.reasons import as_written
from domain.rotation.remains import remains_of
from tests.cards.reading_cards import whole_text
from tests.cards.rotation_scenarios import NEW, OLD, ROTATION_EVENTS, ROTATIONS
from tests.support.refusing import words_of

HELPLESS = ROTATIONS["needs a human"]
LEFT = remains_of(HELPLESS, NEW)


def test_the_question_is_drawn_as_before(card_snapshot: SnapshotAssertion) -> None:
    assert abandon_card(HELPLESS, LEFT, "The app was deleted") == card_snapshot


def test_the_reason_is_filled_in_and_the_buttons_carry_only_the_id() -> None:
    drawn = abandon_card(HELPLESS, LEFT, "The app was deleted")
    abandon, keep = drawn["actions"]
    (typed,) = (each for each in drawn["body"] if each["type"] == "Input.Text")

    assert (abandon["verb"], keep["verb"]) == ("rotation.abandon", "rotation.keep")
    assert (typed["id"], typed["value"]) == ("reason", "The app was deleted")
    assert abandon["data"] == keep["data"] == {"rotation": HELPLESS.id}


def test_what_was_abandoned_is_never_called_rotated_or_rolled_back() -> None:
    rotation, event = ROTATION_EVENTS["abandoned"]
    drawn = [
        rotation_card(ROTATIONS["abandoned"], buttons=True),
        rotation_audit_card(rotation, event, 9),
        rotation_person_card(rotation, event),
    ]

    for text in map(whole_text, drawn):
        assert "bandoned" in text
        assert "rolled back" not in text.lower()
        assert "is rotated" not in text


@pytest.mark.parametrize(
    ("name", "current", "said"),
    [
        ("needs a human", OLD, "is current: the one from before this rotation."),
        ("needs a human", NEW, "is current: the new one, written by this rotation."),
        ("needs a human", "ffff", "is current: one this rotation has no record of."),
        ("needs a human", None, "Couldn't read which version is current: 404."),
        ("needs a human", OLD, "The values of these settings are unknown"),
        ("not retired", NEW, "changed to the new value and not restored"),
        ("not retired", NEW, "The old version 3f0c1a2b may still be enabled"),
    ],
)
def test_what_is_left_behind_claims_only_what_is_known(
    name: str, current: str | None, said: str
) -> None:
    assert said in " ".join(map(words_of, remains_of(ROTATIONS[name], current, as_written("404"))))
