"""What is due: the agenda of workflows and the outbox of announcements are two such queues.

A row lies under its due time, so that finding what is due costs what is due. A replica claims
a row by ETag for a while; the claims of a dead replica run out and its rows fall due again.
"""

import asyncio
from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta

from services.faults import Conflict
from services.storage import keys
from services.storage.table import Delete, Insert, Replace, Row, Table, Value
from services.workflow.lanes import Lane, read_lane

CLAIM = timedelta(seconds=20)
"""How long a claim holds: longer than a move may take, so that two replicas seldom share one."""

_EVER = datetime.max.replace(tzinfo=UTC)
_LIMIT = 100
_NEXT_PAGES = 1_000

# Sorts behind the end of a key and before all that may follow in a longer one.
_BEHIND = "!"


@dataclass(frozen=True, slots=True)
class DueRow:
    """A row of a queue: which workflow, since when, what for, and how often it was put off."""

    shard: str
    key: str
    workflow_id: str
    due: datetime
    attempt: int
    claimed_until: datetime | None
    etag: str
    lane: Lane = Lane.ENDING
    ends_at: datetime | None = None
    """From when on it is about ending access, whatever its lane."""
    interrupted_at: datetime | None = None
    """Until when somebody had claimed it before, who has not said what came of it."""
    values: Mapping[str, Value] = field(default_factory=dict, compare=False, repr=False)
    """All that it holds: what another version wrote into it is kept."""

    @property
    def since(self) -> datetime:
        """When it fell due for the first time, however often it was put off."""
        since = self.values.get("since")
        return _instant(str(since)) if since else self.due

    @property
    def ready_at(self) -> datetime:
        """When it may be claimed, unless its claim is renewed or ended."""
        return max(self.due, self.claimed_until or self.due)

    def lane_at(self, now: datetime) -> Lane:
        return Lane.ENDING if self.ends_at and now >= self.ends_at else self.lane

    def as_row(self) -> Row:
        """Return it as it is without its claim: to be kept for somebody else."""
        return Row(self.shard, self.key, _unclaimed(self), self.etag)


@dataclass(frozen=True, slots=True)
class AgendaPage:
    """What was found in one shard: rows, those that cannot be read, and whether there are more."""

    rows: list[DueRow]
    broken: list[Row]
    has_more: bool


class Agenda:
    """One queue of due rows, over all shards."""

    def __init__(self, table: Table, queue: str) -> None:
        self._table = table
        self._queue = queue

    async def due(self, now: datetime, limit_per_shard: int = _LIMIT) -> list[DueRow]:
        """Find the rows that are due and not claimed, the oldest first."""
        return await self._fallen_due(now, lambda row: row.ready_at <= now, limit_per_shard)

    async def late(self, since: datetime, limit_per_shard: int = _LIMIT) -> list[DueRow]:
        """Find the rows that fell due by then and are still there, whoever has claimed them."""
        return await self._fallen_due(since, lambda _: True, limit_per_shard)

    async def waiting(self, limit_per_shard: int = 1_000) -> list[DueRow]:
        """Find all rows, due or put off, the one that has waited longest first."""
        rows = await self._fallen_due(_EVER, lambda _: True, limit_per_shard)
        return sorted(rows, key=lambda row: row.since)

    async def look(
        self,
        shard: str,
        until: datetime,
        is_wanted: Callable[[DueRow], bool],
        limit: int = _LIMIT,
    ) -> AgendaPage:
        """Find what falls due in a shard until then, the oldest first, and is wanted.

        Reading goes on past what is not, and past the limit of other lanes: however much there is
        of something else, the ending of access behind it is found.
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
                return AgendaPage(rows, broken, has_more=max(found.values(), default=0) >= limit)
            start, size = f"{page[-1].key}{_BEHIND}", _NEXT_PAGES

    async def claim(self, row: DueRow, now: datetime) -> DueRow | None:
        """Claim a row; None where another replica was first, or it is gone."""
        until = now + CLAIM
        values = {**_values(row), "claimed_until": keys.instant(until)}
        try:
            etags = await self._table.transact(row.shard, [Replace(row.key, values, row.etag)])
        except Conflict:
            return None
        interrupted_at = row.claimed_until or row.interrupted_at
        return replace(
            row,
            claimed_until=until,
            etag=etags[0],
            values=values,
            interrupted_at=interrupted_at,
        )

    async def give_back(self, row: DueRow, lane: Lane | None = None) -> None:
        """End a claim early, so that another replica can work; harmless where it ran out.

        Where its ``lane`` turned out to be another one, that is noted.
        """
        values = {**_unclaimed(row), **({"lane": lane.value} if lane else {})}
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
        values = {**_values(row), "attempt": row.attempt + 1}
        later = Insert(keys.due_key(self._queue, until, name), values)
        try:
            await self._table.transact(row.shard, [Delete(row.key, row.etag), later])
        except Conflict:
            return

    async def _fallen_due(
        self, by: datetime, is_wanted: Callable[[DueRow], bool], limit: int
    ) -> list[DueRow]:
        looks = await asyncio.gather(
            *(self.look(shard, by, is_wanted, limit) for shard in keys.SHARDS)
        )
        return sorted((row for look in looks for row in look.rows), key=lambda row: row.due)


def _values(row: DueRow) -> dict[str, Value]:
    """Return what a row holds, but for its claim."""
    values = {name: value for name, value in row.values.items() if name != "claimed_until"}
    return {
        **values,
        "workflow": row.workflow_id,
        "attempt": row.attempt,
        "since": keys.instant(row.since),
    }


def _unclaimed(row: DueRow) -> dict[str, Value]:
    """Return what a row holds without its claim: one that ran out before stays to be seen."""
    values = _values(row)
    return values | (
        {"claimed_until": keys.instant(row.interrupted_at)} if row.interrupted_at else {}
    )


def due_row(row: Row) -> DueRow:
    """Read a row of a queue; raises LookupError, TypeError or ValueError where it is broken."""
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
