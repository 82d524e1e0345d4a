"""What can be wrong with what the bot depends on, for a while, on everything around it."""

import asyncio
import re
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager
from datetime import timedelta
from enum import StrEnum

from aiohttp import web
from aiohttp.test_utils import TestServer
from azure.data.tables.aio import TableServiceClient

from composition.clients import TABLE
from sandbox.calls import Call, Reply
from sandbox.faults import Action, Faults, InjectedFault, When
from services.azure.calls.pipeline import open_pipeline
from services.azure.tables import AzureTable
from services.clock import Clock
from services.storage.table import Operation, Row
from tests.support import teams
from tests.support.tables.memory_table import MemoryTable

_RETRY_AFTER = 7
_SLOW_SECONDS = 10.0
_PAGE = "<!doctype html><title>Sign in to the network</title>"
_SPELL = timedelta(seconds=45)


class Dependency(StrEnum):
    """Something that the bot depends on."""

    TABLES = "tables"
    VAULT = "vault"
    ARM = "ARM"
    GRAPH = "Graph"
    TEAMS = "Teams"
    ENTRA = "Entra"


class Trouble(StrEnum):
    """What a dependency does instead of its work."""

    THROTTLED_UNTIL = "429 with Retry-After"
    THROTTLED = "429"
    BROKEN = "500"
    BUSY = "503"
    SILENT = "no answer, nothing done"
    SILENT_AFTER = "no answer, but done"
    RESET = "connection reset"
    SLOW = "10 s slow"
    GARBLED = "wrong body"
    GONE = "gone for an hour"


_STATUSES = {
    Trouble.THROTTLED_UNTIL: 429,
    Trouble.THROTTLED: 429,
    Trouble.BROKEN: 500,
    Trouble.BUSY: 503,
}

PATHS = {
    Dependency.VAULT: re.compile(r"^/(deleted)?secrets", re.IGNORECASE),
    Dependency.ARM: re.compile(r"^/subscriptions/", re.IGNORECASE),
    Dependency.GRAPH: re.compile(r"^/v1\.0/", re.IGNORECASE),
    Dependency.ENTRA: re.compile(r"/oauth2/|/msi/token", re.IGNORECASE),
}


class Outage:
    """One dependency's trouble, in spells: 45 seconds each, or an hour if it is gone."""

    def __init__(self, dependency: Dependency, trouble: Trouble, clock: Clock) -> None:
        self.dependency = dependency
        self.trouble = trouble
        self.until = clock()
        """When the latest spell ends, or ended."""
        self.begins_after_write = False
        """Whether a spell begins once the next secret version has been written."""
        self.affected = 0
        """How many requests were affected."""
        self._clock = clock

    @property
    def length(self) -> timedelta:
        """Return how long a spell lasts."""
        return timedelta(hours=1) if self.trouble is Trouble.GONE else _SPELL

    def begin(self) -> None:
        """Let a spell begin."""
        self.until = self._clock() + self.length

    def is_over(self) -> bool:
        """Tell whether there is no spell now."""
        return self._clock() >= self.until

    def affects(self, dependency: Dependency) -> bool:
        """Tell whether a request to this dependency is affected now; count it if so."""
        if dependency is not self.dependency or self.is_over():
            return False
        self.affected += 1
        return True


class AzureFaults(Faults):
    """The sandbox's faults, and the outage."""

    def __init__(self, outage: Outage) -> None:
        super().__init__()
        self._outage = outage

    def take(self, call: Call, target: str) -> InjectedFault | None:
        if self._outage.begins_after_write and call.method == "PUT" and "/secrets/" in call.path:
            self._outage.begins_after_write = False
            self._outage.begin()
            return super().take(call, target)
        path = PATHS.get(self._outage.dependency)
        if path and path.search(target) and self._outage.affects(self._outage.dependency):
            return in_azure(self._outage.trouble)
        return super().take(call, target)


def in_azure(trouble: Trouble) -> InjectedFault:
    """Return what something in Azure does in trouble."""
    anything = re.compile("")
    match trouble:
        case Trouble.SILENT:
            return InjectedFault("*", anything, Action.HANG)
        case Trouble.SILENT_AFTER:
            return InjectedFault("*", anything, Action.HANG, When.AFTER)
        case Trouble.RESET | Trouble.GONE:
            return InjectedFault("*", anything, Action.DROP)
        case Trouble.SLOW:
            return InjectedFault("*", anything, Action.SLOW, seconds=_SLOW_SECONDS)
        case Trouble.GARBLED:
            return InjectedFault("*", anything, answer=Reply(200, _PAGE))
        case _:
            return InjectedFault(
                "*", anything, answer=Reply(_STATUSES[trouble], headers=_wait(trouble))
            )


