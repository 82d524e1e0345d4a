"""Queues of due rows: the agenda of workflows and the outbox of announcements.

A row's key is its due time, so that a query costs only what is due. A replica claims a row by
ETag for a while; the claims of a crashed replica expire and its rows fall due again.
"""

import asyncio
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta

from services.faults import Conflict
from services.storage import keys
from services.storage.table import Delete, Insert, Operation, Replace, Row, Table, Value
from services.workflow.lanes import Lane, read_lane

CLAIM = timedelta(seconds=20)
"""How long a claim lasts: longer than a move may take, so that replicas rarely overlap."""

_END_OF_TIME = datetime.max.replace(tzinfo=UTC)
LIMIT = 100
"""How many rows of each lane are read at once from a shard."""

_NEXT_PAGES = 1_000

# Sorts after the end of a key and before anything that may follow in a longer one.
_BEHIND = "!"


@dataclass(frozen=True, slots=True)
class DueRow:
    """A row of a queue: its workflow, due time, lane and number of postponements."""

    shard: str
    key: str
    workflow_id: str
    due: datetime
    attempt: int
    claimed_until: datetime | None
    etag: str
    lane: Lane = Lane.ENDING
    ends_at: datetime | None = None
    """From when on it is about ending access, regardless of its lane."""
    is_retry: bool = False
    """Whether it is a revocation that failed: it's due at once when Azure answers again."""
    interrupted_at: datetime | None = None
    """When an earlier claim expired whose holder recorded no outcome."""
    values: Mapping[str, Value] = field(default_factory=dict, compare=False, repr=False)
    """All values, including those that another version added."""

    @property
    def since(self) -> datetime:
        """When it first fell due, regardless of postponements."""
        since = self.values.get("since")
        return _instant(str(since)) if since else self.due

    @property
    def ready_at(self) -> datetime:
        """When it can be claimed, unless its claim is renewed or released."""
        return max(self.due, self.claimed_until or self.due)

    def lane_at(self, now: datetime) -> Lane:
        return Lane.ENDING if self.ends_at and now >= self.ends_at else self.lane

    def as_row(self) -> Row:
        """Return the row without its claim, to be kept for another version."""
        return Row(self.shard, self.key, _unclaimed(self), self.etag)


@dataclass(frozen=True, slots=True)
class AgendaPage:
    """The result for one shard: rows, unreadable rows, and the lanes that may have more."""

    rows: list[DueRow]
    broken: list[Row]
    full: frozenset[Lane]


class Agenda:
    """One queue of due rows, over all shards."""

    def __init__(self, table: Table, queue: str) -> None:
        self._table = table
        self._queue = queue

    async def due(self, now: datetime, limit_per_shard: int = LIMIT) -> list[DueRow]:
        """Find the due, unclaimed rows, oldest first."""
        return await self._fallen_due(now, lambda row: row.ready_at <= now, limit_per_shard)

    async def late(self, since: datetime, limit_per_shard: int = LIMIT) -> list[DueRow]:
        """Find the rows that fell due by then and still exist, claimed or not."""
        return await self._fallen_due(since, lambda _: True, limit_per_shard)

    async def waiting(self, limit_per_shard: int = 1_000) -> list[DueRow]:
        """Find all rows, due or postponed, longest waiting first."""
        rows = await self._fallen_due(_END_OF_TIME, lambda _: True, limit_per_shard)
        return sorted(rows, key=lambda row: row.since)

    async def look(
        self,
        shard: str,
        until: datetime,
        is_wanted: Callable[[DueRow], bool],
        limit: int = LIMIT,
    ) -> AgendaPage:
        """Find the wanted rows of a shard that fall due until then, oldest first.

        Reading continues past unwanted rows and past the limit of other lanes, so that rows that
        end access are found behind any amount of other work.
        """
        rows: list[DueRow] = []
        broken: list[Row] = []
        found: Counter[Lane] = Counter()
        start, stop = f"{self._queue}~", f"{keys.due_key(self._queue, until, '')}~"
        size = limit
        while True:
            page = await self._table.range(shard, start, stop, size)
            for row in page:
                try:
                    due = due_row(row)
                except (LookupError, TypeError, ValueError):
                    broken.append(row)
                    continue
                if found[due.lane] < limit and is_wanted(due):
                    found[due.lane] += 1
                    rows.append(due)
            is_full = found[Lane.ENDING] >= limit
            if is_full or len(page) < size:
                full = frozenset(lane for lane, count in found.items() if count >= limit)
                return AgendaPage(rows, broken, full)
            start, size = f"{page[-1].key}{_BEHIND}", _NEXT_PAGES

    async def claim(self, row: DueRow, now: datetime) -> DueRow | None:
        """Claim a row; None if another replica was first or the row is gone."""
        try:
            etags = await self._table.transact(row.shard, [claiming(row, now)])
        except Conflict:
            return None
        return claimed(row, now, etags[0])

    async def give_back(self, row: DueRow, lane: Lane | None = None) -> None:
        """Release a claim early for another replica; does nothing if it expired.

        If the ``lane`` turned out to be a different one, it is updated.
        """
        values = {**_unclaimed(row), **({"lane": lane.value} if lane else {})}
        try:
            await self._table.transact(row.shard, [Replace(row.key, values, row.etag)])
        except Conflict:
            return

    async def give_back_new(self, workflow_id: str, due: datetime) -> None:
        """Release the claim that came with a new row; does nothing if another replica has it."""
        key = keys.due_key(self._queue, due, workflow_id)
        found = await self._table.get(keys.shard_of(workflow_id), key)
        row = due_row(found) if found else None
        if row and row.claimed_until == due + CLAIM:
            await self.give_back(row)

    async def settle(self, row: DueRow) -> None:
        """Remove a finished row; does nothing if it is gone or was changed."""
        await self.change(row.shard, [settling(row)])

    async def change(self, shard: str, operations: Sequence[Operation]) -> None:
        """Change rows in one transaction; does nothing if one is gone or was changed."""
        try:
            await self._table.transact(shard, operations)
        except Conflict:
            return

    async def _fallen_due(
        self, by: datetime, is_wanted: Callable[[DueRow], bool], limit: int
    ) -> list[DueRow]:
        looks = await asyncio.gather(
            *(self.look(shard, by, is_wanted, limit) for shard in keys.SHARDS)
        )
        return sorted((row for look in looks for row in look.rows), key=lambda row: row.due)


