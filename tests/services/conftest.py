"""A real table service for all service tests; each test has its own table."""

import itertools
from collections.abc import AsyncIterator

import pytest
from azure.data.tables.aio import TableClient

from bench.setup.tables import serving
from scripts.local.ports import free_ports
from services.azure.tables import AzureTable
from services.storage import keys

_names = (f"test{number}" for number in itertools.count(1))


@pytest.fixture
def table_name() -> str:
    return next(_names)


@pytest.fixture
async def azurite_table(azurite: str, table_name: str) -> AsyncIterator[AzureTable]:
    """An empty table in Azurite."""
    async with TableClient.from_connection_string(azurite, table_name) as client:
        table = AzureTable(client)
        await table.ensure_exists()
        yield table


@pytest.fixture
async def ordered_table(table_name: str) -> AsyncIterator[AzureTable]:
    """An empty table in the benchmarks' table service."""
    [port] = free_ports(1)
    async with (
        serving(port) as connection_string,
        TableClient.from_connection_string(connection_string, table_name) as client,
    ):
        table = AzureTable(client)
        await table.ensure_exists()
        yield table


@pytest.fixture
def few_shards(monkeypatch: pytest.MonkeyPatch) -> None:
    """Poll only two shards, for tests that poll very often."""
    monkeypatch.setattr(keys, "SHARDS", keys.SHARDS[:2])
