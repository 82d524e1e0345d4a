"""Which week or month a time is in."""

from datetime import UTC, datetime, timedelta, timezone

import pytest

from domain.audit.access_review import Period
from domain.audit.intervals import Unit, intervals_of

MONDAY = datetime(2026, 11, 23, tzinfo=UTC)
SECOND, DAY = timedelta(seconds=1), timedelta(days=1)


def starts(since: datetime, until: datetime) -> list[str]:
    return [f"{each:%d %b %H:%M}" for each in intervals_of(Period(since, until)).starts]


@pytest.mark.parametrize(
    ("since", "until", "expected"),
    [
        (MONDAY, MONDAY, ["23 Nov 00:00"]),
        (MONDAY + SECOND, MONDAY + DAY, ["23 Nov 00:00"]),
        (MONDAY - SECOND, MONDAY + DAY, ["22 Nov 23:59", "23 Nov 00:00"]),
        (MONDAY - 7 * DAY, MONDAY, ["16 Nov 00:00"]),
        (MONDAY - 7 * DAY, MONDAY + SECOND, ["16 Nov 00:00", "23 Nov 00:00"]),
        (
            MONDAY - 9 * DAY,
            MONDAY + 8 * DAY,
            ["14 Nov 00:00", "16 Nov 00:00", "23 Nov 00:00", "30 Nov 00:00"],
        ),
        (
            datetime(2026, 12, 30, tzinfo=UTC),
            datetime(2027, 1, 5, tzinfo=UTC),
            ["30 Dec 00:00", "04 Jan 00:00"],
        ),
    ],
)
def test_weeks_start_on_monday_in_utc(
    since: datetime, until: datetime, expected: list[str]
) -> None:
    assert starts(since, until) == expected


def test_the_readers_time_zone_does_not_move_the_weeks() -> None:
    west = timezone(timedelta(hours=-8))

    moved = starts((MONDAY - SECOND).astimezone(west), (MONDAY + DAY).astimezone(west))

    assert moved == ["22 Nov 23:59", "23 Nov 00:00"]


def test_an_interval_starts_at_midnight_however_odd_the_period_is() -> None:
    odd = MONDAY - DAY + timedelta(hours=5, minutes=6, seconds=7, microseconds=8)

    found = intervals_of(Period(odd, MONDAY + DAY))

    assert found.starts == (odd, MONDAY)
    assert found.starts[0].tzinfo is UTC


def test_thirteen_weeks_are_weeks_and_more_are_months() -> None:
    weeks = intervals_of(Period(MONDAY - timedelta(weeks=13), MONDAY))
    months = intervals_of(Period(MONDAY - timedelta(weeks=13) - SECOND, MONDAY))

    assert (weeks.unit, len(weeks.starts)) == (Unit.WEEK, 13)
    assert months.unit is Unit.MONTH
    assert [f"{each:%d %b}" for each in months.starts] == ["23 Aug", "01 Sep", "01 Oct", "01 Nov"]


def test_a_time_belongs_to_the_interval_that_starts_with_it() -> None:
    found = intervals_of(Period(MONDAY - DAY, MONDAY + 10 * DAY))

    assert found.index_of(MONDAY - SECOND) == 0
    assert found.index_of(MONDAY) == 1
    assert found.index_of(MONDAY + 7 * DAY) == 2
    assert found.index_of(MONDAY + 10 * DAY) == 2
    assert found.index_of(MONDAY - DAY - SECOND) is None
