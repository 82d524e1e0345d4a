"""How much work is due, and since when; measured for `/metrics` alone."""

from collections.abc import Sequence
from datetime import datetime

from opentelemetry.metrics import Meter

from domain.access.request import OVERDUE_AFTER
from services.workflow.due.agenda import DueRow


class AgendaDepth:
    """Measures the agenda."""

    def __init__(self, meter: Meter) -> None:
        self._due = meter.create_gauge(
            "latchkey_agenda_due", description="Rows of the agenda that are due, up to 100 a shard"
        )
        self._age = meter.create_gauge(
            "latchkey_agenda_age",
            unit="s",
            description="How long the oldest row of the agenda has been due",
        )
        self._overdue = meter.create_gauge(
            "latchkey_overdue",
            description="Rows of the agenda that have been due for five minutes or more",
        )

    def set(self, due: Sequence[DueRow], now: datetime) -> None:
        """Update the gauges from the rows that are due."""
        ages = [now - row.due for row in due]
        self._due.set(len(ages))
        self._age.set(max((age.total_seconds() for age in ages), default=0.0))
        self._overdue.set(sum(age >= OVERDUE_AFTER for age in ages))
