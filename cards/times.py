"""Moments as cards show them: in UTC, said so, and where it helps in the reader's own time."""

from datetime import UTC, datetime


def utc(at: datetime) -> str:
    """Say a moment in UTC, to the minute: ``21 Nov 2026, 18:05 UTC``."""
    moment = at.astimezone(UTC)
    return f"{moment.day} {moment:%b %Y, %H:%M} UTC"


def local(at: datetime) -> str:
    """Write a moment so that the reader's client shows it in local time; for a TextBlock alone.

    Source: "Text features" in Microsoft's Adaptive Cards documentation. Fractions of a second
    would leave the function unexpanded.
    """
    moment = f"{at.astimezone(UTC):%Y-%m-%dT%H:%M:%SZ}"
    return f"{{{{DATE({moment}, COMPACT)}}}} {{{{TIME({moment})}}}}"
