"""Parsing and formatting of durations."""

from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.durations import LONGEST_INPUT, format_duration, parse_duration, write_duration


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("45m", timedelta(minutes=45)),
        ("2h", timedelta(hours=2)),
        ("1h30m", timedelta(minutes=90)),
        ("1d", timedelta(days=1)),
        ("90s", timedelta(seconds=90)),
        ("1.5h", timedelta(minutes=90)),
        (" 2 H ", timedelta(hours=2)),
        ("\ufeff2\u200bh\u200e", timedelta(hours=2)),
        ("2 hours", timedelta(hours=2)),
        ("1 hour and 30 minutes", timedelta(minutes=90)),
        ("1 day, 2 hrs, 3 mins, 4 secs", timedelta(days=1, hours=2, minutes=3, seconds=4)),
        ("30m 1h", timedelta(minutes=90)),
        ("1 Tag", timedelta(days=1)),
        ("3 Tage", timedelta(days=3)),
        ("2 Tagen", timedelta(days=2)),
        ("1 Stunde 30 Minuten", timedelta(minutes=90)),
        ("2 STUNDEN", timedelta(hours=2)),
        ("2 Std", timedelta(hours=2)),
        ("2std30min", timedelta(minutes=150)),
        ("1 Tag, 2 Stunden, 1 Minute und 4 Sek", timedelta(days=1, hours=2, seconds=64)),
        ("1 Sekunde", timedelta(seconds=1)),
        ("1 minutes", timedelta(minutes=1)),
    ],
)
def test_durations_are_parsed_as_people_type_them(text: str, expected: timedelta) -> None:
    assert parse_duration(text) == expected


@pytest.mark.parametrize(
    "text",
    [
        "",
        "soon",
        "2",
        "h",
        "-1h",
        "0h",
        "0s",
        "0.999s",
        "0.01m",
        "1h2h",
        "1h30",
        "2 weeks",
        "1,5h",
        "1e3s",
        "nan h",
        "٢h",
        "1h; drop",
        "9999999d",
        f"{'1' * 50}h",
        "2h" + " " * 60,
        "2 st",
        "2 Stunde 1 Std",
        "1 Tag und",
        "2 Wochen",
        "zwei Stunden",
    ],
)
def test_an_invalid_duration_is_not_guessed(text: str) -> None:
    assert parse_duration(text) is None


def test_a_duration_is_read_up_to_its_longest_text() -> None:
    longest = "2h".ljust(LONGEST_INPUT)

    assert parse_duration(longest) == timedelta(hours=2)
    assert parse_duration(f"{longest} ") is None


@given(st.text())
def test_any_text_is_parsed_or_refused(text: str) -> None:
    read = parse_duration(text)

    assert read is None or read > timedelta()


@given(st.integers(min_value=1, max_value=365 * 86_400))
def test_a_written_duration_is_parsed_back(seconds: int) -> None:
    duration = timedelta(seconds=seconds)

    assert parse_duration(write_duration(duration)) == duration


@given(st.integers(min_value=1, max_value=365 * 86_400))
def test_a_duration_in_words_is_parsed_back(seconds: int) -> None:
    duration = timedelta(seconds=seconds)

    assert parse_duration(format_duration(duration)) == duration


@pytest.mark.parametrize(
    ("duration", "said", "written"),
    [
        (timedelta(hours=1, minutes=30), "1 hour 30 minutes", "1h30m"),
        (timedelta(days=2, seconds=1), "2 days 1 second", "2d1s"),
        (timedelta(minutes=1), "1 minute", "1m"),
        (timedelta(seconds=59.6), "1 minute", "1m"),
        (timedelta(), "0 seconds", "0s"),
        (timedelta(seconds=-5), "0 seconds", "0s"),
    ],
)
def test_durations_are_formatted_in_words_and_in_short_form(
    duration: timedelta, said: str, written: str
) -> None:
    assert format_duration(duration) == said
    assert write_duration(duration) == written
