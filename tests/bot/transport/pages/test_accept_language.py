"""The language that a browser asks for."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.transport.pages.accept_language import accepted_language
from cards.languages.language import LANGUAGES


@pytest.mark.parametrize(
    ("header", "code"),
    [
        ("", "en"),
        ("de", "de"),
        ("de-AT,de;q=0.9,en;q=0.8", "de"),
        ("fr-FR, fr;q=0.9, DE;q=0.5, en;q=0.3", "de"),
        ("en-GB,en;q=0.9,de;q=0.8", "en"),
        ("de;q=0.2, en;q=0.9", "en"),
        ("en;q=0.5, de ; q=0.7", "de"),
        ("fr, *;q=0.5", "en"),
        ("de;q=0", "en"),
        ("de;q=much", "en"),
    ],
)
def test_a_browser_gets_the_language_it_prefers_among_ours(header: str, code: str) -> None:
    assert accepted_language(header).code == code


@given(st.text())
def test_any_header_gets_a_language(header: str) -> None:
    assert accepted_language(header) in LANGUAGES.values()
