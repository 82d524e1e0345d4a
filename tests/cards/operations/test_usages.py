"""How a command is typed, in other languages."""

import re

import pytest

from bot.handlers.command_table import read, usages
from cards.languages.language import LANGUAGES, Language, speaking
from cards.operations.usages import PLACEHOLDERS, usage_of
from tests.cards.languages.wide import WIDE, plain_words

FORMS = [form for form, _ in usages()]
_SIGNS = re.compile(r"[\[\]…]|\|[^\s\]]+")
"""What isn't typed: brackets, and all but the first of what can be chosen from."""


@pytest.mark.parametrize("form", FORMS)
def test_only_what_stands_for_something_is_translated(form: str) -> None:
    with speaking(WIDE):
        shown = usage_of(form)

    assert [word for word in plain_words(shown) if not word.islower()] == []
    assert plain_words(shown) == [
        word for word in plain_words(form) if word.islower() and f"@{word}" not in PLACEHOLDERS
    ]


@pytest.mark.parametrize("language", LANGUAGES.values(), ids=LANGUAGES)
@pytest.mark.parametrize("form", FORMS)
def test_it_can_be_typed_as_it_is_shown(form: str, language: Language) -> None:
    with speaking(language):
        shown = usage_of(form)

    assert command_of(shown) is command_of(form) is not None


def command_of(form: str) -> object:
    """Return the command that a form begins with, its optional parts included."""
    found = read(_SIGNS.sub("", form).strip())
    return found and found[0]
