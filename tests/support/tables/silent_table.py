"""A table that leaves some changes without an answer."""

from collections.abc import Sequence

from services.faults import Unavailable
from services.storage.table import Operation
from tests.support.tables.memory_table import MemoryTable


class SilentTable(MemoryTable):
    """Doesn't answer the next changes whose rows have a part in their names, done or not."""

    def __init__(self, part: str, *, times: int = 0, does: bool = False) -> None:
        super().__init__()
        self.times = times
        self._part = part
        self._does = does
        self._unanswered: list[tuple[str, Sequence[Operation]]] = []

    async def transact(self, partition: str, operations: Sequence[Operation]) -> list[str]:
        named = (f"{partition} {one.key}" for one in operations)
        if not self.times or not any(self._part in name for name in named):
            return await super().transact(partition, operations)
        self.times -= 1
        self._unanswered.append((partition, operations))
        if self._does:
            await super().transact(partition, operations)
        raise Unavailable("Tables", "504")

    async def do_late(self) -> None:
        """Carry out the first change that wasn't answered."""
        await super().transact(*self._unanswered[0])
