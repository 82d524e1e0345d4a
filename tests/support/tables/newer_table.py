"""The table as the next version of Latchkey sees it."""

from collections.abc import Mapping, Sequence
from dataclasses import replace

from services.storage.table import Delete, Operation, Row, Table, Value
from services.workflow import codec
from tests.support.tables.memory_table import in_one_page

NEWER = codec.SCHEMA + 1


class TableOfTheNewer:
    """The table as a newer Latchkey sees it, with the next schema."""

    def __init__(self, table: Table) -> None:
        self._table = table

    async def get(self, partition: str, key: str) -> Row | None:
        row = await self._table.get(partition, key)
        return _as_known(row) if row else None

    async def range(
        self, partition: str, start: str, stop: str, limit: int | None = None
    ) -> list[Row]:
        return [_as_known(row) for row in await self._table.range(partition, start, stop, limit)]

    pages = in_one_page

    async def transact(self, partition: str, operations: Sequence[Operation]) -> list[str]:
        written = [
            one if isinstance(one, Delete) else replace(one, values=_with(one.values, NEWER))
            for one in operations
        ]
        return await self._table.transact(partition, written)


def _as_known(row: Row) -> Row:
    """Convert a row: the newer version reads its own schema as the older one reads the current."""
    is_newer = row.values.get("schema") == NEWER
    return replace(row, values=_with(row.values, codec.SCHEMA)) if is_newer else row


def _with(values: Mapping[str, Value], schema: int) -> Mapping[str, Value]:
    return {**values, "schema": schema} if "schema" in values else values
