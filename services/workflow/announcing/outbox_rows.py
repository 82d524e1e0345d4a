"""The outbox rows that a delivery is for: removed once all is delivered, or else put off.

They change in the transaction that releases the delivery's claim, or before it. Until then the
claim says which updates its replica may have sent, and from then on the rows do.
"""

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime, timedelta

from domain.backoff import backoff
from services.clock import Clock
from services.storage.table import Operation
from services.workflow.due.agenda import Agenda, DueRow, putting_off, settling
from services.workflow.late_updates import again, saying, to_update_again


class OutboxRows:
    """One workflow's rows, which this replica has claimed."""

    def __init__(
        self,
        rows: Sequence[DueRow],
        outbox: Agenda,
        clock: Clock,
        jitter: Callable[[], float],
    ) -> None:
        self._rows = rows
        self._outbox = outbox
        self._clock = clock
        self._jitter = jitter
        now = clock()
        self._later = {key: at for key, at in to_update_again(rows).items() if at > now}
        self.put_off_until: Sequence[datetime] = ()
        """When the rows that were put off are due again."""

    def ending(
        self, unanswered: Mapping[str, datetime], wait: timedelta | None
    ) -> list[list[Operation]]:
        """Return what to change after a delivery; each list belongs in one transaction.

        ``unanswered`` are the updates that may still come, and until when. ``wait`` is the delay
        until a retry, if one is needed.
        """
        late = {**self._later, **unanswered}
        if wait is None:
            self.put_off_until = ()
            endings: list[list[Operation]] = [[settling(row)] for row in self._rows]
            # It comes first: without it nobody would look for what may still come.
            return [[again(self._rows[0].workflow_id, late)], *endings] if late else endings
        now = self._clock()
        self.put_off_until = [
            now + backoff(row.attempt + 1, self._jitter(), wait) for row in self._rows
        ]
        return [
            putting_off(saying(row, {} if number else late), until)
            for number, (row, until) in enumerate(zip(self._rows, self.put_off_until, strict=True))
        ]

    async def end(self, unanswered: Mapping[str, datetime], wait: timedelta | None) -> None:
        """Change them by themselves, except those that are gone or were changed."""
        for operations in self.ending(unanswered, wait):
            await self._outbox.change(self._rows[0].shard, operations)
