"""What stays of an archived workflow: enough to show that nothing else is missing.

Its row names the batch that it is part of. The batch's list identifies the last event of each day
of each workflow, as the checkpoints do; the root over it is in an event, and so in the checkpoint
of the day on which it was archived.
"""

import asyncio
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date

from domain.audit.checkpoint import Leaf, root_of
from domain.retention.retention import WORKFLOW_ID, ArchivedBatch, RetentionEvent, batch_of
from domain.retention.sealed import SealedRecord, SealedVerdict
from services.storage import keys
from services.storage.documents import ANY_ETAG, Documents
from services.storage.table import Insert, Row, Table
from services.workflow import codec
from services.workflow.workflows import Trail, Workflows

IN_A_DOCUMENT = 2_000

_AT_ONCE = 16


@dataclass(frozen=True, slots=True)
class SealedBatch:
    """A batch as recorded; ``is_genuine``: its list is the one that the event's root is over."""

    batch: ArchivedBatch
    leaves: frozenset[Leaf]
    is_genuine: bool


class SealedRecords:
    """Reads and writes sealed records, and the lists of their batches."""

    def __init__(self, table: Table, workflows: Workflows) -> None:
        self._table = table
        self._documents = Documents(table)
        self._workflows = workflows

    async def keep(self, root: str, leaves: Sequence[Leaf]) -> None:
        """Store a batch's list under its root."""
        rows = [[one.workflow, one.number, one.hash] for one in sorted(leaves)]
        for number in range(_documents(len(rows))):
            some = rows[number * IN_A_DOCUMENT : (number + 1) * IN_A_DOCUMENT]
            await self._documents.write(_key(root, number), {"leaves": some}, ANY_ETAG)

    async def listed(self, root: str, count: int) -> list[Leaf]:
        """Read a batch's list, as far as it is there."""
        names = [_key(root, number) for number in range(_documents(count))]
        documents = await self._documents.read(names)
        return [
            Leaf(str(workflow), int(number), str(last))
            for name in names
            if name in documents
            for workflow, number, last in documents[name].content["leaves"]
        ]

    async def find(self, workflow_id: str) -> SealedRecord | None:
        """Read the record of an archived workflow; None if it wasn't archived."""
        row = await self._table.get(keys.shard_of(workflow_id), keys.sealed_key(workflow_id))
        return _record(workflow_id, row) if row else None

    async def batch(self, root: str) -> SealedBatch | None:
        """Read a batch by its root; None if no event recorded it."""
        trail = await self._workflows.trail(WORKFLOW_ID)
        batch = _batches(trail).get(root) if trail else None
        if trail is None or batch is None:
            return None
        leaves = await self.listed(root, batch.leaves)
        is_genuine = trail.verify().is_unbroken and root_of(leaves) == root
        return SealedBatch(batch, frozenset(leaves), is_genuine)

    async def verify(self, workflow_id: str) -> SealedVerdict | None:
        """Compare the record of a workflow with its batch; None if it wasn't archived."""
        record = await self.find(workflow_id)
        if record is None:
            return None
        batch = await self.batch(record.root)
        if batch is None:
            return SealedVerdict(record, is_genuine=False)
        last = Leaf(workflow_id, record.events, record.hash)
        return SealedVerdict(record, batch.is_genuine and last in batch.leaves, batch.batch.name)

    async def archived(self, leaves: Iterable[Leaf]) -> Mapping[Leaf, date]:
        """Return which of these are genuinely archived, each with the day on which it was."""
        limit = asyncio.Semaphore(_AT_ONCE)

        async def find(leaf: Leaf) -> SealedRecord | None:
            async with limit:
                return await self.find(leaf.workflow)

        wanted = list(leaves)
        records = dict(zip(wanted, await asyncio.gather(*map(find, wanted)), strict=True))
        roots = {record.root for record in records.values() if record}
        batches = {root: await self.batch(root) for root in roots}
        found: dict[Leaf, date] = {}
        for leaf, record in records.items():
            batch = batches.get(record.root) if record else None
            if record and batch and batch.is_genuine and leaf in batch.leaves:
                found[leaf] = record.archived_on
        return found


def record_row(trail: Trail, archived_on: date, root: str) -> Insert:
    """Return the operation that writes a workflow's record."""
    stored = trail.stored
    return Insert(
        keys.sealed_key(stored.head.id),
        {
            "events": stored.events,
            "hash": stored.hash,
            "archived_on": archived_on.isoformat(),
            "root": root,
        },
    )


def leaves_of(trail: Trail) -> list[Leaf]:
    """Return the last event of each day of a workflow, and the last one of all."""
    last: dict[date, Leaf] = {}
    for stored in trail.events:
        day = codec.read_event(stored.text).at.astimezone(UTC).date()
        last[day] = Leaf(trail.stored.head.id, stored.number, stored.hash)
    end = Leaf(trail.stored.head.id, trail.stored.events, trail.stored.hash)
    return sorted({*last.values(), end})


def _batches(trail: Trail) -> Mapping[str, ArchivedBatch]:
    found: dict[str, ArchivedBatch] = {}
    for stored in trail.events:
        try:
            event = codec.read_event(stored.text)
            if event.kind == RetentionEvent.ARCHIVED:
                batch = batch_of(event)
                found[batch.root] = batch
        except ValueError:
            continue  # the chain says that it was changed
    return found


def _record(workflow_id: str, row: Row) -> SealedRecord:
    values = row.values
    return SealedRecord(
        workflow=workflow_id,
        events=int(str(values["events"])),
        hash=str(values["hash"]),
        archived_on=date.fromisoformat(str(values["archived_on"])),
        root=str(values["root"]),
    )


def _documents(leaves: int) -> int:
    """Return how many documents hold so many leaves."""
    return -(-leaves // IN_A_DOCUMENT)


def _key(root: str, number: int) -> str:
    return f"sealed~{root}~{number:04d}"
