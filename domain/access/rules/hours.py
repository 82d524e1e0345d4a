"""Hours of the week, such as ``Mon-Fri 08:00-18:00, Sat 10:00-12:00 Europe/Berlin``."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

LONGEST_TEXT = 200

_DAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
_MIDNIGHT = 24 * 60
_DAY = rf"(?:{'|'.join(_DAYS)})"
_SOME_DAYS = rf"{_DAY}(?:-{_DAY})?"
_TIME = r"(?:[01]\d|2[0-3]):[0-5]\d"
_RANGE = re.compile(
    rf"({_SOME_DAYS}(?:,\s*{_SOME_DAYS})*)\s+({_TIME})-({_TIME}|24:00)", re.IGNORECASE | re.ASCII
)
_BETWEEN = re.compile(r",\s*")

_LIKE = "like Mon-Fri 08:00-18:00 Europe/Berlin"


@dataclass(frozen=True, slots=True)
class Span:
    """A part of some days: weekdays from 0 for Monday, and minutes since midnight."""

    days: frozenset[int]
    start: int
    end: int
    """The first minute that is no longer part of it."""


@dataclass(frozen=True, slots=True)
class Hours:
    """Hours of the week in one time zone, with the text that they were read from."""

    text: str
    spans: tuple[Span, ...]
    zone: ZoneInfo

    def include(self, at: datetime) -> bool:
        """Return whether a moment is within these hours, by the clocks of their time zone."""
        there = at.astimezone(self.zone)
        minute = there.hour * 60 + there.minute
        return any(
            there.weekday() in span.days and span.start <= minute < span.end for span in self.spans
        )


def parse_hours(text: str) -> Hours:
    """Read hours; raises ValueError with words that complete "must be …".

    A range that ends after midnight belongs to the day on which it starts.
    """
    words = " ".join(text.split())
    ranges, _, zone = words.rpartition(" ")
    if len(text) > LONGEST_TEXT or not _RANGE.match(words):
        raise ValueError(f"hours of the week, {_LIKE}")
    spans = tuple(_spans(ranges, words))
    return Hours(words, spans, _zone(zone))


def _zone(name: str) -> ZoneInfo:
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        raise ValueError(f"hours that end with the name of a time zone, {_LIKE}") from None


def _spans(ranges: str, words: str) -> Iterator[Span]:
    """Read ``ranges``; if they lack their last word, a time zone is missing in ``words``."""
    if _reads_to_end(words):
        raise ValueError(f"hours that end with the name of a time zone, {_LIKE}")
    if not _reads_to_end(ranges):
        raise ValueError(f"hours of the week, with days before each range of times, {_LIKE}")
    for found in _RANGE.finditer(ranges):
        days, start, end = frozenset(_days(found[1])), _minutes(found[2]), _minutes(found[3])
        if start == end:
            raise ValueError("hours that end at another time than they start (00:00-24:00: a day)")
        if start < end:
            yield Span(days, start, end)
            continue
        yield Span(days, start, _MIDNIGHT)
        if end:
            yield Span(frozenset((day + 1) % 7 for day in days), 0, end)


def _reads_to_end(text: str) -> bool:
    """Return whether a text consists of ranges with commas between them."""
    at = 0
    while found := _RANGE.match(text, at):
        at = found.end()
        comma = _BETWEEN.match(text, at)
        if comma is None:
            return at == len(text)
        at = comma.end()
    return False


def _days(text: str) -> Iterator[int]:
    """Read ``Mon-Wed,Sat``; a range of days can go over the end of a week."""
    for part in _BETWEEN.split(text.lower()):
        first, _, last = part.partition("-")
        start, end = _DAYS.index(first), _DAYS.index(last or first)
        yield from ((start + ahead) % 7 for ahead in range((end - start) % 7 + 1))


def _minutes(text: str) -> int:
    hours, minutes = text.split(":")
    return int(hours) * 60 + int(minutes)
