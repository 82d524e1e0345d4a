"""In Markdown, `28. Nov.` at the beginning of a text is the 28th item of a list."""

import re
from collections.abc import Iterator
from typing import Any

import pytest

from cards.languages.language import LANGUAGES, Language, speaking
from tests.cards.gallery import every_card

LIST = re.compile(r"\s*\d+[.)]\s")


@pytest.mark.parametrize("language", LANGUAGES.values(), ids=lambda one: one.code)
def test_no_text_that_may_be_markdown_begins_like_an_item_of_a_list(language: Language) -> None:
    with speaking(language):
        drawn = every_card("Dana")

    assert {name: found for name, card in drawn.items() if (found := [*items(card)])} == {}


def items(part: Any) -> Iterator[str]:
    """Find what a client would draw as an item of a list."""
    if isinstance(part, list):
        for one in part:
            yield from items(one)
    elif isinstance(part, dict):
        if part.get("type") == "TextBlock" and LIST.match(part["text"]):
            yield part["text"]
        for value in part.values():
            yield from items(value)
