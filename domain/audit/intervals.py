"""Divides a period into weeks, or a long one into months.

Weeks begin on Monday and months on the first, both at midnight UTC: a report is read in channels
by people in several time zones, and its figures have to be the same for all of them.
"""

from bisect import bisect_right
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from enum import StrEnum

from domain.audit.access_review import Period

MOST_WEEKS = 13
"""Longer periods are divided into months."""


class Unit(StrEnum):
    WEEK = "week"
    MONTH = "month"


@dataclass(frozen=True, slots=True)
class Intervals:
    """Where each interval starts; the first and the last can be shorter than the others."""

    unit: Unit
    starts: tuple[datetime, ...]

    def index_of(self, at: datetime) -> int | None:
        """Return in which interval a time is; None if it is before the first."""
        index = bisect_right(self.starts, at) - 1
        return index if index >= 0 else None


def intervals_of(period: Period) -> Intervals:
    """Divide a period; the first interval starts with it."""
    start = period.since.astimezone(UTC)
    is_long = period.until - period.since > timedelta(weeks=MOST_WEEKS)
    unit = Unit.MONTH if is_long else Unit.WEEK
    edges = _months_after(start) if is_long else _weeks_after(start)
    starts = [start]
    for edge in edges:
        if edge >= period.until:
            break
        starts.append(edge)
    return Intervals(unit, tuple(starts))


def _weeks_after(start: datetime) -> Iterator[datetime]:
    edge = _midnight(start) - timedelta(days=start.weekday())
    while True:
        edge += timedelta(weeks=1)
        yield edge


def _months_after(start: datetime) -> Iterator[datetime]:
    edge = _midnight(start).replace(day=1)
    while True:
        edge = (edge + timedelta(days=31)).replace(day=1)
        yield edge


def _midnight(at: datetime) -> datetime:
    return at.replace(hour=0, minute=0, second=0, microsecond=0)
