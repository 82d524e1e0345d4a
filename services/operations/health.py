"""Readiness: whether what the bot depends on answers, and nothing is overdue."""

import asyncio
import logging
from collections.abc import Awaitable, Callable, Mapping, Sequence
from datetime import datetime, timedelta

from opentelemetry.metrics import Meter

from domain.access.request import OVERDUE_AFTER, RequestState
from services.clock import Clock
from services.faults import described
from services.operations.agenda_depth import AgendaDepth
from services.operations.drill_age import DrillAge
from services.operations.outbox_age import OutboxAge
from services.workflow.agenda import Agenda
from services.workflow.quarantine import Quarantine
from services.workflow.workflows import Workflows

log = logging.getLogger(__name__)

Probe = Callable[[], Awaitable[object]]

PATIENCE = timedelta(seconds=5)
FRESH = timedelta(seconds=5)
"""How long an answer is cached, so that polling the health page causes no load."""
FRESH_IF_NOT_READY = timedelta(seconds=1)
"""How long one is that names a fault, so that whoever waits for readiness learns of it soon."""

MEASURED_EVERY = timedelta(seconds=30)
"""How often the gauges are read from the table, however often they are scraped.

It comes to some four reads a second while they are scraped, since each list and queue is read in
every shard; more seldom, an alarm would come late.
"""


class Health:
    """Probes the bot's dependencies and looks for overdue work."""

    def __init__(
        self,
        probes: Mapping[str, Probe],
        workflows: Workflows,
        agenda: Agenda,
        quarantine: Quarantine,
        clock: Clock,
        meter: Meter,
        notes: Callable[[], Sequence[str]] = tuple,
        outbox: OutboxAge | None = None,
        gauges: Sequence[Probe] = (),
        drills: DrillAge | None = None,
    ) -> None:
        """Take the ``probes`` of dependencies by name, and further ``gauges`` to update."""
        self._probes = probes
        self._outbox = outbox
        self._drills = drills
        self._workflows = workflows
        self._agenda = agenda
        self._quarantine = quarantine
        self._clock = clock
        self._notes = notes
        self._listed = meter.create_gauge(
            "latchkey_workflows", description="Workflows that need attention, by state"
        )
        self._quarantined = meter.create_gauge(
            "latchkey_quarantined", description="Rows that no running version could handle"
        )
        self._gauges: tuple[Probe, ...] = (
            self._count,
            self._set_aside,
            AgendaDepth(agenda, clock, meter).measure,
            *([outbox.backlog] if outbox else []),
            *([drills.measure] if drills else []),
            *gauges,
        )
        self._measured_at: datetime | None = None
        self._asked_at: datetime | None = None
        self._faults: list[str] = []
        self._asking = asyncio.Lock()

    async def faults(self) -> list[str]:
        """Return the reasons why the bot isn't ready, one sentence each."""
        async with self._asking:
            now = self._clock()
            fresh = FRESH_IF_NOT_READY if self._faults else FRESH
            if self._asked_at is None or now - self._asked_at >= fresh:
                self._faults = await self._ask(now)
                self._asked_at = now
            return self._faults

    def notes(self) -> Sequence[str]:
        """Return what an operator should look at although the bot is ready."""
        return self._notes()

    async def measure(self) -> None:
        """Update the gauges twice a minute at most; they stay if the table doesn't answer."""
        now = self._clock()
        if self._measured_at and now - self._measured_at < MEASURED_EVERY:
            return
        self._measured_at = now
        for gauge in self._gauges:
            for fault in await _check("gauges", gauge):
                log.warning("not measured: %s", fault)

    async def _ask(self, now: datetime) -> list[str]:
        checks = {**self._probes, "overdue work": lambda: self._overdue(now)}
        answers = await asyncio.gather(*(_check(name, probe) for name, probe in checks.items()))
        return [fault for answer in answers for fault in answer]

    async def _overdue(self, now: datetime) -> list[str]:
        stuck = (await self._count())[RequestState.STUCK]
        if self._drills:
            await self._drills.measure()
        late = await self._agenda.late(now - OVERDUE_AFTER)
        aside = await self._set_aside()
        late_ids = {row.workflow_id for row in late} - set(stuck) - aside.keys()
        return [
            *aside.values(),
            *(f"overdue revocation: {workflow_id} is stuck" for workflow_id in stuck),
            *(
                f"overdue: no replica has processed {workflow_id}"
                for workflow_id in sorted(late_ids)
            ),
            *(await self._outbox.faults() if self._outbox else []),
        ]

    async def _count(self) -> dict[str, list[str]]:
        """List the workflows that need attention by state, and set their gauges."""
        listed = await self._workflows.on_lists()
        for state, workflows in listed.items():
            self._listed.set(len(workflows), {"state": state})
        return listed

    async def _set_aside(self) -> dict[str, str]:
        """Return a sentence for each quarantined workflow; it may be a due revocation."""
        rows = await self._quarantine.listed()
        self._quarantined.set(len(rows))
        return {row.workflow_id: str(row.sentence) for row in rows}


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
