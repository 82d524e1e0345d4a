"""Removes the rows of an archived workflow.

First those of the index, then in one transaction the head with the other rows, and in place of them
the sealed record. So at every moment there is either the whole workflow or its record.
"""

import logging
from collections.abc import Sequence
from datetime import date

from domain.audit.history import opening_of
from services.audit.days.sealed_records import record_row
from services.faults import Conflict
from services.storage import keys
from services.storage.table import Delete, Operation, Row, Table
from services.workflow.lists import former_history, history_rows
from services.workflow.lists.index import Index
from services.workflow.workflows import Snapshot, Trail, Workflows

log = logging.getLogger(__name__)

_AT_ONCE = 90  # a transaction has at most 100 operations


class Removal:
    """Removes workflows; each call can be repeated."""

    def __init__(self, table: Table, workflows: Workflows, index: Index) -> None:
        self._table = table
        self._workflows = workflows
        self._index = index

    async def remove(self, workflow_id: str, events: int, root: str, today: date) -> None:
        """Remove a workflow, unless it isn't as it was archived: with so many events."""
        trail = await self._workflows.trail(workflow_id)
        if trail and trail.stored.events == events:
            snapshot = await self._workflows.snapshot(workflow_id)
            if snapshot is None:
                return
            await self._remove_from_index(snapshot)
            if not await self._remove_head(trail, root, today):
                return
        elif trail:
            log.warning("%s stays: it was changed after it was archived", workflow_id)
            return
        await self._remove_the_rest(workflow_id)

    async def _remove_from_index(self, snapshot: Snapshot) -> None:
        head = snapshot.stored.head
        actors = {event.actor.object_id for event in snapshot.events if event.actor}
        if opening := opening_of(head):
            people = sorted({*opening.people, *actors})
            await history_rows.remove(self._table, head.id, opening, people)
            await former_history.remove(self._table, head.id, opening, people)
        await self._index.forget(head)

    async def _remove_head(self, trail: Trail, root: str, today: date) -> bool:
        """Put the record in place of the head; False if another replica changed a row."""
        stored = trail.stored
        rows = [row for row in await self._rows(stored.head.id) if not row.key.endswith("~head")]
        operations: list[Operation] = [
            record_row(trail, today, root),
            Delete(keys.head_key(stored.head.id), stored.etag),
            *_deletions(rows[:_AT_ONCE]),
        ]
        try:
            await self._table.transact(keys.shard_of(stored.head.id), operations)
        except Conflict:
            return await self._workflows.load(stored.head.id) is None
        return True

    async def _remove_the_rest(self, workflow_id: str) -> None:
        """Remove what didn't fit into the transaction."""
        while rows := (await self._rows(workflow_id))[:_AT_ONCE]:
            try:
                await self._table.transact(keys.shard_of(workflow_id), _deletions(rows))
            except Conflict:
                continue  # another replica removed some of them

    async def _rows(self, workflow_id: str) -> list[Row]:
        prefix, shard = keys.workflow_prefix(workflow_id), keys.shard_of(workflow_id)
        rows = await self._table.range(shard, prefix, f"{prefix}~")
        answered = await self._table.get(shard, keys.answered_key(workflow_id))
        return [*rows, *([answered] if answered else [])]


def _deletions(rows: Sequence[Row]) -> list[Operation]:
    return [Delete(row.key) for row in rows]
