"""Format times for cards: in UTC, and where it helps in the reader's local time."""

from datetime import UTC, datetime, timedelta

from babel.numbers import format_decimal

from cards.languages.language import spoken
from cards.languages.moments import formatted
from cards.languages.texts import say, say_as, say_count, shown
from domain.durations import write_duration


def utc(at: datetime) -> str:
    """Format a time in UTC, to the minute: ``21 Nov 2026, 18:05 UTC``."""
    return shown(at)


def local(at: datetime) -> str:
    """Format a time so that the reader's client shows it in local time; for a TextBlock only.

    Source: "Text features" in Microsoft's Adaptive Cards documentation. With fractions of a
    second the function would not be expanded.
    """
    moment = f"{at.astimezone(UTC):%Y-%m-%dT%H:%M:%SZ}"
    return f"{{{{DATE({moment}, COMPACT)}}}} {{{{TIME({moment})}}}}"


def second_of(at: datetime, since: datetime) -> str:
    """Format a time to the second, ``18:05:09 UTC``; with its date if it isn't ``since``'s day."""
    if not _same_day(at, since):
        return utc(at)
    return say("{moment} UTC", moment=formatted(at, say_as("pattern", "HH:mm:ss")))


def minute_of(at: datetime, since: datetime) -> str:
    """Format a time to the minute, ``18:05 UTC``; with its date if it isn't ``since``'s day."""
    return clock(at) if _same_day(at, since) else utc(at)


def at_second_of(at: datetime, since: datetime) -> str:
    """Say when, to the second: ``at 18:05:09 UTC``, or ``on 21 Nov 2026, 18:05 UTC``."""
    return _on_or_at(second_of(at, since), at, since)


def at_minute_of(at: datetime, since: datetime) -> str:
    """Say when, to the minute: ``at 18:05 UTC``, or ``on 21 Nov 2026, 18:05 UTC``."""
    return _on_or_at(minute_of(at, since), at, since)


def clock(at: datetime) -> str:
    """Format a time of day: ``18:05 UTC``."""
    return say("{moment} UTC", moment=formatted(at, say_as("pattern", "HH:mm")))


def day(at: datetime) -> str:
    """Format a day in UTC: ``21 Nov 2026``."""
    return formatted(at, say_as("pattern", "d MMM y"))


def day_of_year(at: datetime) -> str:
    """Format a day in UTC without its year: ``21 Nov``."""
    return formatted(at, say_as("pattern", "d MMM"))


def month(at: datetime) -> str:
    """Format a month in UTC: ``Nov 2026``."""
    return formatted(at, say_as("pattern", "MMM y"))


def duration(length: timedelta) -> str:
    """Format a duration in words, to the second: ``1 hour 30 minutes``."""
    days, seconds = divmod(max(0, round(length.total_seconds())), 86_400)
    hours, seconds = divmod(seconds, 3_600)
    minutes, seconds = divmod(seconds, 60)
    parts = [
        say_count("{count} day", "{count} days", days) if days else "",
        say_count("{count} hour", "{count} hours", hours) if hours else "",
        say_count("{count} minute", "{count} minutes", minutes) if minutes else "",
        say_count("{count} second", "{count} seconds", seconds) if seconds else "",
    ]
    return " ".join(filter(None, parts)) or say_count("{count} second", "{count} seconds", 0)


def brief(length: timedelta) -> str:
    """Format a measured time, below a minute to a tenth of a second: ``1.2 seconds``."""
    if length >= timedelta(minutes=1):
        return duration(length)
    seconds = format_decimal(length.total_seconds(), format="0.0", locale=spoken().code)
    return say("{number} seconds", number=seconds)


def span(length: timedelta) -> str:
    """Format a duration to the minute: ``1 hour 25 minutes``, ``less than a minute``."""
    minutes = int(length.total_seconds() // 60)
    return duration(timedelta(minutes=minutes)) if minutes else say("less than a minute")


def age(since_then: timedelta) -> str:
    """Format a duration roughly, in its largest unit: ``12 days``, ``1 hour``."""
    seconds = int(since_then.total_seconds())
    if days := max(0, seconds) // 86_400:
        return say_count("{count} day", "{count} days", days)
    if hours := max(0, seconds) // 3_600:
        return say_count("{count} hour", "{count} hours", hours)
    if minutes := max(0, seconds) // 60:
        return say_count("{count} minute", "{count} minutes", minutes)
    return say("less than a minute")


def short(length: timedelta) -> str:
    """Format a duration for a table, in its two largest units: ``45s``, ``2h5m``, ``3d4h``."""
    a_day, hour = timedelta(days=1), timedelta(hours=1)
    step = 3_600 if length >= a_day else 60 if length >= hour else 1
    return write_duration(timedelta(seconds=round(length.total_seconds() / step) * step))


def _on_or_at(moment: str, at: datetime, since: datetime) -> str:
    """Say when: a date is ``on``, and a time of day alone ``at``."""
    if _same_day(at, since):
        return say("at {time}", time=moment)
    return say("on {time}", time=moment)


def _same_day(at: datetime, since: datetime) -> bool:
    return at.astimezone(UTC).date() == since.astimezone(UTC).date()
