"""What the table does when its service fails; its contract is in test_table_contract.py."""

import socket
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager

import aiohttp
import pytest
from aiohttp import web
from aiohttp.abc import AbstractResolver, ResolveResult
from azure.core.credentials import AzureNamedKeyCredential
from azure.core.pipeline.transport import AioHttpTransport
from azure.data.tables.aio import TableClient

from services.azure.tables import AzureTable
from services.faults import Conflict, Rejected, Unavailable
from services.storage.table import Insert

KEY = AzureNamedKeyCredential("demo", "a2V5")


@asynccontextmanager
async def _serving(
    handle: Callable[[web.BaseRequest], Awaitable[web.StreamResponse]],
) -> AsyncIterator[int]:
    runner = web.ServerRunner(web.Server(handle), shutdown_timeout=0)
    await runner.setup()
    with socket.create_server(("127.0.0.1", 0)) as listening:
        await web.SockSite(runner, listening).start()
        yield listening.getsockname()[1]
        await runner.cleanup()


async def test_a_table_is_created_once(azurite: str, table_name: str) -> None:
    async with TableClient.from_connection_string(azurite, table_name) as client:
        table = AzureTable(client)

        await table.ensure_exists()
        await table.ensure_exists()

        assert await table.range("p", "", "~") == []


async def test_a_missing_table_does_not_count_as_an_empty_one(
    azurite: str, table_name: str
) -> None:
    async with TableClient.from_connection_string(azurite, table_name) as client:
        table = AzureTable(client)

        with pytest.raises(Rejected, match="404 TableNotFound"):
            await table.get("p", "k")
        with pytest.raises(Rejected, match="404 TableNotFound"):
            await table.range("p", "", "~")
        with pytest.raises(Rejected, match="404 TableNotFound"):
            await anext(table.pages("p", "", "~"))
        with pytest.raises(Rejected, match="404 TableNotFound"):
            await table.transact("p", [Insert("k", {})])


async def test_an_entity_that_is_too_large_is_rejected(azurite_table: AzureTable) -> None:
    with pytest.raises(Rejected, match="Table Storage: 4"):
        await azurite_table.transact("p", [Insert("k" * 2_000, {})])


async def test_an_unreachable_table_service_is_unavailable() -> None:
    async with TableClient("http://127.0.0.1:1", "t", credential=KEY, retry_total=0) as client:
        with pytest.raises(Unavailable, match="Table Storage: ServiceRequestError"):
            await AzureTable(client).get("p", "k")


async def test_a_transaction_resent_after_a_lost_answer_conflicts_with_itself(
    azurite: str, table_name: str, azurite_table: AzureTable
) -> None:
    address = azurite.partition("TableEndpoint=")[2].rstrip(";")
    answers = 0

    async def lose_the_first_answer(request: web.BaseRequest) -> web.StreamResponse:
        nonlocal answers
        answers += 1
        url = address.partition("/devstore")[0] + request.path_qs
        async with (
            aiohttp.ClientSession(auto_decompress=False) as session,
            session.request(
                request.method, url, data=await request.read(), headers=request.headers
            ) as answer,
        ):
            if answers == 1:
                return web.Response(status=503)
            return web.Response(
                status=answer.status,
                body=await answer.read(),
                headers={"Content-Type": answer.headers["Content-Type"]},
            )

    async with _serving(lose_the_first_answer) as port:
        through = azurite.replace(address, f"http://127.0.0.1:{port}/devstoreaccount1")
        async with TableClient.from_connection_string(through, table_name) as client:
            with pytest.raises(Conflict):
                await AzureTable(client).transact("p", [Insert("k", {"state": "pending"})])

    row = await azurite_table.get("p", "k")
    assert answers == 2
    assert row is not None
    assert row.values == {"state": "pending"}


class _Loopback(AbstractResolver):
    """Resolves every host to this machine."""

    async def resolve(
        self, host: str, port: int = 0, family: socket.AddressFamily = socket.AF_INET
    ) -> list[ResolveResult]:
        return [
            ResolveResult(
                hostname=host, host="127.0.0.1", port=port, family=family, proto=0, flags=0
            )
        ]

    async def close(self) -> None:
        """Do nothing: there is nothing to close."""


async def test_the_first_rows_are_found_although_cosmos_db_does_not_sort() -> None:
    async def answer(request: web.BaseRequest) -> web.StreamResponse:
        following = "NextRowKey" in request.query
        rows = [
            {"PartitionKey": "p", "RowKey": key, "odata.etag": f'W/"{key}"'}
            for key in (("a", "d") if following else ("c", "b"))
        ]
        headers = {
            "x-ms-continuation-NextPartitionKey": "p",
            "x-ms-continuation-NextRowKey": "b",
        }
        return web.json_response({"value": rows}, headers={} if following else headers)

    async with (
        _serving(answer) as port,
        aiohttp.ClientSession(connector=aiohttp.TCPConnector(resolver=_Loopback())) as session,
        TableClient(
            f"http://demo.table.cosmos.azure.com:{port}",
            "work",
            credential=KEY,
            transport=AioHttpTransport(session=session, session_owner=False),
        ) as client,
    ):
        rows = await AzureTable(client).range("p", "", "~", limit=2)

    assert [row.key for row in rows] == ["a", "b"]
