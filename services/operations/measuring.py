"""Measures what Azure Monitor is sent: it asks for nothing, as Prometheus does with `/metrics`."""

import asyncio
from collections.abc import Awaitable, Callable

from services.operations.latest_look import LOOK_EVERY

EVERY = LOOK_EVERY
"""Sooner, the latest look would only be taken once more. Gauges are sent every minute."""


class Measuring:
    """Keeps the gauges up to date: until one is set again, its last value is sent."""

    def __init__(self, measure: Callable[[], Awaitable[None]]) -> None:
        """Take what sets the gauges; it raises nothing."""
        self._measure = measure

    async def run(self, sleep: Callable[[float], Awaitable[None]] = asyncio.sleep) -> None:
        """Measure until cancelled."""
        while True:
            await self._measure()
            await sleep(EVERY.total_seconds())
