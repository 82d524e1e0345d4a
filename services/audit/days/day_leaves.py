"""What a day's checkpoint is made from, in the table: the last event of each workflow."""

import asyncio
from collections.abc import Awaitable, Callable, Iterable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, timedelta
from typing import TypeVar

from domain.audit import evidence
from domain.audit.checkpoint import Checkpoint, Leaf
from domain.audit.evidence import StoredEvent
from domain.audit.history import Filter
from domain.checkpoints.checkpoints import end_of, start_of
from services.faults import Conflict
from services.progress import ProgressCount
from services.storage import keys
from services.storage.documents import ANY_ETAG, Documents
from services.storage.table import Delete, Table
from services.workflow import codec
from services.workflow.lists import former_history, history_rows
from services.workflow.workflows import Workflows

IN_A_DOCUMENT = 2_000
"""How many leaves a document has; it could hold some 4,000."""

ItemT = TypeVar("ItemT")
AnswerT = TypeVar("AnswerT")

_AT_ONCE = 16
_RANGES_AT_ONCE = 4  # as a page of each is in memory
_DELETED_AT_ONCE = 100  # a transaction's limit


@dataclass
class DayReading:
    """What was found so far of a day that is over: a reading that is cut off can be continued."""

    day: date
    last: dict[str, Leaf] = field(default_factory=dict)
    """The last event of each workflow that was found."""
    whole: set[str] = field(default_factory=set)
    """The shards that are read."""


