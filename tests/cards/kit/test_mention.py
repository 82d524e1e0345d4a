"""Mentions: whom a message in a channel is for notices it, whatever they are called."""

import re

import pytest

from cards.kit.elements import caption, card
from cards.kit.mention import with_mentions
from domain.people import Person
from tests.cards.hostile import HOSTILE

CONTENT = card([caption("band"), caption("rest")])


def test_people_are_mentioned_under_the_band_with_what_they_are_told() -> None:
    people = [Person("id-1", "Ada Approver"), Person("id-2", "José O'Neill-Núñez")]

    content = with_mentions(CONTENT, people, "please decide here.")

    said = "<at>Ada Approver</at>, <at>José O'Neill-Núñez</at> please decide here."
    assert [each["text"] for each in content["body"]] == ["band", said, "rest"]
    assert [each["mentioned"] for each in content["msteams"]["entities"]] == [
        {"id": "id-1", "name": "Ada Approver"},
        {"id": "id-2", "name": "José O'Neill-Núñez"},
    ]


@pytest.mark.parametrize("name", HOSTILE.values(), ids=HOSTILE)
def test_a_name_neither_closes_the_mention_nor_is_markup(name: str) -> None:
    content = with_mentions(CONTENT, [Person("id-1", name)], "look.")

    [entity] = content["msteams"]["entities"]
    said = content["body"][1]["text"]
    assert said == f"{entity['text']} look."
    assert re.fullmatch(r"<at>[\w ',-]+</at>", entity["text"])


def test_a_name_of_which_nothing_shows_is_replaced_by_the_object_id() -> None:
    content = with_mentions(CONTENT, [Person("id-1", "<>*[]()")], "look.")

    assert content["body"][1]["text"] == "<at>id-1</at> look."


def test_where_nobody_is_to_be_mentioned_the_card_stays_as_it_is() -> None:
    assert with_mentions(CONTENT, [], "look.") == CONTENT
