"""A table in memory, tested by the same contract as the real one."""

import itertools
from collections import defaultdict
from collections.abc import AsyncIterator, Iterable, Mapping, Sequence
from datetime import datetime
from typing import Protocol

from services.faults import Conflict
from services.storage.table import Delete, Insert, Operation, Replace, Row, Value


class _Ranges(Protocol):
    async def range(self, partition: str, start: str, stop: str) -> list[Row]: ...


async def in_one_page(
    self: _Ranges, partition: str, start: str, stop: str
) -> AsyncIterator[Sequence[Row]]:
    """Read a table's pages by its ``range``, so that a wrapper has one way to read many rows."""
    yield await self.range(partition, start, stop)


class MemoryTable:
    """``services.storage.table.Table`` without a service."""

    def __init__(self, rows: Iterable[Row] = ()) -> None:
        """Start with these rows, as read from another table."""
        self._partitions: defaultdict[str, dict[str, Row]] = defaultdict(dict)
        self.add(rows)
        self._numbers = itertools.count(1)

    def add(self, rows: Iterable[Row]) -> None:
        """Put these rows in, as read from another table."""
        for row in rows:
            self._partitions[row.partition][row.key] = row

    def rows(self) -> list[Row]:
        """Return all rows in all partitions."""
        return [row for rows in self._partitions.values() for row in rows.values()]

    async def get(self, partition: str, key: str) -> Row | None:
        return self._partitions[partition].get(key)

    async def range(
        self, partition: str, start: str, stop: str, limit: int | None = None
    ) -> list[Row]:
        rows = self._partitions[partition]
        return [rows[key] for key in sorted(key for key in rows if start <= key < stop)[:limit]]

    pages = in_one_page

    async def transact(self, partition: str, operations: Sequence[Operation]) -> list[str]:
        if not 0 < len({each.key for each in operations}) == len(operations) <= 100:
            raise ValueError("a transaction has 1 to 100 operations, each on another row")
        for operation in operations:
            self._check(partition, operation)
        return [self._apply(partition, operation) for operation in operations]

    def _check(self, partition: str, operation: Operation) -> None:
        row = self._partitions[partition].get(operation.key)
        if not isinstance(operation, Delete):
            _require_storable(operation.values)
        match operation:
            case Insert():
                fits = row is None
            case Delete(etag=None):
                fits = row is not None
            case Replace(etag=etag) | Delete(etag=etag):
                fits = row is not None and row.etag == etag
        if not fits:
            raise Conflict(f"{partition}: {operation.key}")

    def _apply(self, partition: str, operation: Operation) -> str:
        if isinstance(operation, Delete):
            del self._partitions[partition][operation.key]
            return ""
        etag = f"etag-{next(self._numbers)}"
        row = Row(partition, operation.key, dict(operation.values), etag)
        self._partitions[partition][operation.key] = row
        return etag


def _require_storable(values: Mapping[str, Value]) -> None:
    for name, value in values.items():
        if "__" in name or name in {"PartitionKey", "RowKey"}:
            raise ValueError(f"a value can't be named {name}: the table reserves that name")
        if isinstance(value, datetime) and value.tzinfo is None:
            raise ValueError(f"{name} is a datetime without a time zone")
        if isinstance(value, int) and not -(2**31) <= value < 2**31:
            raise TypeError(f"{name} does not fit 32 bits")
