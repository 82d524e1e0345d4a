"""A clock that stands still until a test moves it."""

from datetime import UTC, datetime, timedelta

NINE = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
"""When every test begins: nine o'clock."""


class ManualClock:
    """The time, as a test says: ``clock.advance(hours=2)``."""

    def __init__(self, start: datetime = NINE) -> None:
        self.now = start

    def __call__(self) -> datetime:
        return self.now

    def advance(self, by: timedelta = timedelta(), **duration: float) -> None:
        self.now += by + timedelta(**duration)

    def advance_to(self, instant: datetime) -> None:
        """Go to an instant; where it is past already, time stands still."""
        self.now = max(self.now, instant)
