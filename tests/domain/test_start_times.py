"""Parsing start times, in the time zone of whoever types them."""

from datetime import UTC, datetime, tzinfo
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.start_times import count_more, looks_like_later, looks_like_start, parse_start
from domain.time_zones import zone_of

BERLIN = ZoneInfo("Europe/Berlin")
NEW_YORK = ZoneInfo("America/New_York")


def at(text: str) -> datetime:
    """Return a UTC time, such as ``2026-12-01 22:00``."""
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("22:00", "2026-11-30 21:00"),
        ("18:01", "2026-11-30 17:01"),
        ("18:00", "2026-12-01 17:00"),
        ("9:30", "2026-12-01 08:30"),
        ("00:00", "2026-11-30 23:00"),
        ("10pm", "2026-11-30 21:00"),
        ("10 PM", "2026-11-30 21:00"),
        ("10:30pm", "2026-11-30 21:30"),
        ("12am", "2026-11-30 23:00"),
        ("12pm", "2026-12-01 11:00"),
        ("1pm", "2026-12-01 12:00"),
        ("22:00 today", "2026-11-30 21:00"),
        ("22:00 tonight", "2026-11-30 21:00"),
        ("8:00 today", "2026-11-30 07:00"),
        ("22:00 tomorrow", "2026-12-01 21:00"),
        ("tomorrow 22:00", "2026-12-01 21:00"),
        ("Tomorrow at 22:00", "2026-12-01 21:00"),
        ("10 pm tomorrow", "2026-12-01 21:00"),
        ("2026-12-05 22:00", "2026-12-05 21:00"),
        ("22:00 2026-12-05", "2026-12-05 21:00"),
        ("morgen um 22:00 Uhr", "2026-12-01 21:00"),
        ("heute 22:00", "2026-11-30 21:00"),
        ("22:00 on 2026-12-05", "2026-12-05 21:00"),
        ("2026-12-05T22:00", "2026-12-05 21:00"),
        ("2026-12-05t22:00", "2026-12-05 21:00"),
        ("2026-07-05 22:00", "2026-07-05 20:00"),
        ("22:00 UTC", "2026-11-30 22:00"),
        ("22:00 utc tomorrow", "2026-12-01 22:00"),
        ("22:00Z", "2026-11-30 22:00"),
        ("2026-12-05 22:00 UTC", "2026-12-05 22:00"),
        ("2026-07-05T22:00Z", "2026-07-05 22:00"),
        ("17:30 UTC", "2026-11-30 17:30"),
        ("5 Dec 2026, 22:00 UTC", "2026-12-05 22:00"),
        ("5 dec 2026 22:00", "2026-12-05 21:00"),
        ("22:00 on 5 December 2026", "2026-12-05 21:00"),
        ("5. Dezember 2026 um 22:00 Uhr", "2026-12-05 21:00"),
        ("on 5 Sept. 2027 at 10 pm UTC", "2027-09-05 22:00"),
        ("22:00, tomorrow", "2026-12-01 21:00"),
        ("\u206622:00\u2069 to\u00admorrow", "2026-12-01 21:00"),
    ],
)
def test_a_start_is_read_in_the_askers_time_zone(text: str, expected: str) -> None:
    found = parse_start(text, datetime(2026, 11, 30, 18, 0, tzinfo=BERLIN))

    assert found == at(expected)
    assert found
    assert found.tzinfo is UTC


@pytest.mark.usefixtures("_far_west")
def test_a_day_of_utc_is_the_same_wherever_the_machine_is() -> None:
    now = datetime(2026, 11, 30, 18, 0, tzinfo=BERLIN)

    assert parse_start("22:00 UTC", now) == at("2026-11-30 22:00")
    assert parse_start("tomorrow 22:00 UTC", now) == at("2026-12-01 22:00")


@pytest.mark.parametrize(
    ("zone", "expected"),
    [
        (UTC, "2026-11-30 22:00"),
        (NEW_YORK, "2026-12-01 03:00"),
        (ZoneInfo("Asia/Kolkata"), "2026-12-01 16:30"),
        (ZoneInfo("Pacific/Auckland"), "2026-12-01 09:00"),
        (zone_of("+05:30"), "2026-12-01 16:30"),
        (zone_of("-03:00"), "2026-12-01 01:00"),
        (zone_of(""), "2026-11-30 22:00"),
    ],
)
def test_the_next_time_depends_on_the_zone(zone: tzinfo, expected: str) -> None:
    now = at("2026-11-30 17:00").astimezone(zone)

    assert parse_start("22:00", now) == at(expected)


