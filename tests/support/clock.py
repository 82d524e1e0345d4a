"""A clock that stands still until a test moves it."""

from datetime import UTC, datetime, timedelta

NINE = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
"""The start of every test: nine o'clock."""


class ManualClock:
    """A clock moved by the test: ``clock.advance(hours=2)``."""

    def __init__(self, start: datetime = NINE) -> None:
        self.now = start

    def __call__(self) -> datetime:
        return self.now

    def advance(self, by: timedelta = timedelta(), **duration: float) -> None:
        self.now += by + timedelta(**duration)

    def advance_to(self, instant: datetime) -> None:
        """Move to an instant; if it is already past, time stands still."""
        self.now = max(self.now, instant)
