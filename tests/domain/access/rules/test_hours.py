"""Hours of the week, as a policy file writes them."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.access.rules.hours import LONGEST_TEXT, parse_hours

BERLIN = ZoneInfo("Europe/Berlin")
WEEK = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")


def at(day: str, time: str, zone: ZoneInfo = BERLIN) -> datetime:
    """Return a moment in the week of Monday, 2 March 2026."""
    hour, minute = map(int, time.split(":"))
    return datetime(2026, 3, 2 + WEEK.index(day), hour, minute, tzinfo=zone)


@pytest.mark.parametrize(
    ("text", "inside", "outside"),
    [
        (
            "Mon-Fri 08:00-18:00 Europe/Berlin",
            [("Mon", "08:00"), ("Fri", "17:59"), ("Wed", "12:00")],
            [("Mon", "07:59"), ("Fri", "18:00"), ("Sat", "12:00"), ("Sun", "12:00")],
        ),
        (
            "Sat,Sun 10:00-12:00 Europe/Berlin",
            [("Sat", "10:00"), ("Sun", "11:59")],
            [("Fri", "11:00"), ("Mon", "11:00"), ("Sat", "12:00")],
        ),
        (
            "Mon-Fri 08:00-18:00, Sat 10:00-12:00 Europe/Berlin",
            [("Thu", "17:00"), ("Sat", "11:00")],
            [("Sat", "09:00"), ("Sat", "17:00"), ("Sun", "11:00")],
        ),
        (
            "Mon, Wed-Thu 08:00-09:00 Europe/Berlin",
            [("Mon", "08:30"), ("Wed", "08:30"), ("Thu", "08:30")],
            [("Tue", "08:30"), ("Fri", "08:30")],
        ),
        (
            "Sat-Mon 08:00-09:00 Europe/Berlin",
            [("Sat", "08:30"), ("Sun", "08:30"), ("Mon", "08:30")],
            [("Tue", "08:30"), ("Fri", "08:30")],
        ),
        (
            "Mon-Sun 00:00-24:00 Europe/Berlin",
            [("Mon", "00:00"), ("Sun", "23:59")],
            [],
        ),
        (
            "Sun 22:00-06:00 Europe/Berlin",
            [("Sun", "22:00"), ("Sun", "23:59"), ("Mon", "00:00"), ("Mon", "05:59")],
            [("Sun", "05:59"), ("Sun", "21:59"), ("Mon", "06:00"), ("Mon", "22:00")],
        ),
        (
            "Fri 22:00-00:00 Europe/Berlin",
            [("Fri", "23:59")],
            [("Sat", "00:00"), ("Fri", "00:00")],
        ),
        (
            "  MON-fri   08:00-18:00,sat 10:00-12:00   Europe/Berlin ",
            [("Tue", "08:00"), ("Sat", "10:00")],
            [("Sat", "08:00")],
        ),
        (
            "Mon 08:00-18:00 UTC",
            [("Mon", "09:00"), ("Mon", "18:59")],
            [("Mon", "08:59"), ("Mon", "19:00")],
        ),
    ],
)
def test_hours_include_what_they_say(
    text: str, inside: list[tuple[str, str]], outside: list[tuple[str, str]]
) -> None:
    hours = parse_hours(text)

    assert [hours.include(at(*moment)) for moment in inside] == [True] * len(inside)
    assert [hours.include(at(*moment)) for moment in outside] == [False] * len(outside)


def test_hours_follow_the_clocks_of_their_time_zone_through_summer_time() -> None:
    hours = parse_hours("Mon-Fri 08:00-18:00 Europe/Berlin")
    winter, summer = datetime(2026, 3, 27, tzinfo=UTC), datetime(2026, 3, 30, tzinfo=UTC)

    assert not hours.include(winter + timedelta(hours=6, minutes=59))
    assert hours.include(winter + timedelta(hours=7))
    assert hours.include(winter + timedelta(hours=16, minutes=59))
    assert not hours.include(summer + timedelta(hours=5, minutes=59))
    assert hours.include(summer + timedelta(hours=6))
    assert not hours.include(summer + timedelta(hours=16))


def test_an_hour_that_comes_twice_is_included_both_times() -> None:
    hours = parse_hours("Sun 02:00-03:00 Europe/Berlin")
    night = datetime(2026, 10, 25, tzinfo=UTC)

    included = [hours.include(night + timedelta(minutes=minutes)) for minutes in (-1, 0, 60, 120)]

    assert included == [False, True, True, False]


@pytest.mark.parametrize("text", ["Mon-Fri 08:00-18:00 Mars/Base", "Mon-Fri 08:00-18:00 ../etc"])
def test_an_unknown_time_zone_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="the name of a time zone, like Mon-Fri"):
        parse_hours(text)


@pytest.mark.parametrize(
    "text", ["Mon-Fri 08:00-18:00", "Mon 08:00-18:00, Tue 08:00-18:00", "Sat,Sun 10:00-12:00"]
)
def test_hours_without_a_time_zone_are_refused(text: str) -> None:
    with pytest.raises(ValueError, match="end with the name of a time zone"):
        parse_hours(text)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "always",
        "Europe/Berlin",
        "08:00-18:00 Europe/Berlin",
        "Mon-Fri Europe/Berlin",
        "Monday 08:00-18:00 Europe/Berlin",
        "Mon-Fri 8:00-18:00 Europe/Berlin",
        "Mon-Fri 08:00-24:01 Europe/Berlin",
        "Mon-Fri 08:60-18:00 Europe/Berlin",
        "Mon-Fri 25:00-18:00 Europe/Berlin",
        "Mon-Fri 24:00-18:00 Europe/Berlin",
        "Mon-Fri 08:00-12:00, 13:00-18:00 Europe/Berlin",
        "Mon-Fri 08:00-12:00; Sat 13:00-18:00 Europe/Berlin",
        "Mon-Fri 08:00-12:00 Sat 13:00-18:00 Europe/Berlin",
        "Mon-Fri 08:00-18:00, Europe/Berlin",
        "Mon-Fri 08:00-18:00 Europe/Berlin and so on",
        "Mon-Fri 08:00-18:00 " + "x" * LONGEST_TEXT,
    ],
)
def test_other_texts_are_refused(text: str) -> None:
    with pytest.raises(ValueError, match="hours"):
        parse_hours(text)


@pytest.mark.parametrize("text", ["Mon 08:00-08:00 UTC", "Mon 00:00-00:00 UTC"])
def test_hours_that_end_when_they_start_are_refused(text: str) -> None:
    why = r"^hours that end at another time than they start \(00:00-24:00: a day\)$"
    with pytest.raises(ValueError, match=why):
        parse_hours(text)


@pytest.mark.parametrize(
    "text",
    [
        "Mon-Fri 08:00-12:00, 13:00-18:00 Europe/Berlin",
        "Mon-Fri 08:00-18:00, Europe/Berlin",
        "Mon-Fri 08:00-12:00 Sat 13:00-18:00 Europe/Berlin",
    ],
)
def test_times_without_days_before_them_are_named_as_the_reason(text: str) -> None:
    why = "^hours of the week, with days before each range of times, like Mon-Fri 08:00-18:00"
    with pytest.raises(ValueError, match=why):
        parse_hours(text)


def test_the_text_is_kept_with_one_space_between_words() -> None:
    hours = parse_hours("  MON-fri   08:00-18:00,sat 10:00-12:00\n Europe/Berlin ")

    assert hours.text == "MON-fri 08:00-18:00,sat 10:00-12:00 Europe/Berlin"


def test_a_text_that_is_too_long_is_refused_and_not_cut() -> None:
    longest = "Mon 08:00-18:00".ljust(LONGEST_TEXT - 3) + "UTC"

    assert parse_hours(longest).text == "Mon 08:00-18:00 UTC"
    for text in (f"{longest} ", f"{longest} and so on"):
        with pytest.raises(ValueError, match=r"^hours of the week, like Mon-Fri"):
            parse_hours(text)


@given(st.text(alphabet="MonTueFri,- :0123456789/UTC", max_size=60))
def test_no_text_does_worse_than_being_refused(text: str) -> None:
    try:
        spans = parse_hours(text).spans
    except ValueError as error:
        spans, refused = (), str(error)

    assert spans or refused.startswith("hours ")


@given(
    st.sampled_from(WEEK),
    st.integers(0, 24 * 60 - 1),
    st.integers(0, 24 * 60 - 1),
    st.integers(0, 7 * 24 * 60 - 1),
)
def test_a_range_is_as_long_as_from_its_start_to_its_end(
    day: str, start: int, end: int, minute: int
) -> None:
    if start == end:
        return
    hours = parse_hours(f"{day} {_clock(start)}-{_clock(end)} UTC")
    opens = WEEK.index(day) * 24 * 60 + start
    length = (end - start) % (24 * 60)
    moment = at("Mon", "00:00", ZoneInfo("UTC")) + timedelta(minutes=minute)

    assert hours.include(moment) == ((minute - opens) % (7 * 24 * 60) < length)


def _clock(minute: int) -> str:
    return f"{minute // 60:02}:{minute % 60:02}"
