"""What people see of a text."""

import pytest

from domain.visible import _MOST_KNOWN, _SEEN, says_something, visible


@pytest.fixture(autouse=True)
def _no_character_is_known() -> None:
    """Forget the characters that another test has shown."""
    _SEEN.clear()


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("a-key", "a-key"),
        ("Grüße 🎉 필요", "Grüße 🎉 필요"),
        ("one\ntwo three", "one\ntwo three"),
        ("\ufeffa\u200e-\u00adk\u2060e\u200by\u2069", "a-key"),
        ("\u3164\u115f\u1160\uffa0\u2800\u034f", ""),
        ("\ue000\ud800\U000e0000\U000e0100", ""),
        ("zäh, Nähe", "zäh, Nähe"),
        ("a\x00b\x1b", "ab"),
        ("", ""),
    ],
)
def test_invisible_characters_are_left_out(text: str, expected: str) -> None:
    assert visible(text) == expected


def test_so_many_characters_and_no_more_are_remembered() -> None:
    many = "".join(map(chr, range(0x4E00, 0x4E00 + _MOST_KNOWN + 1)))

    assert visible(many) == many
    assert len(_SEEN) == _MOST_KNOWN


@pytest.mark.parametrize("text", ["x", "7", "必要です", "\u200bx"])
def test_a_letter_says_something(text: str) -> None:
    assert says_something(text)


@pytest.mark.parametrize("text", ["", " ", ".", "\u200b", "\u3164", "\u115f\u1160\uffa0", "\u2800"])
def test_what_nobody_sees_says_nothing(text: str) -> None:
    assert not says_something(text)
