"""Start times for people to type: ``22:00``, ``22:00 tomorrow``, ``2026-12-01 22:00``, ``10pm``."""

import re
from collections.abc import Iterable
from datetime import UTC, date, datetime, time, timedelta

_LONGEST_INPUT = 40
_CLOCK = re.compile(r"(\d{1,2})(?::(\d{2}))?\s?(am|pm)?", re.IGNORECASE | re.ASCII)
_MEANT = re.compile(r"\d{1,2}[:.h]\d|\d{1,2}\s?[ap]m\b|\d{4}-\d", re.IGNORECASE | re.ASCII)
_DATE = re.compile(r"\d{4}-\d{2}-\d{2}", re.ASCII)
_DAYS = {"today": 0, "tonight": 0, "tomorrow": 1, "heute": 0, "morgen": 1}
_OTHER_DAYS = frozenset({
    "monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday",
    "next", "noon", "midnight",
    "montag", "dienstag", "mittwoch", "donnerstag", "freitag", "samstag", "sonnabend", "sonntag",
    "nächsten", "nächste", "mittag", "mittags", "mitternacht", "übermorgen",
})  # fmt: skip
"""What people write for a day or a time, and isn't understood."""
_FILLERS = frozenset({"at", "on", "um", "uhr"})
_NOON = 12


def parse_start(text: str, now: datetime) -> datetime | None:
    """Parse a start in the time zone of ``now``, as an instant in UTC; None if it isn't valid.

    A time without a day is the next one. A time that the clocks skip is the first one after it, and
    of a time that comes twice it is the first.
    """
    if len(text) > _LONGEST_INPUT:
        return None
    spaced = f"{text[:10]} {text[11:]}" if _is_iso(text) else text
    words = [word for word in spaced.lower().split() if word not in _FILLERS]
    day, rest = _take_day(words, now)
    at = _clock(" ".join(rest))
    if at is None or (day is None and len(rest) < len(words)):
        return None
    if day is not None:
        return _instant(day, at, now)
    today = _instant(now.date(), at, now)
    if today and today > now:
        return today
    return _instant(now.date() + timedelta(days=1), at, now)


def looks_like_start(word: str) -> bool:
    """Return whether a word is meant as a start's first one, even if it's invalid: ``25:00``."""
    lower = word.lower()
    return lower in _DAYS or lower in _OTHER_DAYS or bool(_MEANT.match(word))


def looks_like_later(words: Iterable[str]) -> bool:
    """Return whether words begin with a day after today, and so are meant as a start."""
    lower = next((low for word in words if (low := word.lower()) not in _FILLERS), "")
    return lower in _OTHER_DAYS or _DAYS.get(lower, 0) > 0


def _is_iso(text: str) -> bool:
    return bool(_DATE.match(text)) and text[10:11] in {"t", "T"}


def _take_day(words: list[str], now: datetime) -> tuple[date | None, list[str]]:
    """Take the day from one of the ends; the rest is the time."""
    for word, rest in ((words[0], words[1:]), (words[-1], words[:-1])) if words else ():
        if word in _DAYS:
            return now.date() + timedelta(days=_DAYS[word]), rest
        if _DATE.fullmatch(word):
            try:
                return date.fromisoformat(word), rest
            except ValueError:
                return None, rest
    return None, words


def _clock(text: str) -> time | None:
    """Parse a time of day: ``22:00``, ``9:30``, ``10pm``, ``10:30 pm``; an hour alone isn't one."""
    match = _CLOCK.fullmatch(text)
    if match is None:
        return None
    hour, minute, half = int(match[1]), int(match[2] or 0), (match[3] or "").lower()
    if half:
        if not 1 <= hour <= _NOON:
            return None
        hour = hour % _NOON + (_NOON if half == "pm" else 0)
    elif match[2] is None:
        return None
    try:
        return time(hour, minute)
    except ValueError:
        return None


def _instant(day: date, at: time, now: datetime) -> datetime | None:
    """Return a local time as an instant; None where the calendar ends."""
    try:
        local = datetime.combine(day, at, now.tzinfo)
        while not _exists(local):
            local += timedelta(minutes=1)
        return local.astimezone(UTC)
    except OverflowError:
        return None


def _exists(local: datetime) -> bool:
    """Return whether the clocks show this time; they skip some when they go forward."""
    shown = local.astimezone(UTC).astimezone(local.tzinfo)
    return shown.replace(tzinfo=None) == local.replace(tzinfo=None)
