"""What is due: the agenda of workflows and the outbox of announcements are two such queues.

A row lies under its due time, so that finding what is due costs what is due. A replica claims
a row by ETag for a while; the claims of a dead replica run out and its rows fall due again.
"""

import asyncio
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from services import keys
from services.faults import Conflict
from services.table import Delete, Insert, Replace, Row, Table, Value

CLAIM = timedelta(seconds=20)
"""How long a claim holds: longer than a move may take, so that two replicas seldom share one."""


@dataclass(frozen=True, slots=True)
class DueRow:
    """A row of a queue: which workflow, since when, and how often it was put off."""

    shard: str
    key: str
    workflow_id: str
    due: datetime
    attempt: int
    claimed_until: datetime | None
    etag: str
    since: datetime
    """When it fell due for the first time, however often it was put off."""


class Agenda:
    """One queue of due rows, over all shards."""

    def __init__(self, table: Table, queue: str) -> None:
        self._table = table
        self._queue = queue

    async def due(self, now: datetime, limit_per_shard: int = 100) -> list[DueRow]:
        """Find the rows that are due and not claimed, the oldest first."""
        rows = await self._fallen_due(now, limit_per_shard)
        return [row for row in rows if not row.claimed_until or row.claimed_until <= now]

    async def late(self, since: datetime, limit_per_shard: int = 100) -> list[DueRow]:
        """Find the rows that fell due by then and are still there, whoever has claimed them."""
        return await self._fallen_due(since, limit_per_shard)

    async def waiting(self, limit_per_shard: int = 1_000) -> list[DueRow]:
        """Find all rows, due or put off, the one that has waited longest first."""
        rows = await self._up_to(f"{self._queue}~~", limit_per_shard)
        return sorted(rows, key=lambda row: row.since)

    async def _fallen_due(self, by: datetime, limit_per_shard: int) -> list[DueRow]:
        rows = await self._up_to(f"{keys.due_key(self._queue, by, '')}~", limit_per_shard)
        return sorted(rows, key=lambda row: row.due)

    async def _up_to(self, stop: str, limit_per_shard: int) -> list[DueRow]:
        shards = await asyncio.gather(
            *(
                self._table.range(shard, f"{self._queue}~", stop, limit_per_shard)
                for shard in keys.SHARDS
            )
        )
        return [due_row(row) for shard in shards for row in shard]

    async def claim(self, row: DueRow, now: datetime) -> DueRow | None:
        """Claim a row; None where another replica was first, or it is gone."""
        until = now + CLAIM
        values = _values(row, row.attempt, until)
        try:
            etags = await self._table.transact(row.shard, [Replace(row.key, values, row.etag)])
        except Conflict:
            return None
        return replace(row, claimed_until=until, etag=etags[0])

    async def give_back(self, row: DueRow) -> None:
        """End a claim early, so that another replica can work; harmless where it ran out."""
        values = _values(row, row.attempt, None)
        try:
            await self._table.transact(row.shard, [Replace(row.key, values, row.etag)])
        except Conflict:
            return

    async def settle(self, row: DueRow) -> None:
        """Remove a row whose work is done; harmless where it is gone or was changed."""
        try:
            await self._table.transact(row.shard, [Delete(row.key, row.etag)])
        except Conflict:
            return

    async def put_off(self, row: DueRow, until: datetime) -> None:
        """Let a row fall due again later; harmless where it is gone or was changed."""
        name = row.key.split("~", 2)[2]
        values = _values(row, row.attempt + 1, None)
        later = Insert(keys.due_key(self._queue, until, name), values)
        try:
            await self._table.transact(row.shard, [Delete(row.key, row.etag), later])
        except Conflict:
            return


def _values(row: DueRow, attempt: int, claimed_until: datetime | None) -> dict[str, Value]:
    values: dict[str, Value] = {
        "workflow": row.workflow_id,
        "attempt": attempt,
        "since": keys.instant(row.since),
    }
    if claimed_until:
        values["claimed_until"] = keys.instant(claimed_until)
    return values


def due_row(row: Row) -> DueRow:
    """Read a row of a queue."""
    claimed = row.values.get("claimed_until")
    due = row.key.split("~", 2)[1]
    return DueRow(
        shard=row.partition,
        key=row.key,
        workflow_id=str(row.values["workflow"]),
        due=datetime.fromisoformat(due),
        attempt=int(str(row.values.get("attempt", 0))),
        claimed_until=datetime.fromisoformat(str(claimed)) if claimed else None,
        etag=row.etag,
        since=datetime.fromisoformat(str(row.values.get("since", due))),
    )
