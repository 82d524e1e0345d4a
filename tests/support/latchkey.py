"""The whole bot in this process, as in production, except that the test moves the clock."""

from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from dataclasses import replace
from typing import Any

import aiohttp
from aiohttp import web
from aiohttp.test_utils import TestServer
from azure.data.tables.aio import TableClient

from app import RUNTIME
from composition.clients import TABLE
from composition.root import Composition, compose
from config import read_settings
from services.clock import Clock
from tests.support.people import People
from tests.support.sandbox import Sandbox
from tests.support.tables.memory_table import MemoryTable
from tests.support.teams import Teams


class Latchkey(People):
    """The bot in this process, composed as in production, on a clock that the test moves.

    Nothing happens in the background except what a turn starts: `tick` is one round of the worker.
    Rows go where the environment says, unless an in-memory table is given.
    """

    def __init__(
        self,
        teams: Teams,
        sandbox: Sandbox,
        clock: Clock,
        environment: Mapping[str, str],
        table: MemoryTable | None = None,
    ) -> None:
        super().__init__(teams, sandbox)
        self._clock = clock
        self._environment = environment
        self._table = table
        self._composition: Composition | None = None
        self._server: TestServer | None = None

    @property
    def environment(self) -> Mapping[str, str]:
        """The variables that it was started with."""
        return self._environment

    async def start(self) -> None:
        """Compose the bot and give Teams its address."""
        runtime = replace(RUNTIME, clock=self._clock, sleep=_at_once)
        settings = read_settings(self._environment)
        self._composition = await compose(settings, runtime, self._table)
        await self._composition.prepare()
        await self._composition.schedules.sync()
        await self._composition.drills.sync()
        app = web.Application()
        self._composition.messages.register(app)
        self._composition.operations.register(app)
        if self._composition.sign_ins:
            self._composition.sign_ins.register(app)
        self._server = TestServer(app)
        await self._server.start_server(lingering_time=0.1)
        self.url = str(self._server.make_url("")).rstrip("/")

    async def stop(self) -> None:
        """Stop the bot as a deployment does."""
        assert self._server
        assert self._composition
        await self._server.close()
        await self._composition.worker.stop()
        await self._composition.resources.aclose()

    async def restart(self, **changed: str) -> None:
        """Stop the bot and start another on the same table, with any changed variables."""
        await self.stop()
        self._environment = {**self._environment, **changed}
        await self.start()

    def another_replica(self) -> "Latchkey":
        """Return a second bot over the same in-memory table, not started yet."""
        assert self._table, "only for tests in memory"
        return Latchkey(self.teams, self.sandbox, self._clock, self._environment, self._table)

    async def stored(self) -> list[Mapping[str, Any]]:
        """Return the values of all rows of the in-memory table."""
        assert self._table, "only for tests in memory"
        return [row.values for row in self._table.rows()]

    def use_clock(self, clock: Clock) -> None:
        """From its next start, give the bot a different clock from Azure's."""
        self._clock = clock

    def use_table(self, table: MemoryTable) -> None:
        """From its next start, give the bot another in-memory table."""
        self._table = table

    async def lose_table(self) -> None:
        """Stop the bot and start another with an empty table."""
        await self.stop()
        await self.drop_table()
        await self.start()

    async def tick(self) -> None:
        """Let the worker do everything that is due, and any work that results."""
        assert self._composition
        await self._composition.worker.idle()
        await self._composition.worker.run_once()

    async def reconcile(self) -> None:
        """Run the reconciliation of a start: compare Azure with the leases, and report."""
        assert self._composition
        await self._composition.reconcile.begin()
        await self.tick()

    async def begin_checkpoints(self) -> None:
        """Begin with the daily checkpoints, as at a start."""
        assert self._composition
        await self._composition.checkpoints.begin()

    async def begin_daily_work(self) -> None:
        """Begin with checkpoints, counters and retention, as at a start."""
        assert self._composition
        await self._composition.checkpoints.begin()
        await self._composition.counters.begin()
        await self._composition.retention.begin()

    async def look_at_policy_file(self) -> None:
        """Let the bot read the policy file as often as it takes to accept it."""
        assert self._composition
        assert self._composition.watch
        for _ in range(2):
            await self._composition.watch.check()

    async def rows(self) -> list[str]:
        """Return all rows of the bot's table, as text."""
        async with self.open_table() as table:
            return [str(dict(row)) async for row in table.list_entities()]

    async def drop_table(self) -> None:
        """Delete the bot's table behind its back."""
        async with self.open_table() as table:
            await table.delete_table()

    def open_table(self) -> TableClient:
        """Return our own client for the bot's table."""
        assert self._table is None, "only for tests on the real table"
        connection_string = self._environment["AZURE_STORAGE_CONNECTION_STRING"]
        return TableClient.from_connection_string(connection_string, TABLE)

    async def get(self, path: str, authorization: str = "") -> tuple[int, str]:
        """Fetch one of the operators' pages; return the status and the body."""
        headers = {"Authorization": authorization} if authorization else {}
        async with (
            aiohttp.ClientSession(headers=headers) as session,
            session.get(f"{self.url}{path}") as response,
        ):
            return response.status, await response.text()


async def _at_once(_: float) -> None:
    """Never wait: the fake Teams has no rate limits."""


@asynccontextmanager
async def running_latchkey(latchkey: Latchkey) -> AsyncIterator[Latchkey]:
    """Run the bot for one test."""
    await latchkey.start()
    try:
        yield latchkey
    finally:
        await latchkey.stop()


RunWith = Callable[[Mapping[str, str]], AbstractAsyncContextManager[Latchkey]]
"""What runs the bot for one test, with these variables besides those that it always has."""
