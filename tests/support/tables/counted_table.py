"""Count what is asked of the in-memory table, by kind of row."""

import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field

import pytest

from services.limits.pools import PARTITION
from services.storage.table import Operation, Row
from tests.support.tables.memory_table import MemoryTable

_IDS = re.compile(r"\b(?:req|rot|orp)-[a-z0-9-]+|[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}")
_HASHES = re.compile(r"[0-9a-f]{32,}")
_TIMES = re.compile(r"\d{4}-\d\d-\d\dT[\d:.]+Z|\d{17}|\d{6}~\d{4}-\d\d|\d{4}-\d\d")
_QUEUES = ("agenda~", "outbox~", "quarantine~")


@dataclass
class TableCalls:
    """Counts by kind of row, in the order in which the kinds first came."""

    transactions: Counter[str] = field(default_factory=Counter)
    reads: Counter[str] = field(default_factory=Counter)

    def clear(self) -> None:
        self.transactions.clear()
        self.reads.clear()


def count_table_calls(monkeypatch: pytest.MonkeyPatch) -> TableCalls:
    """Count the calls of every in-memory table from now on.

    Shares of limits aren't counted: here hours pass in a second, so the limits seem to be near.
    """
    calls = TableCalls()
    get, list_range, transact = MemoryTable.get, MemoryTable.range, MemoryTable.transact

    async def counted_get(self: MemoryTable, partition: str, key: str) -> Row | None:
        if partition != PARTITION:
            calls.reads[f"{_place(partition)}: get {_kind(key)}"] += 1
        return await get(self, partition, key)

    async def counted_range(
        self: MemoryTable, partition: str, start: str, stop: str, limit: int | None = None
    ) -> list[Row]:
        if not start.startswith(_QUEUES):  # what is due is read whether or not anybody asks
            calls.reads[f"{_place(partition)}: range {_kind(start)}"] += 1
        return await list_range(self, partition, start, stop, limit)

    async def counted_transact(
        self: MemoryTable, partition: str, operations: Sequence[Operation]
    ) -> list[str]:
        kinds = [f"{type(one).__name__.lower()} {_kind(one.key)}" for one in operations]
        if partition != PARTITION:
            calls.transactions[f"{_place(partition)}: {', '.join(kinds)}"] += 1
        return await transact(self, partition, operations)

    monkeypatch.setattr(MemoryTable, "get", counted_get)
    monkeypatch.setattr(MemoryTable, "range", counted_range)
    monkeypatch.setattr(MemoryTable, "transact", counted_transact)
    return calls


def _place(partition: str) -> str:
    return "shard" if re.fullmatch(r"[0-9a-f]{2}", partition) else _kind(partition)


def _kind(key: str) -> str:
    """Return a key without what differs from one request to the next."""
    return _TIMES.sub("TIME", _HASHES.sub("HASH", _IDS.sub("ID", key)))
