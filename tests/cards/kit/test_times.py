"""Times on cards."""

from datetime import UTC, datetime, timedelta, timezone
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cards.kit.times import age, day, duration, local, second_of, utc
from cards.languages.language import LANGUAGES, speaking
from domain.days import parse_day
from domain.durations import parse_duration
from domain.start_times import parse_start


def test_a_time_is_shown_in_utc_whatever_its_zone() -> None:
    moment = datetime(2026, 11, 1, 1, 5, 59, tzinfo=timezone(timedelta(hours=2)))

    assert utc(moment) == "31 Oct 2026, 23:05 UTC"


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
