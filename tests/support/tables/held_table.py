"""A table that holds back what is written until the test lets it go on."""

import asyncio
from collections.abc import Sequence

from services.storage.table import Operation
from tests.support.tables.memory_table import MemoryTable


class HeldTable(MemoryTable):
    """A table in memory that holds back transactions with rows whose keys begin so."""

    def __init__(self, held: str) -> None:
        super().__init__()
        self._held = held
        self.is_reached, self.goes_on = asyncio.Event(), asyncio.Event()

    async def transact(self, partition: str, operations: Sequence[Operation]) -> list[str]:
        if any(one.key.startswith(self._held) for one in operations):
            self.is_reached.set()
            await self.goes_on.wait()
        return await super().transact(partition, operations)
