"""Text from people on cards."""

import pytest

from cards.kit import text
from domain.people import Actor, Person


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        ("Dana  Developer ", "Dana Developer"),
        ("a\nb\tc\u2028d", "a b c d"),
        ("\u202eevil\u202c", "evil"),
        ("a\u200bb\u200dc\ufeff", "abc"),
        ("nul\x00l \x1b[31mred", "null [31mred"),
        ("broken \ud800 surrogate", "broken surrogate"),
        ("tag\U000e0041s", "tags"),
        ("{{DATE(2026-01-01T00:00:00Z)}}", "{ {DATE(2026-01-01T00:00:00Z)}}"),
        ("{{{TIME(x)}}", "{{ {TIME(x)}}"),
        ("{{ other }}", "{{ other }}"),
        ("**bold** [x](y) <at>z</at>", "**bold** [x](y) <at>z</at>"),
        ("שלום, 山田 \U0001f600 é", "שלום, 山田 \U0001f600 é"),
    ],
)
def test_a_line_keeps_readable_and_drops_deceptive_characters(given: str, expected: str) -> None:
    assert text.line(given) == expected


def test_a_text_that_is_too_long_ends_in_an_ellipsis() -> None:
    cut = text.line("word " * 50, 20)

    assert cut == "word word word word…"


def test_a_text_of_exactly_the_limit_is_whole() -> None:
    assert text.line("x" * 20, 20) == "x" * 20


def test_lines_keep_their_breaks_and_lose_empty_ones() -> None:
    assert text.lines(" one \r\n\r\n\n two\rthree\n") == "one\ntwo\nthree"


def test_many_lines_keep_their_words_but_not_their_line_breaks() -> None:
    kept = text.lines("\n".join(str(number) for number in range(100)))

    assert len(kept.split("\n")) == 12
    assert list(map(str, range(100))) == kept.split()


def test_typed_text_comes_back_unchanged() -> None:
    assert text.typed("  one\r\n\r\n two {{DATE(\u202e", 100) == "  one\n\n two {{DATE("


def test_an_invisible_name_is_replaced_by_the_object_id() -> None:
    assert text.name_of(Actor("tenant", "id-1", "\u200b \u3164")) == "id-1"
    assert text.name_of(Person("id-2", "Ada")) == "Ada"


def test_plain_text_cannot_open_a_tag_or_a_link() -> None:
    assert text.plain("<at>x</at>\n[a](b)") == "\u2039at\u203ax\u2039/at\u203a (a)(b)"