@pytest.mark.parametrize(
    ("text", "now", "expected"),
    [
        # The clocks go from 02:00 to 03:00 on 29 March 2026, at 01:00 UTC.
        ("02:30", "2026-03-28 20:00", "2026-03-29 01:00"),
        ("2026-03-29 02:00", "2026-03-28 20:00", "2026-03-29 01:00"),
        ("2026-03-29 02:59", "2026-03-28 20:00", "2026-03-29 01:00"),
        ("2026-03-29 01:59", "2026-03-28 20:00", "2026-03-29 00:59"),
        ("2026-03-29 03:00", "2026-03-28 20:00", "2026-03-29 01:00"),
        ("22:00 tomorrow", "2026-03-28 20:00", "2026-03-29 20:00"),
        # They go back from 03:00 to 02:00 on 25 October 2026, at 01:00 UTC.
        ("02:30", "2026-10-24 20:00", "2026-10-25 00:30"),
        ("2026-10-25 03:00", "2026-10-24 20:00", "2026-10-25 02:00"),
        ("2026-10-25 01:59", "2026-10-24 20:00", "2026-10-24 23:59"),
        ("02:30", "2026-10-25 00:45", "2026-10-26 01:30"),
    ],
)
def test_skipped_and_repeated_times_are_the_first_ones(text: str, now: str, expected: str) -> None:
    assert parse_start(text, at(now).astimezone(BERLIN)) == at(expected)


def test_a_day_that_a_place_skipped_starts_with_the_next() -> None:
    # Samoa went from 29 to 31 December 2011, across the date line.
    apia = ZoneInfo("Pacific/Apia")

    found = parse_start("2011-12-30 12:00", datetime(2011, 12, 28, 12, 0, tzinfo=apia))

    assert found == datetime(2011, 12, 31, 0, 0, tzinfo=apia).astimezone(UTC)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "22",
        "soon",
        "tomorrow",
        "2026-12-01",
        "25:00",
        "22:60",
        "22:0",
        "0pm",
        "13pm",
        "22:00pm",
        "2026-13-01 22:00",
        "2026-02-30 22:00",
        "26-12-01 22:00",
        "22:00 yesterday",
        "22:00 on",
        "22:00 tomorrow tomorrow",
        "22:00 22:00",
        "22:00 tomorrow or later",
        "٢٢:00",
        "9999-12-31 23:59" + " " * 40,
        "22:00; drop",
    ],
)
def test_an_invalid_start_is_not_guessed(text: str) -> None:
    assert parse_start(text, datetime(2026, 11, 30, 18, 0, tzinfo=BERLIN)) is None


def test_a_start_is_read_up_to_its_longest_text() -> None:
    longest = "22:00".ljust(40)
    now = at("2026-11-30 18:00")

    assert parse_start(longest, now) == at("2026-11-30 22:00")
    assert parse_start(f"{longest} ", now) is None


@given(st.text() | st.from_regex(r"[0-9:apmT -]{0,20}"), st.sampled_from([UTC, BERLIN, NEW_YORK]))
def test_any_text_is_read_or_refused(text: str, zone: tzinfo) -> None:
    found = parse_start(text, datetime(2026, 11, 30, 18, 0, tzinfo=zone))

    assert found is None or found.tzinfo is UTC


@pytest.mark.parametrize(
    ("text", "now"),
    [
        ("9999-12-31 23:59", datetime(2026, 11, 30, 18, 0, tzinfo=NEW_YORK)),
        ("0001-01-01 00:00", datetime(2026, 11, 30, 18, 0, tzinfo=BERLIN)),
    ],
)
def test_a_start_at_the_ends_of_the_calendar_is_not_one(text: str, now: datetime) -> None:
    assert parse_start(text, now) is None


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        ("25:00", True),
        ("22.00", True),
        ("10pm", True),
        ("2026-13-45", True),
        ("Tomorrow", True),
        ("22", True),
        ("22 Uhr", True),
        ("2 Mar 2026 22:00", True),
        ("2. März", True),
        ("March 5", True),
        ("3/12 22:00", True),
        ("3 servers", False),
        ("March figures", False),
        ("2026", False),
        ("Oracle", False),
        ("", False),
    ],
)
def test_what_is_meant_as_a_start_is_told_from_other_words(words: str, expected: bool) -> None:
    assert looks_like_start(words.split()) is expected


@pytest.mark.parametrize("word", ["Monday", "noon", "Samstag", "ÜBERMORGEN", "today"])
def test_days_and_times_in_words_are_meant_as_a_start(word: str) -> None:
    assert looks_like_start([word])


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        (["tomorrow"], True),
        (["at", "Morgen", "22:00"], True),
        (["on", "Monday"], True),
        (["next", "week"], True),
        (["today"], False),
        (["at", "tonight"], False),
        (["22:00", "tomorrow"], False),
        (["at"], False),
        ([], False),
    ],
)
def test_words_that_begin_with_a_later_day_are_meant_as_a_start(
    words: list[str], *, expected: bool
) -> None:
    assert looks_like_later(words) is expected


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        ("friday", 1),
        ("on Friday the release is due", 2),
        ("next monday", 2),
        ("Uhr am Freitag weil", 3),
        ("in the evening", 3),
        ("am", 0),
        ("2026-13-01", 1),
        ("1.12.", 1),
        ("(1.12.)", 1),
        ("-23:00", 1),
        ("~23:00", 1),
        ("+1", 1),
        ("a1", 0),
        ("2 Mar 2026", 3),
        ("CET", 1),
        ("UTC+1", 1),
        ("Europe/Berlin time", 1),
        ("until 23:00", 2),
        ("or 23:00 please", 2),
        ("on call", 0),
        ("the release", 0),
        ("", 0),
    ],
)
def test_what_goes_on_about_a_time_is_told_from_what_follows(words: str, expected: int) -> None:
    assert count_more(words.split()) == expected
