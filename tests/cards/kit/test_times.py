"""Times on cards."""

from datetime import UTC, datetime, timedelta, timezone
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cards.kit.times import (
    age,
    at_minute_of,
    at_second_of,
    day,
    duration,
    local,
    second_of,
    utc,
)
from cards.languages.language import LANGUAGES, speaking
from cards.languages.texts import say
from domain.days import parse_day
from domain.durations import parse_duration
from domain.phrases import phrase
from domain.start_times import parse_start


def test_a_time_is_shown_in_utc_whatever_its_zone() -> None:
    moment = datetime(2026, 11, 1, 1, 5, 59, tzinfo=timezone(timedelta(hours=2)))

    assert utc(moment) == "31 Oct 2026, 23:05 UTC"


@pytest.mark.parametrize(
    ("code", "expected"),
    [
        (
            "en",
            ["at 18:05 UTC", "at 18:05:09 UTC", "on 22 Nov 2026, 18:05 UTC"],
        ),
        (
            "de",
            ["um 18:05 UTC", "um 18:05:09 UTC", "am 22. Nov. 2026, 18:05 UTC"],
        ),
    ],
)
def test_something_is_on_a_date_and_at_a_time_of_day(code: str, expected: list[str]) -> None:
    at = datetime(2026, 11, 21, 18, 5, 9, tzinfo=UTC)
    tomorrow = at + timedelta(days=1)

    with speaking(LANGUAGES[code]):
        assert [at_minute_of(at, at), at_second_of(at, at), at_minute_of(tomorrow, at)] == expected
        assert at_second_of(tomorrow, at) == expected[-1]


def test_a_local_time_has_no_fraction_that_clients_cannot_read() -> None:
    moment = datetime(2026, 11, 1, 1, 5, 59, 123456, tzinfo=UTC)

    assert local(moment) == "{{DATE(2026-11-01T01:05:59Z, COMPACT)}} {{TIME(2026-11-01T01:05:59Z)}}"


def test_a_second_is_shown_with_its_date_only_on_another_day() -> None:
    since = datetime(2026, 11, 21, 23, 59, 58, tzinfo=UTC)

    assert second_of(since + timedelta(seconds=1), since) == "23:59:59 UTC"
    assert second_of(since + timedelta(seconds=2), since) == "22 Nov 2026, 00:00 UTC"


@pytest.mark.parametrize(
    ("passed", "expected"),
    [
        (timedelta(days=1_200, hours=23), "1,200 days"),
        (timedelta(days=1), "1 day"),
        (timedelta(hours=23, minutes=59), "23 hours"),
        (timedelta(minutes=1), "1 minute"),
        (timedelta(seconds=59), "less than a minute"),
        (timedelta(seconds=-5), "less than a minute"),
    ],
)
def test_an_age_is_shown_in_its_largest_unit(passed: timedelta, expected: str) -> None:
    assert age(passed) == expected


@pytest.mark.parametrize("code", LANGUAGES)
@given(seconds=st.integers(min_value=1, max_value=365 * 86_400))
def test_a_duration_can_be_typed_as_it_is_shown(code: str, seconds: int) -> None:
    length = timedelta(seconds=seconds)
    with speaking(LANGUAGES[code]):
        shown = duration(length)

    assert parse_duration(shown) == length


@pytest.mark.parametrize("code", LANGUAGES)
@pytest.mark.parametrize("month", range(1, 13))
def test_a_time_can_be_typed_as_a_start_as_it_is_shown(code: str, month: int) -> None:
    at, now = (datetime(2026, one, 2, 22, 5, tzinfo=UTC) for one in (month, 1))
    with speaking(LANGUAGES[code]):
        shown, shown_day = utc(at), day(at)

    for typed in (shown, shown.lower(), shown.replace(",", "")):
        assert parse_start(typed, now.astimezone(ZoneInfo("Europe/Berlin"))) == at
    assert parse_day(shown_day.lower().split()) == at.date()


def test_a_time_in_a_phrase_is_said_in_the_language_of_its_reader() -> None:
    said = phrase("next run on {at}", at=datetime(2026, 3, 2, 9, tzinfo=UTC))

    with speaking(LANGUAGES["de"]):
        assert say(said) == "nächster Lauf am 2. März 2026, 09:00 UTC"
    assert say(said) == str(said) == "next run on 2 Mar 2026, 09:00 UTC"
