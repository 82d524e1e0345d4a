"""The table's transport: what may wait gets only so many places, and holds up no move."""

import asyncio
from collections.abc import AsyncIterator
from datetime import timedelta

import aiohttp
import pytest
from aiohttp import web
from aiohttp.test_utils import TestServer
from azure.core.rest import HttpRequest

from services.azure.calls import transports
from services.azure.calls.transports import TABLE_REQUESTS_AT_ONCE, TableTransport
from services.faults import Unavailable
from services.workflow.lanes import Lane, in_lane


class SlowServer:
    """A server that answers nothing before it is told to."""

    def __init__(self) -> None:
        self.under_way = 0
        self.most = 0
        self.connections: set[object] = set()
        self.asked = asyncio.Event()
        self.answers = asyncio.Event()

    async def handle(self, request: web.Request) -> web.Response:
        self.under_way += 1
        self.most = max(self.most, self.under_way)
        self.connections.add(request.transport)
        self.asked.set()
        try:
            await self.answers.wait()
        finally:
            self.under_way -= 1
        return web.Response()

    async def until(self, under_way: int) -> None:
        """Wait until it has this many requests."""
        async with asyncio.timeout(10):
            while self.under_way != under_way:
                self.asked.clear()
                await self.asked.wait()


@pytest.fixture
def slow() -> SlowServer:
    return SlowServer()


@pytest.fixture
async def address(slow: SlowServer) -> AsyncIterator[str]:
    app = web.Application()
    app.router.add_get("/", slow.handle)
    async with TestServer(app) as server:
        yield str(server.make_url("/"))


@pytest.fixture
async def transport() -> AsyncIterator[TableTransport]:
    async with aiohttp.ClientSession(connector=aiohttp.TCPConnector(limit=0)) as session:
        yield TableTransport(None, session=session, session_owner=False)


async def _ask(transport: TableTransport, address: str, lane: Lane) -> int:
    with in_lane(lane):
        response = await transport.send(HttpRequest("GET", address))
    return int(response.status_code)


def _many(
    transport: TableTransport, address: str, lane: Lane, count: int
) -> list[asyncio.Task[int]]:
    return [asyncio.create_task(_ask(transport, address, lane)) for _ in range(count)]


async def test_the_rest_sends_so_many_requests_at_once_and_opens_no_more_connections(
    transport: TableTransport, address: str, slow: SlowServer
) -> None:
    asking = _many(transport, address, Lane.REST, 3 * TABLE_REQUESTS_AT_ONCE)
    await slow.until(TABLE_REQUESTS_AT_ONCE)
    slow.answers.set()

    answers = await asyncio.gather(*asking)

    assert answers == [200] * len(asking)
    assert slow.most == len(slow.connections) == TABLE_REQUESTS_AT_ONCE


@pytest.mark.parametrize("lane", [lane for lane in Lane if lane is not Lane.REST])
async def test_a_move_does_not_wait_for_the_rest(
    transport: TableTransport, address: str, slow: SlowServer, lane: Lane
) -> None:
    asking = _many(transport, address, Lane.REST, 2 * TABLE_REQUESTS_AT_ONCE)
    await slow.until(TABLE_REQUESTS_AT_ONCE)

    moving = _many(transport, address, lane, 2)
    await slow.until(TABLE_REQUESTS_AT_ONCE + 2)
    slow.answers.set()

    assert await asyncio.gather(*moving) == [200, 200]
    await asyncio.gather(*asking)


async def test_a_request_that_gets_no_place_in_time_is_not_sent(
    transport: TableTransport, address: str, slow: SlowServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(transports, "_TABLE_PATIENCE", timedelta(milliseconds=1))
    asking = _many(transport, address, Lane.REST, TABLE_REQUESTS_AT_ONCE)
    await slow.until(TABLE_REQUESTS_AT_ONCE)

    with pytest.raises(Unavailable, match="request not sent: too many") as caught:
        await _ask(transport, address, Lane.REST)
    slow.answers.set()
    await asyncio.gather(*asking)

    assert not caught.value.outcome_unknown
    assert slow.most == TABLE_REQUESTS_AT_ONCE


async def test_a_cancelled_request_leaves_its_place_to_the_next_one(
    transport: TableTransport, address: str, slow: SlowServer
) -> None:
    cancelled = _many(transport, address, Lane.REST, TABLE_REQUESTS_AT_ONCE)
    await slow.until(TABLE_REQUESTS_AT_ONCE)
    [waiting] = _many(transport, address, Lane.REST, 1)
    slow.answers.set()

    cancelled[0].cancel()

    assert await waiting == 200
    await asyncio.gather(*cancelled, return_exceptions=True)
