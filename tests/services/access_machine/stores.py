"""The tables that the machine runs on, each with a way to read all rows at once."""

from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from typing import Protocol

from azure.data.tables.aio import TableClient

from services.azure.tables import AzureTable, _row
from services.storage.table import Row, Table
from tests.support.tables.memory_table import MemoryTable


class Store(Protocol):
    """A table that the machine can read completely."""

    @property
    def table(self) -> Table:
        """The table that Latchkey uses."""

    async def rows(self) -> list[Row]:
        """Read every row."""


OpenStore = Callable[[], AbstractAsyncContextManager[Store]]


class MemoryStore:
    """A table in memory."""

    def __init__(self) -> None:
        self.table = MemoryTable()

    async def rows(self) -> list[Row]:
        return self.table.rows()


class AzureStore:
    """A table of Azure Table Storage."""

    def __init__(self, client: TableClient) -> None:
        self.table = AzureTable(client)
        self._client = client

    async def rows(self) -> list[Row]:
        return [_row(entity) async for entity in self._client.list_entities()]


@asynccontextmanager
async def in_memory() -> AsyncIterator[Store]:
    """Open an empty table in memory."""
    yield MemoryStore()


def in_azurite(connection_string: str, names: Callable[[], str]) -> OpenStore:
    """Return a function that opens an empty table in Azurite; each has its own name."""

    @asynccontextmanager
    async def opened() -> AsyncIterator[Store]:
        async with TableClient.from_connection_string(connection_string, names()) as client:
            store = AzureStore(client)
            await store.table.ensure_exists()
            yield store

    return opened
