"""Mentions: the reader of a channel message notices it, whatever their name is."""

import re

import pytest

from cards.kit.elements import caption, card
from cards.kit.mention import with_mentions
from domain.people import Person
from tests.cards.hostile import HOSTILE

CONTENT = card([caption("band"), caption("rest")])


def test_people_are_mentioned_below_the_header_with_the_text_for_them() -> None:
    people = [Person("id-1", "Ada Approver"), Person("id-2", "José O'Neill-Núñez")]

    content = with_mentions(CONTENT, people, "please decide here.")

    said = "<at>Ada Approver</at>, <at>José O'Neill-Núñez</at> please decide here."
    assert [each["text"] for each in content["body"]] == ["band", said, "rest"]
    assert [each["mentioned"] for each in content["msteams"]["entities"]] == [
        {"id": "id-1", "name": "Ada Approver"},
        {"id": "id-2", "name": "José O'Neill-Núñez"},
    ]


@pytest.mark.parametrize("name", HOSTILE.values(), ids=HOSTILE)
def test_a_name_cannot_close_the_mention_or_be_markup(name: str) -> None:
    content = with_mentions(CONTENT, [Person("id-1", name)], "look.")

    [entity] = content["msteams"]["entities"]
    said = content["body"][1]["text"]
    assert said == f"{entity['text']} look."
    assert re.fullmatch(r"<at>[\w ',-]+</at>", entity["text"])


def test_an_invisible_name_is_replaced_by_the_object_id() -> None:
    content = with_mentions(CONTENT, [Person("id-1", "<>*[]()")], "look.")

    assert content["body"][1]["text"] == "<at>id-1</at> look."


def test_without_anyone_to_mention_the_card_is_unchanged() -> None:
    assert with_mentions(CONTENT, [], "look.") == CONTENT
