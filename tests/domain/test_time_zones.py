"""The time zones that Teams gives people, by name or by offset."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from domain.time_zones import is_zone, offset_name, zone_of

NOON = datetime(2026, 7, 1, 12, 0, tzinfo=UTC)


@pytest.mark.parametrize("name", ["Europe/Berlin", "UTC", "America/Argentina/Buenos_Aires"])
def test_a_zone_is_known_by_its_name(name: str) -> None:
    assert is_zone(name)
    assert zone_of(name) == ZoneInfo(name)


@pytest.mark.parametrize(
    "name",
    [
        *("", "Europe", "Europe/Atlantis", "W. Europe Standard Time", "../../etc/passwd", "/etc"),
        *("\0", "\ud800", "x" * 100_000, "+25:00", "+1:00", "1:00"),
    ],
)
def test_anything_else_is_not_a_zone_and_is_read_as_utc(name: str) -> None:
    assert not is_zone(name)
    assert zone_of(name) is UTC


@pytest.mark.parametrize(
    ("offset", "name"),
    [
        (timedelta(), "+00:00"),
        (timedelta(hours=5, minutes=30), "+05:30"),
        (-timedelta(hours=3, minutes=30), "-03:30"),
        (timedelta(hours=14), "+14:00"),
    ],
)
def test_an_offset_is_written_so_that_it_is_read_again(offset: timedelta, name: str) -> None:
    assert offset_name(offset) == name
    assert NOON.astimezone(zone_of(name)).utcoffset() == offset
