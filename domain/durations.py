"""Durations for people to type and read: ``45m``, ``2h``, ``1h30m``, ``1d``, ``90s``.

In words they are read in each language that cards are written in, whatever a person's own is.
"""

import re
from datetime import timedelta

from domain.visible import visible

_NAMES = {
    "days": r"d(?:ays?)?|tag(?:en?)?",
    "hours": r"h(?:ours?|rs?)?|st(?:d|unden?)",
    "minutes": r"m(?:in(?:utes?|uten?|s)?)?",
    "seconds": r"s(?:ec(?:ond)?s?)?|sek(?:unden?)?",
}
_AMOUNT = r"(\d{1,6}(?:\.\d{1,3})?)\s*"
_ONE = re.compile(rf"{_AMOUNT}({'|'.join(_NAMES.values())})", re.IGNORECASE | re.ASCII)
_WHOLE = re.compile(rf"\s*(?:{_ONE.pattern}[\s,]*(?:(?:and|und)\s+)?)+", re.IGNORECASE | re.ASCII)
_UNITS = {unit: re.compile(names, re.IGNORECASE | re.ASCII) for unit, names in _NAMES.items()}
LONGEST_INPUT = 50
"""``365 Tage, 23 Stunden, 59 Minuten und 59 Sekunden`` has 48 characters."""


def parse_duration(text: str) -> timedelta | None:
    """Parse a duration; None if it isn't valid (each unit at most once, a second or more)."""
    text = visible(text)
    if len(text) > LONGEST_INPUT or not _WHOLE.fullmatch(text):
        return None
    parts = [(_unit(name), float(amount)) for amount, name in _ONE.findall(text)]
    amounts = dict(parts)
    if len(amounts) < len(parts):
        return None
    total = timedelta(**amounts)
    return total if total >= timedelta(seconds=1) else None


def _unit(name: str) -> str:
    return next(unit for unit, names in _UNITS.items() if names.fullmatch(name))


def format_duration(duration: timedelta) -> str:
    """Format a duration in words, to the second: ``1 hour 30 minutes``."""
    seconds = max(0, round(duration.total_seconds()))
    parts = []
    for name, size in (("day", 86_400), ("hour", 3_600), ("minute", 60), ("second", 1)):
        amount, seconds = divmod(seconds, size)
        if amount:
            parts.append(f"{amount} {name}{'' if amount == 1 else 's'}")
    return " ".join(parts) or "0 seconds"


def write_duration(duration: timedelta) -> str:
    """Format a duration the way people type it: ``1h30m``."""
    seconds = max(0, round(duration.total_seconds()))
    parts = []
    for unit, size in (("d", 86_400), ("h", 3_600), ("m", 60), ("s", 1)):
        amount, seconds = divmod(seconds, size)
        if amount:
            parts.append(f"{amount}{unit}")
    return "".join(parts) or "0s"
