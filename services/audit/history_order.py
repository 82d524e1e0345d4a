"""The order of the history, merged from the rows of all shards and of former partitions."""

import asyncio
from collections import deque
from collections.abc import Sequence

from domain.audit.history import Filter
from services.storage import keys
from services.storage.table import Table
from services.workflow.lists import former_history, history_rows

_MOST_AT_ONCE = 500


class HistoryOrder:
    """Positions that match a filter, newest first, each once.

    There are seventeen sources. What is read of one and isn't taken yet is kept, so going on costs
    a read of those that have run out, and a long walk reads each row once.
    """

    def __init__(self, sources: Sequence["_Source"]) -> None:
        self._sources = sources

    @classmethod
    async def of(
        cls, table: Table, wanted: Filter, position: str | None, most: int
    ) -> "HistoryOrder":
        """Begin behind a position; ``most`` is how many are likely to be taken."""
        start = history_rows.behind(position) if position else ""
        stop = history_rows.behind(history_rows.inverted(wanted.since)) if wanted.since else "~"
        prefix = history_rows.prefix_of(wanted)
        from_each = 2 * most // len(keys.SHARDS) + 4  # rarely too few, as workflows are spread
        former = [(one, "") for one in await _former(table, wanted, position)]
        return cls(
            [
                *(
                    _Source(table, [(shard, prefix)], start, stop, from_each)
                    for shard in keys.SHARDS
                ),
                _Source(table, former, start, stop, most),
            ]
        )

    async def take(self, most: int) -> list[str]:
        """Return the next positions; fewer than ``most`` only if there are no more."""
        found: list[str] = []
        while len(found) < most:
            if dry := [one for one in self._sources if one.is_dry]:
                await asyncio.gather(*(one.read() for one in dry))
            following = min((one.rows[0] for one in self._sources if one.rows), default=None)
            if following is None:
                break
            for one in self._sources:
                if one.rows and one.rows[0] == following:
                    one.rows.popleft()
            found.append(following)
        return found


class _Source:
    """Ranges of rows that follow each other, read some rows at a time, and more each time."""

    def __init__(
        self, table: Table, ranges: Sequence[tuple[str, str]], start: str, stop: str, at_once: int
    ) -> None:
        """Take partitions with what their keys begin with, and the same positions for all."""
        self.rows: deque[str] = deque()
        """The positions that are read and not taken yet."""
        self._table = table
        self._ranges = deque(ranges)
        self._start = start
        self._stop = stop
        self._at_once = at_once

    @property
    def is_dry(self) -> bool:
        """Return whether there may be more to read before the next position is known."""
        return not self.rows and bool(self._ranges)

    async def read(self) -> None:
        """Read until there is a position, or no more."""
        while self.is_dry:
            partition, prefix = self._ranges[0]
            start, stop = f"{prefix}{self._start}", f"{prefix}{self._stop}"
            rows = await self._table.range(partition, start, stop, self._at_once)
            self.rows.extend(dict.fromkeys(history_rows.position_of(row, prefix) for row in rows))
            if len(rows) < self._at_once:
                self._ranges.popleft()
            if rows:
                self._start = history_rows.behind(self.rows[-1])
            self._at_once = min(2 * self._at_once, _MOST_AT_ONCE)


async def _former(table: Table, wanted: Filter, position: str | None) -> list[str]:
    """Return the former partitions that may have matching rows, newest first."""
    if partition := former_history.partition_of(wanted):
        return [partition]
    newest = history_rows.month_of(position) if position else ""
    oldest = history_rows.month_of(history_rows.inverted(wanted.since)) if wanted.since else ""
    months = await former_history.months(table, newest, oldest)
    return [former_history.month_partition(month) for month in months]