def in_teams(trouble: Trouble) -> teams.Fault:
    """Return what Teams does in trouble."""
    match trouble:
        case Trouble.SILENT:
            return teams.Fault(hang=True)
        case Trouble.SILENT_AFTER:
            return teams.Fault(hang=True, after_effect=True)
        case Trouble.RESET | Trouble.GONE:
            return teams.Fault(drop=True)
        case Trouble.SLOW:
            return teams.Fault(slow_seconds=_SLOW_SECONDS)
        case Trouble.GARBLED:
            return teams.Fault(200, text=_PAGE)
        case Trouble.THROTTLED_UNTIL:
            return teams.Fault(429, retry_after=_RETRY_AFTER)
        case _:
            return teams.Fault(_STATUSES[trouble])


def _wait(trouble: Trouble) -> dict[str, str]:
    return {"Retry-After": str(_RETRY_AFTER)} if trouble is Trouble.THROTTLED_UNTIL else {}


class TroubledTable(MemoryTable):
    """A table whose troubles come from the real adapter: its SDK calls a server that has them."""

    def __init__(self, outage: Outage, broken: AzureTable) -> None:
        super().__init__()
        self._outage = outage
        self._broken = broken
        self._raised: dict[str, tuple[Exception, float]] = {}

    async def get(self, partition: str, key: str) -> Row | None:
        if self._outage.affects(Dependency.TABLES):
            await self._fail("get", lambda: self._broken.get(partition, key))
        return await super().get(partition, key)

    async def range(
        self, partition: str, start: str, stop: str, limit: int | None = None
    ) -> list[Row]:
        if self._outage.affects(Dependency.TABLES):
            await self._fail("range", lambda: self._broken.range(partition, start, stop, limit))
        return await super().range(partition, start, stop, limit)

    async def transact(self, partition: str, operations: Sequence[Operation]) -> list[str]:
        if self._outage.affects(Dependency.TABLES):
            if self._outage.trouble is Trouble.SILENT_AFTER:
                await super().transact(partition, operations)
            name = "one row" if len(operations) == 1 else "transaction"
            await self._fail(name, lambda: self._broken.transact(partition, operations))
        return await super().transact(partition, operations)

    async def _fail(self, name: str, call: Callable[[], Awaitable[object]]) -> None:
        """Have the trouble: be slow, or raise what the adapter raises, after as long.

        The adapter is called once for each kind of operation: it would do the same each time.
        """
        if self._outage.trouble is Trouble.SLOW:
            await asyncio.sleep(_SLOW_SECONDS)
            return
        if known := self._raised.get(name):
            fault, seconds = known
            await asyncio.sleep(seconds)
            raise fault.with_traceback(None)
        loop = asyncio.get_running_loop()
        begun = loop.time()
        try:
            await call()
        except Exception as fault:
            self._raised[name] = fault, loop.time() - begun
            raise
        raise AssertionError(f"nothing was wrong with {name}")


@asynccontextmanager
async def troubled_table(outage: Outage) -> AsyncIterator[TroubledTable]:
    """Open a table that has the outage."""
    released = asyncio.Event()

    async def answer(request: web.Request) -> web.StreamResponse:
        await request.read()
        trouble = outage.trouble
        if trouble in (Trouble.SILENT, Trouble.SILENT_AFTER):
            await released.wait()
        if trouble in _STATUSES:
            return web.Response(status=_STATUSES[trouble], headers=_wait(trouble))
        if trouble is Trouble.GARBLED:
            return web.Response(text=_PAGE, content_type="text/html")
        if request.transport:
            request.transport.abort()
        return web.Response()

    app = web.Application()
    app.router.add_route("*", "/{path:.*}", answer)
    server = TestServer(app)
    await server.start_server(lingering_time=0.1)
    key = "AccountName=latchkey;AccountKey=bm8gc2VjcmV0"
    connection = f"DefaultEndpointsProtocol=http;{key};TableEndpoint={server.make_url('/')}"
    try:
        async with (
            open_pipeline() as pipeline,
            TableServiceClient.from_connection_string(
                connection, **pipeline.table_options()
            ) as service,
        ):
            yield TroubledTable(outage, AzureTable(service.get_table_client(TABLE)))
    finally:
        released.set()
        await server.close()
