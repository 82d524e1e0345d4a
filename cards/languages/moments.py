"""Dates and times by a pattern of Unicode's CLDR; Babel knows how each language names months."""

from datetime import UTC, datetime

from babel.dates import format_datetime

from cards.languages.language import spoken


def formatted(at: datetime, pattern: str) -> str:
    """Format a time in UTC."""
    return str(format_datetime(at.astimezone(UTC), pattern, locale=spoken().code))
