"""Format times for cards: in UTC, and where it helps in the reader's local time."""

from datetime import UTC, datetime, timedelta

from domain.durations import format_duration, write_duration


def utc(at: datetime) -> str:
    """Format a time in UTC, to the minute: ``21 Nov 2026, 18:05 UTC``."""
    moment = at.astimezone(UTC)
    return f"{moment.day} {moment:%b %Y, %H:%M} UTC"


def local(at: datetime) -> str:
    """Format a time so that the reader's client shows it in local time; for a TextBlock only.

    Source: "Text features" in Microsoft's Adaptive Cards documentation. With fractions of a
    second the function would not be expanded.
    """
    moment = f"{at.astimezone(UTC):%Y-%m-%dT%H:%M:%SZ}"
    return f"{{{{DATE({moment}, COMPACT)}}}} {{{{TIME({moment})}}}}"


def second_of(at: datetime, since: datetime) -> str:
    """Format a time to the second, ``18:05:09 UTC``; with its date if it isn't ``since``'s day."""
    moment = at.astimezone(UTC)
    same_day = moment.date() == since.astimezone(UTC).date()
    return f"{moment:%H:%M:%S} UTC" if same_day else utc(at)


def minute_of(at: datetime, since: datetime) -> str:
    """Format a time to the minute, ``18:05 UTC``; with its date if it isn't ``since``'s day."""
    moment = at.astimezone(UTC)
    same_day = moment.date() == since.astimezone(UTC).date()
    return f"{moment:%H:%M} UTC" if same_day else utc(at)


def day(at: datetime) -> str:
    """Format a day in UTC: ``21 Nov 2026``."""
    moment = at.astimezone(UTC)
    return f"{moment.day} {moment:%b %Y}"


def span(length: timedelta) -> str:
    """Format a duration to the minute: ``1h 25m``, ``less than a minute``."""
    minutes = int(length.total_seconds() // 60)
    return format_duration(timedelta(minutes=minutes)) if minutes else "less than a minute"


def age(since_then: timedelta) -> str:
    """Format a duration roughly, in its largest unit: ``12 days``, ``1 hour``."""
    seconds = since_then.total_seconds()
    for name, size in (("day", 86_400), ("hour", 3_600), ("minute", 60)):
        amount = int(seconds // size)
        if amount >= 1:
            return f"{amount:,} {name}{'' if amount == 1 else 's'}"
    return "less than a minute"


def short(duration: timedelta) -> str:
    """Format a duration for a table, in its two largest units: ``45s``, ``2h5m``, ``3d4h``."""
    day, hour = timedelta(days=1), timedelta(hours=1)
    step = 3_600 if duration >= day else 60 if duration >= hour else 1
    return write_duration(timedelta(seconds=round(duration.total_seconds() / step) * step))
