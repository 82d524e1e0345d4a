"""What people see of a text."""

import pytest

from domain.visible import says_something, visible


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("a-key", "a-key"),
        ("Grüße 🎉 필요", "Grüße 🎉 필요"),
        ("one\ntwo three", "one\ntwo three"),
        ("\ufeffa\u200e-\u00adk\u2060e\u200by\u2069", "a-key"),
        ("\u3164\u115f\u1160\uffa0\u2800\u034f", ""),
        ("a\x00b\x1b", "ab"),
        ("", ""),
    ],
)
def test_invisible_characters_are_left_out(text: str, expected: str) -> None:
    assert visible(text) == expected


@pytest.mark.parametrize("text", ["x", "7", "必要です", "\u200bx"])
def test_a_letter_says_something(text: str) -> None:
    assert says_something(text)


@pytest.mark.parametrize("text", ["", " ", ".", "\u200b", "\u3164", "\u115f\u1160\uffa0", "\u2800"])
def test_what_nobody_sees_says_nothing(text: str) -> None:
    assert not says_something(text)
