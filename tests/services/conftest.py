"""A real table service for all tests of the services; each test has a table of its own."""

import itertools
from collections.abc import AsyncIterator, Iterator

import pytest
from azure.data.tables.aio import TableClient

from services.azure.tables import AzureTable
from tests.support.azurite import running_azurite

_names = (f"test{number}" for number in itertools.count(1))


@pytest.fixture(scope="session")
def azurite(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """Azurite's connection string."""
    with running_azurite(tmp_path_factory.mktemp("azurite")) as connection_string:
        yield connection_string


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
