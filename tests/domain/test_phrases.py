"""Texts that are shown later, as they read in English."""

from datetime import datetime, timedelta, timezone

import pytest

from domain.phrases import Value, counted, in_english, mark, phrase


def test_a_phrase_reads_in_english_with_its_values() -> None:
    inner = phrase("{count} secrets", count=1_234)

    assert str(phrase("In {vault}: {what}", vault="demo", what=inner)) == "In demo: 1,234 secrets"


@pytest.mark.parametrize(
    ("count", "said"), [(0, "0 checks of a"), (1, "1 check of a"), (2_000, "2,000 checks of a")]
)
def test_the_words_of_a_phrase_may_depend_on_a_count(count: int, said: str) -> None:
    words = counted("{count} check of {name}", "{count} checks of {name}", count, name="a")

    assert str(words) == said


@pytest.mark.parametrize(
    ("value", "said"),
    [
        ("a", "a"),
        (1_000_000, "1,000,000"),
        (phrase("a {b}", b="c"), "a c"),
        (
            datetime(2026, 3, 2, 10, 5, 59, tzinfo=timezone(timedelta(hours=1))),
            "2 Mar 2026, 09:05 UTC",
        ),
        ([], ""),
        (["a"], "a"),
        (["a", "b"], "a and b"),
        (["a", phrase("b"), "c"], "a, b and c"),
    ],
)
def test_a_value_is_shown_as_in_a_sentence(value: Value, said: str) -> None:
    assert in_english(value) == said


def test_a_marked_text_is_the_text() -> None:
    assert mark("Approved") == "Approved"
