"""A table that yields to other tasks, counts its operations, and can block transactions."""

import asyncio
from collections.abc import Sequence

from services.storage.table import Operation, Row, Table
from tests.support.tables.memory_table import in_one_page


class WatchedTable:
    """Wraps a table; each call yields first, so that tasks interleave as over a network."""

    def __init__(self, table: Table) -> None:
        self._table = table
        self.reads = 0
        self.rows_read = 0
        self.transactions = 0
        self._arrivals = asyncio.Semaphore(0)
        self._gate = asyncio.Event()
        self._gate.set()

    def forget_counts(self) -> None:
        self.reads = self.rows_read = self.transactions = 0

    def hold(self) -> None:
        """Hold all transactions until released."""
        self._gate.clear()

    def let_go(self) -> None:
        self._gate.set()

    async def held(self, transactions: int) -> None:
        """Wait until this many transactions are held."""
        for _ in range(transactions):
            await self._arrivals.acquire()

    async def get(self, partition: str, key: str) -> Row | None:
        await asyncio.sleep(0)
        self.reads += 1
        row = await self._table.get(partition, key)
        self.rows_read += row is not None
        return row

    async def range(
        self, partition: str, start: str, stop: str, limit: int | None = None
    ) -> list[Row]:
        await asyncio.sleep(0)
        self.reads += 1
        rows = await self._table.range(partition, start, stop, limit)
        self.rows_read += len(rows)
        return rows

    pages = in_one_page

    async def transact(self, partition: str, operations: Sequence[Operation]) -> list[str]:
        await asyncio.sleep(0)
        if not self._gate.is_set():
            self._arrivals.release()
            await self._gate.wait()
        self.transactions += 1
        return await self._table.transact(partition, operations)
