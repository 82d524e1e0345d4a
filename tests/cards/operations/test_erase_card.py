"""The card that asks whether to erase a person's name."""

from syrupy.assertion import SnapshotAssertion

from cards.operations.erase_card import erase_card
from domain.people import Person
from tests.cards.erasure_scenarios import ERASURE_ID, WHO
from tests.cards.reading_cards import whole_text


def test_it_says_what_is_erased_and_what_stays(card_snapshot: SnapshotAssertion) -> None:
    assert erase_card(WHO, ERASURE_ID) == card_snapshot


def test_someone_who_is_not_in_the_directory_has_only_an_object_id() -> None:
    card = erase_card(Person(WHO.object_id, WHO.object_id), ERASURE_ID)
    said = " ".join(whole_text(card).split())

    assert f"the email of {WHO.object_id} would be erased" in said
