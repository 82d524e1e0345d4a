"""Gauges that are measured less often than they are sent, since reading them costs something."""

from collections.abc import Awaitable, Callable
from datetime import datetime, timedelta

from services.clock import Clock


class Seldom:
    """Measures at most once in some time; a measurement that failed is made again."""

    def __init__(
        self, measure: Callable[[], Awaitable[None]], every: timedelta, clock: Clock
    ) -> None:
        self._measure = measure
        self._every = every
        self._clock = clock
        self._measured_at: datetime | None = None

    async def measure(self) -> None:
        """Measure, unless that was done recently; raises what measuring raises."""
        now = self._clock()
        if self._measured_at and now - self._measured_at < self._every:
            return
        await self._measure()
        self._measured_at = now
