"""How long announcements have been waiting: a silent audit channel is an error."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from opentelemetry.metrics import Meter

from domain.phrases import in_english
from services.workflow.attention import Attention
from services.workflow.due.agenda import DueRow

OLD_AFTER = timedelta(minutes=5)
"""How long an announcement may wait before an operator should look into it."""


@dataclass(frozen=True, slots=True)
class Backlog:
    """The announcements that have been waiting longer than ``OLD_AFTER``, and since when."""

    count: int
    since: datetime
    workflow_id: str
    """The workflow of the oldest one."""

    @property
    def sentence(self) -> str:
        """Describe it for operators."""
        waits = "1 announcement has been waiting"
        if self.count > 1:
            waits = f"{self.count:,} announcements have been waiting"
        return (
            f"{waits} since {in_english(self.since)} (the oldest is for "
            f"{self.workflow_id}): is the bot still in the audit team?"
        )


def backlog_of(seen: Attention) -> Backlog | None:
    """Return what had waited too long when it was read, if anything."""
    old = [row for row in seen.waiting if seen.at - row.since >= OLD_AFTER]
    return Backlog(len(old), old[0].since, old[0].workflow_id) if old else None


class OutboxAge:
    """Measures the outbox."""

    def __init__(self, meter: Meter) -> None:
        self._age = meter.create_gauge(
            "latchkey_outbox_age",
            unit="s",
            description="How long the oldest announcement has been waiting",
        )

    def set(self, waiting: Sequence[DueRow], now: datetime) -> None:
        """Update the gauge from the rows of the outbox, longest waiting first."""
        self._age.set(max(0.0, (now - waiting[0].since).total_seconds()) if waiting else 0.0)