def claiming(row: DueRow, now: datetime) -> Replace:
    """Return the operation that claims a row."""
    until = keys.instant(now + CLAIM)
    return Replace(row.key, {**_values(row), "claimed_until": until}, row.etag)


def claimed(row: DueRow, now: datetime, etag: str) -> DueRow:
    """Return a row as it is after ``claiming`` it."""
    return replace(
        row,
        claimed_until=now + CLAIM,
        etag=etag,
        values=claiming(row, now).values,
        interrupted_at=row.claimed_until or row.interrupted_at,
    )


def settling(row: DueRow) -> Delete:
    """Return the operation that removes a finished row."""
    return Delete(row.key, row.etag)


def putting_off(row: DueRow, until: datetime) -> list[Operation]:
    """Return the operations that postpone a row."""
    queue, _, name = row.key.split("~", 2)
    values = {**_values(row), "attempt": row.attempt + 1}
    return [Delete(row.key, row.etag), Insert(keys.due_key(queue, until, name), values)]


def _values(row: DueRow) -> dict[str, Value]:
    """Return a row's values except its claim."""
    values = {name: value for name, value in row.values.items() if name != "claimed_until"}
    return {
        **values,
        "workflow": row.workflow_id,
        "attempt": row.attempt,
        "since": keys.instant(row.since),
    }


def _unclaimed(row: DueRow) -> dict[str, Value]:
    """Return a row's values without its claim, but with an earlier expired one."""
    values = _values(row)
    return values | (
        {"claimed_until": keys.instant(row.interrupted_at)} if row.interrupted_at else {}
    )


def due_row(row: Row) -> DueRow:
    """Read a row of a queue; raises LookupError, TypeError or ValueError if it is broken."""
    return DueRow(
        shard=row.partition,
        key=row.key,
        workflow_id=str(row.values["workflow"]),
        due=_instant(row.key.split("~", 2)[1]),
        attempt=int(str(row.values.get("attempt", 0))),
        claimed_until=_instant_of(row, "claimed_until"),
        etag=row.etag,
        lane=read_lane(str(row.values.get("lane", ""))),
        ends_at=_instant_of(row, "ends_at"),
        is_retry=bool(row.values.get("is_retry")),
        values=row.values,
    )


def _instant_of(row: Row, name: str) -> datetime | None:
    value = row.values.get(name)
    return _instant(str(value)) if value else None


def _instant(text: str) -> datetime:
    at = datetime.fromisoformat(text)
    if at.tzinfo is None:
        raise ValueError("a time without a zone")
    return at
