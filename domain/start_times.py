"""Start times for people to type: ``22:00``, ``22:00 tomorrow``, ``2026-12-01 22:00``, ``10pm``.

What cards show is read too, in each of their languages: ``1 Dec 2026, 22:00 UTC``.

They are in the time zone of whoever types them, or in UTC with ``UTC`` or ``Z`` after the time.
"""

import re
from collections.abc import Iterable, Sequence
from datetime import UTC, date, datetime, time, timedelta

from domain.days import MONTHS, MOST_WORDS, parse_day
from domain.visible import visible

_LONGEST_INPUT = 40
_CLOCK = re.compile(r"(\d{1,2})(?::(\d{2}))?\s?(am|pm)?", re.IGNORECASE | re.ASCII)
_MEANT = re.compile(r"\d{1,2}[:.h/]\d|\d{1,2}\s?[ap]m\b|\d{4}-\d", re.IGNORECASE | re.ASCII)
_HOUR_OR_DAY = re.compile(r"\d{1,2}\.?", re.ASCII)
_DATE = re.compile(r"\d{4}-\d{2}-\d{2}", re.ASCII)
_DAYS = {"today": 0, "tonight": 0, "tomorrow": 1, "heute": 0, "morgen": 1}
_OTHER_DAYS = frozenset({
    "monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday",
    "next", "noon", "midnight", "yesterday",
    "montag", "dienstag", "mittwoch", "donnerstag", "freitag", "samstag", "sonnabend", "sonntag",
    "nächsten", "nächste", "mittag", "mittags", "mitternacht", "übermorgen", "gestern",
})  # fmt: skip
"""What people write for a day or a time, and isn't understood."""
_GO_ON = _DAYS.keys() | _OTHER_DAYS | MONTHS.keys() | {
    "mon", "tue", "tues", "wed", "thu", "thur", "thurs", "fri", "sat", "sun",
    "mo", "di", "mi", "fr", "sa",
    "this", "last", "every", "each", "daily", "week", "weekend", "month", "later",
    "diesen", "kommenden", "jeden", "täglich", "woche", "wochenende", "monat", "später",
    "uhr", "vorgestern",
    "morning", "afternoon", "evening", "night", "pm", "a.m", "p.m",
    "früh", "morgens", "vormittags", "nachmittags", "abends", "nachts",
    "utc", "gmt", "z", "bst", "cet", "cest", "mez", "mesz", "eet", "eest",
    "est", "edt", "cst", "cdt", "mst", "mdt", "pst", "pdt", "jst", "aest", "aedt",
    "or", "and", "until", "till", "-", "\u2013", "\u2014", "oder", "und", "bis",
}  # fmt: skip
"""What people write after a time to say on which day it is, where, or until when."""
_ZONE = re.compile(r"(?:utc|gmt)[+-]\d|[a-z]+/[a-z_/]+", re.ASCII)
_UTC = frozenset({"utc", "z"})
_ZULU = re.compile(r"(?<=:\d\d)z\Z", re.ASCII)
_BEFORE_TIME = frozenset({"at", "on", "um"})
_FILLERS = _BEFORE_TIME | {"uhr"}
_BEFORE_MORE = _FILLERS | {"am", "in", "the", "den", "der", "dem"}
_NOON = 12


def parse_start(text: str, now: datetime) -> datetime | None:
    """Parse a start in the time zone of ``now``, as an instant in UTC; None if it isn't valid.

    A time without a day is the next one. A time that the clocks skip is the first one after it, and
    of a time that comes twice it is the first. With ``UTC`` or ``Z``, a day is one of UTC too.
    """
    text = visible(text)
    if len(text) > _LONGEST_INPUT:
        return None
    spaced = f"{text[:10]} {text[11:]}" if _is_iso(text) else text
    typed = spaced.lower().replace(",", " ").split()
    if typed and typed[-1] in _BEFORE_TIME:
        return None  # unfinished
    words = [word for word in typed if word not in _FILLERS]
    local = [_ZULU.sub("", word) for word in words if word not in _UTC]
    if local != words:
        words, now = local, now.astimezone(UTC)
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


def looks_like_start(words: Sequence[str]) -> bool:
    """Return whether words begin with what is meant as a start, even if it's invalid: ``25:00``."""
    first, second, *_ = (*(word.lower() for word in words), "", "")
    if first in _DAYS or first in _OTHER_DAYS or _MEANT.match(first):
        return True
    if first in MONTHS:
        return _is_number(second)
    is_hour_or_day = _HOUR_OR_DAY.fullmatch(first) is not None
    return is_hour_or_day and (not second or second in _GO_ON)


def count_more(words: Iterable[str]) -> int:
    """Count the words after a time that belong to it: a day, a date, a zone, another time."""
    more = 0
    for number, word in enumerate((word.lower() for word in words), start=1):
        if word in _GO_ON or _is_number(word) or _ZONE.match(word):
            more = number
        elif word not in _BEFORE_MORE:
            return more
    return more


def looks_like_later(words: Iterable[str]) -> bool:
    """Return whether words begin with a day after today, and so are meant as a start."""
    lower = next((low for word in words if (low := word.lower()) not in _FILLERS), "")
    return lower in _OTHER_DAYS or _DAYS.get(lower, 0) > 0


def _is_number(word: str) -> bool:
    return word.lstrip("+-(~")[:1].isdecimal()


def _is_iso(text: str) -> bool:
    return bool(_DATE.match(text)) and text[10:11] in {"t", "T"}


def _take_day(words: list[str], now: datetime) -> tuple[date | None, list[str]]:
    """Take the day from one of the ends; the rest is the time."""
    for word, rest in ((words[0], words[1:]), (words[-1], words[:-1])) if words else ():
        if word in _DAYS:
            return now.date() + timedelta(days=_DAYS[word]), rest
    for length in range(1, MOST_WORDS + 1):
        for some, rest in (
            (words[:length], words[length:]),
            (words[-length:], words[:-length]),
        ):
            if day := parse_day(some):
                return day, rest
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
