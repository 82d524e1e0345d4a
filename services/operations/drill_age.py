"""How long ago a drill last succeeded."""

from collections.abc import Awaitable, Callable
from datetime import datetime

from opentelemetry.metrics import Meter

from services.clock import Clock


class DrillAge:
    """Measures it, if drills are scheduled."""

    def __init__(
        self, last_proof: Callable[[], Awaitable[datetime | None]], clock: Clock, meter: Meter
    ) -> None:
        """Take what knows when a drill last succeeded, or since when they are scheduled."""
        self._last_proof = last_proof
        self._clock = clock
        self._gauge = meter.create_gauge(
            "latchkey_drill_age",
            unit="s",
            description="Time since a drill last succeeded; zero if none are scheduled",
        )

    async def measure(self) -> None:
        """Set the gauge."""
        proven_at = await self._last_proof()
        age = self._clock() - proven_at if proven_at else None
        self._gauge.set(age.total_seconds() if age else 0)
