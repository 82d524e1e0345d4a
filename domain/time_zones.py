"""People's time zones, by IANA name or by their offset from UTC, as far as Teams says them."""

import re
from datetime import UTC, timedelta, timezone, tzinfo
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

_OFFSET = re.compile(r"([+-])([01]\d|2[0-3]):([0-5]\d)", re.ASCII)


def is_zone(name: str) -> bool:
    """Return whether this is the name of a zone that this system knows."""
    try:
        return bool(name) and ZoneInfo(name) is not None
    except (ZoneInfoNotFoundError, ValueError, OSError):
        return False


def zone_of(name: str) -> tzinfo:
    """Return the zone of an IANA name or of an offset; UTC for anything else."""
    if is_zone(name):
        return ZoneInfo(name)
    match = _OFFSET.fullmatch(name)
    if match is None:
        return UTC
    offset = timedelta(hours=int(match[2]), minutes=int(match[3]))
    return timezone(-offset if match[1] == "-" else offset)


def offset_name(offset: timedelta) -> str:
    """Write an offset from UTC to the minute, ``+05:30``, so that ``zone_of`` reads it."""
    minutes = round(offset.total_seconds() / 60)
    hours, rest = divmod(abs(minutes), 60)
    return f"{'-' if minutes < 0 else '+'}{hours:02}:{rest:02}"
