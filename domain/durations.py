"""Durations for people to type and read: ``45m``, ``2h``, ``1h30m``, ``1d``, ``90s``."""

import re
from datetime import timedelta

_UNITS = {"d": "days", "h": "hours", "m": "minutes", "s": "seconds"}
_PART = r"(\d{{1,6}}(?:\.\d{{1,3}})?)\s*({names})"
_NAMES = r"d(?:ays?)?|h(?:ours?|rs?)?|m(?:in(?:ute)?s?)?|s(?:ec(?:ond)?s?)?"
_ONE = re.compile(_PART.format(names=_NAMES), re.IGNORECASE | re.ASCII)
_WHOLE = re.compile(
    rf"\s*(?:{_PART.format(names=_NAMES)}[\s,]*(?:and\s+)?)+", re.IGNORECASE | re.ASCII
)
_LONGEST_INPUT = 40


def parse_duration(text: str) -> timedelta | None:
    """Parse a duration; None if it isn't valid (each unit at most once, sum above 0)."""
    if len(text) > _LONGEST_INPUT or not _WHOLE.fullmatch(text):
        return None
    parts = [(float(amount), unit[0].lower()) for amount, unit in _ONE.findall(text)]
    units = [unit for _, unit in parts]
    if len(units) != len(set(units)):
        return None
    total = timedelta(**{_UNITS[unit]: amount for amount, unit in parts})
    return total if total > timedelta() else None


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
