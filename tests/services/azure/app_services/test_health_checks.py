"""Health checks of apps."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import aiohttp
import pytest
from aiohttp import web
from aiohttp.test_utils import TestServer, unused_port

from services.azure.app_services.health_checks import HttpHealthChecks
from services.faults import Rejected
from tests.support.sandbox import Sandbox


class Application:
    """An app whose paths answer with a status or redirect."""

    def __init__(self) -> None:
        self.asked: list[str] = []
        self.leads_to: dict[str, str] = {}

    async def answer(self, request: web.Request) -> web.StreamResponse:
        self.asked.append(request.path)
        if request.path in self.leads_to:
            return web.Response(status=302, headers={"Location": self.leads_to[request.path]})
        if request.path == "/silent":
            await asyncio.Event().wait()
        return web.Response(status=int(request.path.strip("/")))


@pytest.fixture
def application() -> Application:
    return Application()


@asynccontextmanager
async def _serving(application: Application) -> AsyncIterator[TestServer]:
    app = web.Application()
    app.router.add_route("*", "/{path:.*}", application.answer)
    server = TestServer(app, host="127.0.0.1")
    await server.start_server(shutdown_timeout=0)
    yield server
    await server.close()


@pytest.fixture
async def server(application: Application) -> AsyncIterator[TestServer]:
    async with _serving(application) as server:
        yield server


@pytest.fixture
async def session() -> AsyncIterator[aiohttp.ClientSession]:
    async with aiohttp.ClientSession() as session:
        yield session


@pytest.fixture
def health(session: aiohttp.ClientSession) -> HttpHealthChecks:
    return HttpHealthChecks(session)


@pytest.mark.parametrize(
    ("status", "expected"),
    [(200, True), (204, True), (304, False), (401, False), (404, False), (500, False)],
)
async def test_an_app_that_answers_2xx_is_healthy(
    health: HttpHealthChecks, server: TestServer, status: int, expected: bool
) -> None:
    assert await health.is_well(str(server.make_url(f"/{status}"))) is expected


async def test_redirects_are_followed_on_the_same_host(
    health: HttpHealthChecks, server: TestServer, application: Application
) -> None:
    application.leads_to = {"/health": "/health/", "/health/": str(server.make_url("/200"))}

    assert await health.is_well(str(server.make_url("/health"))) is True
    assert application.asked == ["/health", "/health/", "/200"]


@pytest.mark.parametrize(
    "elsewhere", ["https://login.example/", "//login.example/200", "javascript:200", "http://["]
)
async def test_redirects_to_another_host_are_not_followed(
    health: HttpHealthChecks, server: TestServer, application: Application, elsewhere: str
) -> None:
    application.leads_to = {"/health": elsewhere}

    assert await health.is_well(str(server.make_url("/health"))) is False
    assert application.asked == ["/health"]


async def test_another_port_counts_as_another_host(
    health: HttpHealthChecks, server: TestServer, application: Application
) -> None:
    other = Application()
    async with _serving(other) as elsewhere:
        application.leads_to = {"/health": str(elsewhere.make_url("/200"))}

        assert await health.is_well(str(server.make_url("/health"))) is False
    assert other.asked == []


async def test_a_redirect_loop_ends(
    health: HttpHealthChecks, server: TestServer, application: Application
) -> None:
    application.leads_to = {"/health": "/health"}

    assert await health.is_well(str(server.make_url("/health"))) is False
    assert len(application.asked) == 4


async def test_an_app_that_does_not_answer_in_time_is_unhealthy(
    session: aiohttp.ClientSession, server: TestServer
) -> None:
    health = HttpHealthChecks(session, patience_seconds=0.05)

    assert await health.is_well(str(server.make_url("/silent"))) is False


async def test_an_unreachable_app_is_unhealthy(health: HttpHealthChecks) -> None:
    assert await health.is_well(f"http://127.0.0.1:{unused_port()}/health") is False


@pytest.mark.parametrize(
    "url",
    [
        "http://app.example/health",
        "ftp://localhost/health",
        "/health",
        "https:///health",
        "http://[",
    ],
)
async def test_a_url_that_is_neither_https_nor_local_is_not_called(
    health: HttpHealthChecks, url: str
) -> None:
    with pytest.raises(Rejected, match=r"^Health check: "):
        await health.is_well(url)


async def test_https_is_called_on_any_host(sandbox: Sandbox) -> None:
    health = HttpHealthChecks(sandbox.session)

    assert await health.is_well(f"{sandbox.base_url}/sandbox/state") is True


async def test_an_untrusted_certificate_is_unhealthy(
    health: HttpHealthChecks, sandbox: Sandbox
) -> None:
    assert await health.is_well(f"{sandbox.base_url}/sandbox/state") is False
