"""The latest look at what needs attention, which `/readyz` and the gauges share."""

import asyncio
from datetime import timedelta

from opentelemetry.metrics import Meter

from domain.access.request import OVERDUE_AFTER, RequestState
from services.clock import Clock
from services.operations.agenda_depth import AgendaDepth
from services.operations.outbox_age import OutboxAge, backlog_of
from services.workflow.attention import Attention, AttentionReader

LOOK_EVERY = timedelta(seconds=90)
"""How old a look can be that found nothing under way. It takes 48 reads, three in each shard.

What it looks for are faults of five minutes, so nothing can have become one since. Together with
the worker's own reads it comes to less than two reads a second.
"""

LOOK_AGAIN = timedelta(seconds=5)
"""How old a look can be that found something under way, which may become a fault at any moment."""


class LatestLook:
    """Looks when the latest look is too old, and sets the gauges then."""

    def __init__(self, reader: AttentionReader, clock: Clock, meter: Meter) -> None:
        self._reader = reader
        self._clock = clock
        self._listed = meter.create_gauge(
            "latchkey_workflows", description="Workflows that need attention, by state"
        )
        self._quarantined = meter.create_gauge(
            "latchkey_quarantined", description="Rows that no running version could handle"
        )
        self._depth = AgendaDepth(meter)
        self._outbox = OutboxAge(meter)
        self._latest: Attention | None = None
        self._looking = asyncio.Lock()

    async def faults(self, age_of_faults: timedelta) -> list[str]:
        """Return what a look found, one sentence each; faults are at most that old."""
        seen = await self._seen(LOOK_EVERY)
        if _faults(seen):
            seen = await self._seen(age_of_faults)
        elif not _is_quiet(seen):
            seen = await self._seen(LOOK_AGAIN)
        return _faults(seen)

    async def measure(self) -> None:
        """Update the gauges unless they are from a recent look."""
        await self._seen(LOOK_EVERY)

    async def _seen(self, age: timedelta) -> Attention:
        async with self._looking:
            now = self._clock()
            if self._latest is None or now - self._latest.at >= age:
                self._latest = await self._reader.read(now)
                self._set_gauges(self._latest)
            return self._latest

    def _set_gauges(self, seen: Attention) -> None:
        for state, workflows in seen.listed.items():
            self._listed.set(len(workflows), {"state": state})
        self._quarantined.set(len(seen.quarantined))
        self._depth.set(seen.due, seen.at)
        self._outbox.set(seen.waiting, seen.at)


def _is_quiet(seen: Attention) -> bool:
    """Say whether nothing was due, waited for its turn, or was being ended."""
    return not (seen.due or seen.waiting or seen.listed[RequestState.REVOKING])


def _faults(seen: Attention) -> list[str]:
    stuck = seen.listed[RequestState.STUCK]
    aside = {row.workflow_id: str(row.sentence) for row in seen.quarantined}
    late = {row.workflow_id for row in seen.due if seen.at - row.due >= OVERDUE_AFTER}
    backlog = backlog_of(seen)
    return [
        *aside.values(),
        *(f"overdue revocation: {workflow_id} is stuck" for workflow_id in stuck),
        *(
            f"overdue: no replica has processed {workflow_id}"
            for workflow_id in sorted(late - set(stuck) - aside.keys())
        ),
        *([backlog.sentence] if backlog else []),
    ]
