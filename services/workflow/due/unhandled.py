"""Handles rows that this version can't handle: leave them for a while, then quarantine."""

import logging
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from services.clock import Clock
from services.storage.table import Row
from services.workflow.due.agenda import CLAIM, Agenda, DueRow
from services.workflow.due.quarantine import Quarantine

log = logging.getLogger(__name__)

PATIENCE = timedelta(minutes=5)
"""How long a row stays in its queue: during an upgrade, another replica may handle it."""

_FORGOTTEN_AFTER = timedelta(hours=1)


@dataclass(frozen=True, slots=True)
class _Attempts:
    first: datetime
    last: datetime


class Unhandled:
    """Keeps this replica away from rows that it just failed to handle."""

    def __init__(self, quarantine: Quarantine, clock: Clock) -> None:
        self._quarantine = quarantine
        self._clock = clock
        self._seen: dict[str, _Attempts] = {}

    def is_left_to_others(self, row: DueRow) -> bool:
        """Return whether a row's workflow is left to other replicas for now."""
        seen = self._seen.get(row.workflow_id)
        return seen is not None and self._clock() < seen.last + CLAIM

    async def leave(self, queue: Agenda, claimed: Sequence[DueRow], error: Exception) -> bool:
        """Release a workflow's rows; after repeated failures, quarantine them: then True."""
        workflow_id, reason = claimed[0].workflow_id, type(error).__name__
        if not self._is_hopeless(workflow_id):
            for row in claimed:
                await queue.give_back(row)
            return False
        for row in claimed:
            await self._quarantine.take(row.as_row(), reason, self._clock())
        self._seen.pop(workflow_id, None)
        log.error("%s: quarantined, this version can't handle it: %s", workflow_id, error)
        return True

    async def report_unreadable(self, row: Row) -> None:
        """Note an unreadable row of a queue; quarantine it after a while."""
        key = f"{row.partition}~{row.key}"
        if self._is_hopeless(key):
            await self._quarantine.take(row, "the row itself cannot be read", self._clock())
            self._seen.pop(key, None)
            log.error("%s: quarantined, the row can't be read", row.key)

    def _is_hopeless(self, name: str) -> bool:
        """Note a failure; return whether it has lasted for long."""
        now = self._clock()
        if len(self._seen) > 1_000:
            self._seen = {
                one: seen for one, seen in self._seen.items() if now - seen.last < _FORGOTTEN_AFTER
            }
        seen = self._seen.get(name)
        first = seen.first if seen and now - seen.last < _FORGOTTEN_AFTER else now
        self._seen[name] = _Attempts(first, now)
        return now - first >= PATIENCE
