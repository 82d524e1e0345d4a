"""The days in an export: what shows that no workflow is missing from it, without the table."""

import asyncio
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta

from domain.audit.checkpoint import Checkpoint, Leaf
from domain.audit.evidence import StoredEvent
from domain.counters.counters import WORKFLOW_ID as COUNTERS
from domain.counters.counters import Counters
from domain.retention.retention import WORKFLOW_ID as RETENTION
from domain.retention.retention import Retention
from services.audit.days.day_leaves import DayLeaves
from services.audit.days.recorded_days import recorded_days
from services.workflow.workflows import Workflows

MOST_LEAVES = 20_000
"""How many leaves an export lists, of its newest days: some 2 MB."""

MOST_OTHERS = 1_000
"""How many other workflows of its days an export has."""

_AT_ONCE = 16


@dataclass(frozen=True, slots=True)
class ExportedDay:
    """A checkpoint with the list it was made from; None if there is no room for it."""

    checkpoint: Checkpoint
    leaves: tuple[Leaf, ...] | None


@dataclass(frozen=True, slots=True)
class Other:
    """A workflow that these days list although the export wasn't asked for it."""

    workflow: str
    events: tuple[StoredEvent, ...]


class ExportedDays:
    """Reads what an export says about its days."""

    def __init__(self, workflows: Workflows, leaves: DayLeaves) -> None:
        self._workflows = workflows
        self._leaves = leaves

    async def since(
        self, since: datetime | None, until: datetime | None = None
    ) -> list[ExportedDay]:
        """Return the days between these instants' days, or all of them, oldest first."""
        first, last = (at and at.astimezone(UTC).date() for at in (since, until))
        if kept_since := await self._kept_since():
            first = max(first or kept_since, kept_since)
        recorded = [
            one
            for one in (await recorded_days(self._workflows)).checkpoints
            if (not first or one.day >= first) and (not last or one.day <= last)
        ]
        days: list[ExportedDay] = []
        room = MOST_LEAVES
        for checkpoint in reversed(recorded):
            room -= checkpoint.workflows
            leaves = tuple(await self._leaves.listed(checkpoint)) if room >= 0 else None
            days.append(ExportedDay(checkpoint, leaves))
        return days[::-1]

    async def _kept_since(self) -> date | None:
        """Return the first day of which nothing is archived; None if nothing is at all.

        The archive has the workflows of earlier days, and the table their sealed records.
        """
        retention = await self._workflows.load_as(Retention, RETENTION)
        if retention is None or retention.head.next_day is None:
            return None
        counters = await self._workflows.load_as(Counters, COUNTERS)
        day = retention.head.next_day + timedelta(days=1 if retention.head.is_amid_a_day else 0)
        return max(day, counters.head.begun) if counters else day

    async def others(
        self, days: Sequence[ExportedDay], exported: Collection[str]
    ) -> list[Other] | None:
        """Return the other workflows that these days list; None if there are too many."""
        listed = {leaf.workflow for day in days for leaf in day.leaves or ()}
        missing = sorted(listed.difference(exported))
        if len(missing) > MOST_OTHERS:
            return None
        limit = asyncio.Semaphore(_AT_ONCE)

        async def read(workflow_id: str) -> Other | None:
            async with limit:
                events = await self._workflows.stored_events(workflow_id)
            return Other(workflow_id, events) if events is not None else None

        return [other for other in await asyncio.gather(*map(read, missing)) if other]
