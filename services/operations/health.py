"""Readiness: whether what the bot depends on answers, and nothing is overdue."""

import asyncio
import logging
from collections.abc import Awaitable, Callable, Mapping, Sequence
from datetime import datetime, timedelta
from itertools import chain

from services.clock import Clock
from services.faults import described
from services.operations.latest_look import LatestLook

log = logging.getLogger(__name__)

Probe = Callable[[], Awaitable[object]]

PATIENCE = timedelta(seconds=5)
FRESH = timedelta(seconds=5)
"""How long an answer is cached, so that polling the health page causes no load."""
FRESH_IF_NOT_READY = timedelta(seconds=1)
"""How long one is that names a fault, so that whoever waits for readiness learns of it soon."""


class Health:
    """Probes the bot's dependencies and looks for overdue work."""

    def __init__(
        self,
        probes: Mapping[str, Probe],
        look: LatestLook,
        clock: Clock,
        notes: Callable[[], Sequence[str]] = tuple,
        gauges: Sequence[Probe] = (),
    ) -> None:
        """Take the ``probes`` of dependencies by name, and further ``gauges`` to update."""
        self._probes = probes
        self._look = look
        self._clock = clock
        self._notes = notes
        self._gauges = (look.measure, *gauges)
        self._asked_at: datetime | None = None
        self._faults: list[str] = []
        self._asking = asyncio.Lock()

    async def faults(self) -> list[str]:
        """Return the reasons why the bot isn't ready, one sentence each."""
        async with self._asking:
            now = self._clock()
            fresh = FRESH_IF_NOT_READY if self._faults else FRESH
            if self._asked_at is None or now - self._asked_at >= fresh:
                self._faults = await self._ask()
                self._asked_at = now
            return self._faults

    def notes(self) -> Sequence[str]:
        """Return what an operator should look at although the bot is ready."""
        return self._notes()

    async def measure(self) -> None:
        """Update the gauges that aren't recent; they stay if the table doesn't answer.

        All at once: one after another, they'd take longer than Prometheus waits for a page.
        """
        checked = await asyncio.gather(*(_check("gauges", gauge) for gauge in self._gauges))
        for fault in chain.from_iterable(checked):
            log.warning("not measured: %s", fault)

    async def _ask(self) -> list[str]:
        checks = {**self._probes, "overdue work": self._overdue}
        answers = await asyncio.gather(*(_check(name, probe) for name, probe in checks.items()))
        return [fault for answer in answers for fault in answer]

    async def _overdue(self) -> list[str]:
        return await self._look.faults(FRESH_IF_NOT_READY)


async def _check(name: str, probe: Probe) -> list[str]:
    try:
        async with asyncio.timeout(PATIENCE.total_seconds()):
            answer = await probe()
    except TimeoutError:
        return [f"{name}: no answer"]
    except Exception as fault:  # noqa: BLE001 - the page must report any error
        log.warning("not ready: %s: %s", name, described(fault))
        return [f"{name}: check failed ({type(fault).__name__})"]
    return answer if isinstance(answer, list) else []
