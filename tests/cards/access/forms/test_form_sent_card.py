"""The answer in a channel or group that says where the form is."""

from syrupy.assertion import SnapshotAssertion

from cards.access.forms.form_sent_card import form_sent_card
from domain.people import Person
from tests.cards.hostile import HOSTILE
from tests.cards.scenarios import DANA


def test_it_is_drawn_as_before(card_snapshot: SnapshotAssertion) -> None:
    assert form_sent_card(DANA.as_person()) == card_snapshot


def test_without_an_outcome_it_promises_none(card_snapshot: SnapshotAssertion) -> None:
    assert form_sent_card(DANA.as_person(), is_outcome_posted=False) == card_snapshot


def test_a_hostile_name_is_drawn_as_before(card_snapshot: SnapshotAssertion) -> None:
    everything_at_once = " ".join(HOSTILE.values())[:1_000]

    assert form_sent_card(Person("id-1", everything_at_once)) == card_snapshot
