"""Where a bot runs while it is measured: in its own process, or in this one in virtual time.

In virtual time computing takes none, so that only the waiting is measured: for Azure, for a limit,
for a poll, for another replica. It is the same on any machine, however busy.
"""

import asyncio
import os
from collections.abc import Callable, Coroutine
from contextlib import AbstractAsyncContextManager, ExitStack
from dataclasses import dataclass, replace
from typing import Any, Protocol

from aiohttp import web
from aiohttp.test_utils import TestServer

import app
from bench.setup.contender import Contender
from bench.setup.limits import lifted
from bench.setup.surroundings import Surroundings
from bench.setup.tables import running_tables, serving
from composition.background import BackgroundWork
from composition.root import compose
from config import read_settings
from sandbox.calls import Clock
from scripts.local.ports import free_ports
from tests.support.deployment import READ_BY_SDKS
from tests.support.processes import virtual_time
from tests.support.processes.virtual_time import LoopClock
from tests.support.sandbox import now


class Bot(Protocol):
    """A replica that can be started and stopped."""

    url: str
    """Where it takes messages, once it is started."""

    async def start_until_ready(self) -> float:
        """Start it; return how many seconds that took."""

    async def stop(self) -> None:
        """Stop it as a deployment does."""


@dataclass(frozen=True)
class Mode:
    """The time that everything goes by, and how to run the rest."""

    name: str
    clock: Clock
    run: Callable[[Coroutine[Any, Any, Any]], Any]
    tables: Callable[[], AbstractAsyncContextManager[str]]
    replica: Callable[[Surroundings, int], Bot]
    unlimited: Callable[[Surroundings, int], Bot]
    """Makes a replica that sends as much as it can."""


class BotInVirtualTime:
    """The bot as `app.py` composes and runs it."""

    def __init__(self, around: Surroundings, clock: Clock, *, limited: bool = True) -> None:
        self._limited = limited
        self._lifted = ExitStack()
        self._environment = around.for_latchkey()
        self._clock = clock
        self._background: BackgroundWork | None = None
        self._server: TestServer | None = None
        self.url = ""

    async def start_until_ready(self) -> float:
        """Start it; that takes no time."""
        os.environ |= {name: self._environment.get(name, "") for name in READ_BY_SDKS}
        loop = asyncio.get_running_loop()
        runtime = replace(app.RUNTIME, clock=self._clock, monotonic=loop.time)
        if not self._limited:
            self._lifted.enter_context(lifted())
        composition = await compose(read_settings(self._environment), runtime)
        served = web.Application()
        composition.messages.register(served)
        self._server = TestServer(served)
        await self._server.start_server(lingering_time=0.1)
        self.url = str(self._server.make_url("/api/messages"))
        self._background = BackgroundWork(composition)
        self._background.start()
        return 0.0

    async def stop(self) -> None:
        """Stop it as a deployment does."""
        if self._server:
            await self._server.close()
        if self._background:
            await self._background.stop()
        self._lifted.close()


def real() -> Mode:
    """Return the mode with each bot in a process of its own, in the machine's time."""
    return Mode("real time", now, asyncio.run, running_tables, _process, _unlimited_process)


def virtual() -> Mode:
    """Return the mode with everything in this process, in virtual time that begins now."""
    clock = LoopClock(now())
    return Mode(
        "virtual time",
        clock,
        virtual_time.run,
        _tables_here,
        lambda around, _: BotInVirtualTime(around, clock),
        lambda around, _: BotInVirtualTime(around, clock, limited=False),
    )


def _process(around: Surroundings, number: int) -> Bot:
    environment = around.for_latchkey()
    return Contender("app", environment, around.directory, f"app-{number}", alone=False)


def _unlimited_process(around: Surroundings, number: int) -> Bot:
    environment, program = around.for_latchkey(), "bench.programs.latchkey"
    return Contender(program, environment, around.directory, f"app-{number}", alone=False)


def _tables_here() -> AbstractAsyncContextManager[str]:
    [port] = free_ports(1)
    return serving(port)