class DayLeaves:
    """Reads a day's leaves, and keeps the list that its checkpoint was made from."""

    def __init__(self, table: Table, workflows: Workflows) -> None:
        self._table = table
        self._documents = Documents(table)
        self._workflows = workflows

    async def read(self, day: date, but: Iterable[str] = ()) -> list[Leaf]:
        """Return the last event of each workflow with one on that day, without some workflows.

        Workflows that an older version opened have no row among those of the day. The history
        index has them.
        """
        return await self.read_on(DayReading(day), but)

    async def read_on(self, reading: DayReading, but: Iterable[str] = ()) -> list[Leaf]:
        """Do the same, going on with a reading that was cut off; it notes what it finds."""
        day, left_out = reading.day, frozenset(but)
        await self._by_day(reading)
        leaves = dict(reading.last)
        others = set(await self.opened_on(day)) - leaves.keys() - left_out
        found = await self._each(sorted(others), lambda one: self._last_of(one, day))
        leaves |= {leaf.workflow: leaf for leaf in found if leaf}
        return sorted(leaf for leaf in leaves.values() if leaf.workflow not in left_out)

    async def now(self, listed: Sequence[Leaf], count: ProgressCount) -> list[Leaf | None]:
        """Return what the table says now about each leaf: None if the workflow is gone.

        A leaf is as it was if the chain from the first event to its own gives the same hash.
        """

        async def read(leaf: Leaf) -> Leaf | None:
            with count.part():
                return await self._now(leaf)

        return await self._each(listed, read)

    async def keep(self, checkpoint: Checkpoint, leaves: Sequence[Leaf]) -> None:
        """Store the list of a checkpoint; under its root, so that no other list replaces it."""
        rows = [[one.workflow, one.number, one.hash] for one in sorted(leaves)]

        async def write(number: int) -> None:
            some = rows[number * IN_A_DOCUMENT : (number + 1) * IN_A_DOCUMENT]
            await self._documents.write(_key(checkpoint, number), {"leaves": some}, ANY_ETAG)

        await self._each(range(_documents(len(rows))), write)

    async def listed(self, checkpoint: Checkpoint) -> list[Leaf]:
        """Read the list of a checkpoint, as far as it is there."""
        names = [_key(checkpoint, number) for number in range(_documents(checkpoint.workflows))]
        documents = await self._documents.read(names)
        return [
            Leaf(str(workflow), int(number), str(last))
            for name in names
            if name in documents
            for workflow, number, last in documents[name].content["leaves"]
        ]

    async def tidy(self, day: date) -> bool:
        """Remove some of the rows of a day that is done; return whether there may be more."""
        return any(await self._each(keys.SHARDS, lambda shard: self._tidy(shard, day)))

    async def opened_on(self, day: date) -> list[str]:
        """Return the workflows that the history index has for a day."""
        latest = end_of(day) - timedelta(microseconds=1)
        start, stop = history_rows.inverted(latest), history_rows.inverted(start_of(day))
        prefix, month = history_rows.prefix_of(Filter()), f"{day:%Y-%m}"
        former = former_history.month_partition(month)
        ids: set[str] = set()

        async def read(one: tuple[str, str]) -> None:
            partition, prefix = one
            async for rows in self._table.pages(partition, f"{prefix}{start}", f"{prefix}{stop}~~"):
                ids.update(row.key.rpartition("~")[2] for row in rows)

        ranges = [*((shard, prefix) for shard in keys.SHARDS), (former, "")]
        await self._each(ranges, read, _RANGES_AT_ONCE)
        return sorted(ids)

    async def _by_day(self, reading: DayReading) -> None:
        prefix = keys.day_prefix(reading.day)

        async def read(shard: str) -> None:
            async for rows in self._table.pages(shard, prefix, f"{prefix}~"):
                for row in rows:
                    workflow, _, number = row.key.removeprefix(prefix).rpartition("~")
                    leaf = Leaf(workflow, int(number), str(row.values["hash"]))
                    reading.last[workflow] = max(reading.last.get(workflow, leaf), leaf)
            reading.whole.add(shard)

        left = [shard for shard in keys.SHARDS if shard not in reading.whole]
        await self._each(left, read, _RANGES_AT_ONCE)

    async def _last_of(self, workflow_id: str, day: date) -> Leaf | None:
        """Return a workflow's last event of a day; None if it has none or was never stored."""
        events = await self._workflows.stored_events(workflow_id) or ()
        of_day = [event for event in events if _day_of(event) == day]
        return Leaf(workflow_id, of_day[-1].number, of_day[-1].hash) if of_day else None

    async def _now(self, leaf: Leaf) -> Leaf | None:
        events = await self._workflows.stored_events(leaf.workflow)
        if events is None:
            return None
        until = events[: leaf.number]
        verdict = evidence.verify(leaf.workflow, until, leaf.number, leaf.hash)
        return leaf if verdict.flaw is None else Leaf(leaf.workflow, 0, "")

    async def _tidy(self, shard: str, day: date) -> bool:
        prefix = keys.day_prefix(day)
        rows = await self._table.range(shard, prefix, f"{prefix}~", limit=_DELETED_AT_ONCE)
        if not rows:
            return False
        try:
            await self._table.transact(shard, [Delete(row.key) for row in rows])
        except Conflict:
            return True  # another replica removed some of them
        return len(rows) == _DELETED_AT_ONCE

    async def _each(
        self,
        items: Iterable[ItemT],
        ask: Callable[[ItemT], Awaitable[AnswerT]],
        at_once: int = _AT_ONCE,
    ) -> list[AnswerT]:
        limit = asyncio.Semaphore(at_once)

        async def one(item: ItemT) -> AnswerT:
            async with limit:
                return await ask(item)

        return list(await asyncio.gather(*map(one, items)))


def _day_of(stored: StoredEvent) -> date | None:
    """Return the day of an event; None if it can't be read."""
    try:
        return codec.read_event(stored.text).at.astimezone(UTC).date()
    except codec.Unreadable:
        return None


def _documents(leaves: int) -> int:
    """Return how many documents hold so many leaves."""
    return -(-leaves // IN_A_DOCUMENT)


def _key(checkpoint: Checkpoint, number: int) -> str:
    return f"checkpoint~{checkpoint.day.isoformat()}~{checkpoint.root}~{number:04d}"
