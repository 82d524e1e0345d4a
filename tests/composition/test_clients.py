"""The pools of connections that everything is sent through."""

from collections.abc import AsyncIterator, Callable
from contextlib import AsyncExitStack
from time import monotonic

import aiohttp
import pytest
from aiohttp import web
from aiohttp.test_utils import BaseTestServer, TestServer
from opentelemetry.metrics import NoOpMeter

from composition.clients import Clients, open_clients
from composition.telemetry import Telemetry
from config import read_settings
from tests.support.clock import ManualClock
from tests.support.environment import REQUIRED

NODE_SECONDS = 5
"""How long Node's servers, such as Azurite, keep an idle connection by default."""

_Pool = Callable[[Clients], aiohttp.ClientSession]


@pytest.fixture
async def clients() -> AsyncIterator[Clients]:
    async with AsyncExitStack() as resources:
        telemetry = Telemetry(NoOpMeter("latchkey"), None)
        yield await open_clients(read_settings(REQUIRED), ManualClock(), telemetry, resources)


@pytest.fixture
async def server() -> AsyncIterator[BaseTestServer]:
    """Answer each request with the port that it came from, one for each connection."""

    async def port(request: web.Request) -> web.Response:
        peer = request.get_extra_info("peername")
        return web.Response(text=str(peer[1]))

    app = web.Application()
    app.router.add_post("/", port)
    async with TestServer(app) as running:
        yield running


@pytest.mark.parametrize(
    "pool",
    [lambda clients: clients.pipeline.transport.session, lambda clients: clients.session],
    ids=["Azure", "Teams"],
)
@pytest.mark.parametrize("idle", [1, NODE_SECONDS])
async def test_a_connection_is_used_again_only_while_no_server_closes_it_meanwhile(
    clients: Clients,
    server: BaseTestServer,
    monkeypatch: pytest.MonkeyPatch,
    pool: _Pool,
    idle: int,
) -> None:
    session = pool(clients)
    first = await _port(session, server)

    monkeypatch.setattr("aiohttp.connector.monotonic", lambda: monotonic() + idle)
    second = await _port(session, server)

    assert (second == first) is (idle < NODE_SECONDS)


async def _port(session: aiohttp.ClientSession, server: BaseTestServer) -> str:
    async with session.post(server.make_url("/")) as response:
        return await response.text()
