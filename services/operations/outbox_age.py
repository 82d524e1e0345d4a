"""How long announcements have been waiting: a silent audit channel is an error."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from opentelemetry.metrics import Meter

from services.clock import Clock
from services.workflow.agenda import Agenda

OLD_AFTER = timedelta(minutes=5)
"""How long an announcement may wait before an operator should look into it."""


@dataclass(frozen=True, slots=True)
class Backlog:
    """The announcements that have been waiting longer than ``OLD_AFTER``, and since when."""

    count: int
    since: datetime
    workflow_id: str
    """The workflow of the oldest one."""


class OutboxAge:
    """Measures the outbox; the cost grows with the number of waiting rows."""

    def __init__(self, outbox: Agenda, clock: Clock, meter: Meter) -> None:
        self._outbox = outbox
        self._clock = clock
        self._age = meter.create_gauge(
            "latchkey_outbox_age",
            unit="s",
            description="How long the oldest announcement has been waiting",
        )

    async def backlog(self) -> Backlog | None:
        """Find what has waited too long, if anything, and record the age of the oldest row."""
        now = self._clock()
        rows = await self._outbox.waiting()
        self._age.set(max(0.0, (now - rows[0].since).total_seconds()) if rows else 0.0)
        old = [row for row in rows if now - row.since >= OLD_AFTER]
        return Backlog(len(old), old[0].since, old[0].workflow_id) if old else None

    async def faults(self) -> list[str]:
        """Describe the backlog in one sentence for operators, if there is one."""
        found = await self.backlog()
        if found is None:
            return []
        waits = "1 announcement has been waiting"
        if found.count > 1:
            waits = f"{found.count:,} announcements have been waiting"
        sentence = (
            f"{waits} since {found.since:%Y-%m-%d %H:%M} UTC (the oldest is for "
            f"{found.workflow_id}): is the bot still in the audit team?"
        )
        return [sentence]
