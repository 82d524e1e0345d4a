"""The form for how much longer access is needed."""

from dataclasses import replace

from syrupy.assertion import SnapshotAssertion

from cards.access.forms.extend_card import extend_card
from cards.kit.elements import Content
from domain.access.transitions.extensions import most_more
from domain.durations import write_duration
from tests.cards.hostile import HOSTILE
from tests.cards.scenarios import ENDABLE

ACTIVE = ENDABLE["active"]


def test_the_form_is_drawn_as_before(card_snapshot: SnapshotAssertion) -> None:
    assert extend_card(ACTIVE, "", "") == card_snapshot


def test_a_form_with_an_error_is_drawn_as_before(card_snapshot: SnapshotAssertion) -> None:
    assert extend_card(ACTIVE, "for ever", "I can't read that duration.") == card_snapshot


def test_a_form_with_hostile_text_is_drawn_as_before(card_snapshot: SnapshotAssertion) -> None:
    everything_at_once = " ".join(HOSTILE.values())[:1_000]

    assert extend_card(ACTIVE, everything_at_once, everything_at_once) == card_snapshot


def test_it_proposes_no_more_than_is_allowed() -> None:
    terms = replace(ACTIVE.terms, longest=ACTIVE.window + ACTIVE.window / 2)
    request = replace(ACTIVE, terms=terms)

    assert _input(extend_card(request, "", ""))["value"] == write_duration(most_more(request))


def test_a_form_can_be_cancelled_while_it_is_empty() -> None:
    cancel = extend_card(ACTIVE, "", "")["actions"][1]

    assert (cancel["verb"], cancel["associatedInputs"]) == ("extension.cancel", "none")


def _input(drawn: Content) -> dict[str, object]:
    [element] = [each for each in drawn["body"] if each["type"] == "Input.Text"]
    return dict(element)
