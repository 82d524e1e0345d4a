"""Which of several people was meant."""

import pytest
from syrupy.assertion import SnapshotAssertion

from cards.audit.who_card import who_card
from domain.people import Person
from tests.cards.hostile import HOSTILE


@pytest.mark.parametrize("count", [2, 8])
def test_it_is_drawn_as_before(card_snapshot: SnapshotAssertion, count: int) -> None:
    people = [Person(f"id-{number}", f"Alex {number}") for number in range(count)]

    assert who_card(people, "7d" if count == 2 else "") == card_snapshot


def test_hostile_names_are_only_shown_as_text(card_snapshot: SnapshotAssertion) -> None:
    people = [Person("id-1", HOSTILE["markdown"]), Person("id-2", HOSTILE["right to left"])]

    assert who_card(people, HOSTILE["mention"]) == card_snapshot
