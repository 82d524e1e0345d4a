"""The whole bot as `app.py` composes and runs it, in virtual time, with one thing in trouble."""

import asyncio
import functools
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any

import aiohttp
import pytest
from aiohttp import web
from aiohttp.test_utils import TestServer

import app
from composition import root
from composition.background import BackgroundWork
from composition.core import compose_core
from config import read_settings
from sandbox.faults import Faults
from sandbox.seed import VAULT
from services.clock import Clock
from services.storage.table import Table
from services.workflow import worker
from services.workflow.version import HANDLES
from tests.chaos.outages import (
    AzureFaults,
    Dependency,
    Outage,
    Trouble,
    TroubledTable,
    in_teams,
    troubled_table,
)
from tests.outside.rotation_scenarios import VARIABLES
from tests.support.deployment import READ_BY_SDKS, Trust, a_tenant, environment
from tests.support.people import People, Seen
from tests.support.processes.virtual_process import VirtualProcess
from tests.support.processes.virtual_time import LoopClock
from tests.support.reading import buttons
from tests.support.sandbox import Sandbox, running_sandbox
from tests.support.teams import Answer, Fault, Json, Person, Posted, Teams, a_message, an_execute

POLL_AS_DEPLOYED = worker.POLL
POLL = timedelta(seconds=10)
"""In place of two seconds, to save work: rows of the only replica are expected, not polled for."""


TeamsTrouble = Callable[[str, Sequence[str]], Fault | None]
"""Returns what Teams does in place of its work, by the request's method and what it concerns."""


class WatchedTeams(Teams):
    """A fake Teams in trouble; `on_message` is called with each message as it is taken."""

    def __init__(self, clock: LoopClock, trust: Trust, trouble: TeamsTrouble) -> None:
        super().__init__(clock, trust.teams_authority)
        self._trouble = trouble
        self.on_message: Callable[[Posted], None] = lambda _: None

    def next_fault(self, method: str, about: Sequence[str]) -> Fault | None:
        return self._trouble(method, about) or super().next_fault(method, about)

    def take(self, conversation_id: str, activity: Json, reply_to: str | None = None) -> Posted:
        message = super().take(conversation_id, activity, reply_to)
        self.on_message(message)
        return message

    def update(self, message: Posted, activity: Json) -> None:
        super().update(message, activity)
        self.on_message(message)


class VirtualBot(People):
    """The bot, its worker and its followers, as in production; time is the loop's.

    It is a process of its own: a signal stops or kills all of it, in the middle of anything.
    """

    teams: WatchedTeams

    def __init__(
        self,
        teams: WatchedTeams,
        sandbox: Sandbox,
        clock: Clock,
        environment: Mapping[str, str],
        table: Table,
        handles: str = HANDLES,
    ) -> None:
        """Take ``handles``, the version and schema that it claims to be."""
        super().__init__(teams, sandbox)
        self._handles = handles
        self._clock = clock
        self._environment = environment
        self._table = table
        self._process = VirtualProcess()
        self._died: asyncio.Event = asyncio.Event()
        self.is_paused = False
        self._server: TestServer | None = None
        self._background: BackgroundWork | None = None

    async def start(self) -> None:
        """Start as `app.make_app` does."""
        await self._process.run(self._start())

    async def _start(self) -> None:
        loop = asyncio.get_running_loop()
        runtime = replace(app.RUNTIME, clock=self._clock, monotonic=loop.time, random=lambda: 0.5)
        with pytest.MonkeyPatch.context() as patch:
            core = functools.partial(compose_core, handles=self._handles)
            patch.setattr(root, "compose_core", core)
            settings = read_settings(self._environment)
            composition = await root.compose(settings, runtime, self._table)
        served = web.Application()
        composition.messages.register(served)
        composition.operations.register(served)
        self._server = TestServer(served)
        await self._server.start_server(lingering_time=0.1)
        self.url = str(self._server.make_url("")).rstrip("/")
        self._background = BackgroundWork(composition)
        self._background.start()

    async def stop(self) -> None:
        """Stop as a deployment does; what was killed only lets go of its connections."""
        if self.is_dead:
            self._process.go_on()
        await self._process.run(self._stop())
        await self._process.end()
        await asyncio.sleep(1)  # until its connections are closed

    async def _stop(self) -> None:
        assert self._server
        assert self._background
        self._background.begin_to_stop()
        await self._server.close()
        await self._background.stop()

    async def restart(self) -> None:
        """Start another one on the same table, which holds no token yet."""
        await self.stop()
        self._process = VirtualProcess()
        await self.start()

    @property
    def is_dead(self) -> bool:
        """Tell whether it was killed."""
        return self._died.is_set()

    def kill(self) -> None:
        """Let nothing of it run any more, as SIGKILL does."""
        self._process.stop()
        self._died.set()

    def pause(self) -> None:
        """Let it stand still, as SIGSTOP does."""
        self.is_paused = True
        self._process.stop()

    def go_on(self) -> None:
        """Let it go on, as SIGCONT does."""
        self.is_paused = False
        self._process.go_on()

    async def type(self, person: Person, text: str) -> list[Seen]:
        """Send a message; return the answers, of which there is none while Teams is away."""
        message = a_message(text, person)
        await self.post(message)
        chat = self.teams.posted_to(person)
        return [Seen.of(each) for each in chat if each.reply_to == message["id"]]

    async def press(self, person: Person, seen: Seen, title: str) -> None:
        """Press a button, if it is there."""
        if action := buttons(seen.card).get(title):
            data = {**action["data"], **seen.inputs}
            await self.post(an_execute(action["verb"], data, person, seen.place, card=seen.id))

    async def post(self, activity: Json) -> None:
        """Post an activity as Teams does, which drops what the bot can't take now."""
        self.teams.bot_url = self.url
        delivery = asyncio.create_task(self._deliver(activity))
        death = asyncio.create_task(self._died.wait())
        try:
            await asyncio.wait((delivery, death), return_when=asyncio.FIRST_COMPLETED)
            if delivery.done():
                self.answers.append(delivery.result())
        finally:
            delivery.cancel()
            death.cancel()

    async def _deliver(self, activity: Json) -> Answer:
        try:
            return await self.teams.deliver(activity)
        except (aiohttp.ServerDisconnectedError, aiohttp.ClientOSError) as lost:
            if isinstance(lost, aiohttp.ClientConnectorError):
                raise
            # A kept connection that had just become too old.
            return await self.teams.deliver(activity)


@dataclass(frozen=True)
class Stage:
    """What bots depend on, and what outlives them; they are given a table of their own."""

    teams: WatchedTeams
    sandbox: Sandbox
    clock: LoopClock
    variables: Mapping[str, str]

    def bot(self, table: Table, clock: Clock | None = None, handles: str = HANDLES) -> VirtualBot:
        """Return a bot that isn't started yet."""
        clock = clock or self.clock
        return VirtualBot(self.teams, self.sandbox, clock, self.variables, table, handles)


@asynccontextmanager
async def a_stage(
    trust: Trust,
    clock: LoopClock,
    faults: Faults,
    teams_trouble: TeamsTrouble,
    poll: timedelta = POLL,
    **changed: str,
) -> AsyncIterator[Stage]:
    """Set up Azure and Teams, each with its troubles; each dependency has its own address."""
    seed = a_tenant().with_vault("management").with_vault("graph")
    async with AsyncExitStack() as stack:
        patch = stack.enter_context(pytest.MonkeyPatch.context())
        sandbox = await stack.enter_async_context(
            running_sandbox(trust.sandbox_directory, seed=seed, clock=clock)
        )
        sandbox.state.faults = faults
        stack.callback(sandbox.state.faults.clear)
        teams = WatchedTeams(clock, trust, teams_trouble)
        await teams.start()
        stack.push_async_callback(teams.stop)
        addresses = sandbox.endpoints.vault_urls
        variables = {
            **environment(teams, sandbox, trust, ""),
            **VARIABLES,
            "AZURE_STORAGE_CONNECTION_STRING": "UseDevelopmentStorage=true",
            "AZURE_RESOURCE_MANAGER_ENDPOINT": addresses["management"],
            "MICROSOFT_GRAPH_ENDPOINT": addresses["graph"],
            "KEY_VAULT_URL": addresses[VAULT],
            "MIN_ACCESS_MINUTES": "1",
            **changed,
        }
        for name in READ_BY_SDKS:
            patch.setenv(name, variables[name])
        patch.setattr(worker, "POLL", poll)
        yield Stage(teams, sandbox, clock, variables)


@dataclass(frozen=True)
class World:
    """The bot and everything around it, with one dependency in trouble."""

    bot: VirtualBot
    teams: WatchedTeams
    sandbox: Sandbox
    clock: LoopClock
    outage: Outage
    table: TroubledTable


@asynccontextmanager
async def a_world(trust: Trust, dependency: Dependency, trouble: Trouble) -> AsyncIterator[World]:
    """Run a bot whose dependency can have this trouble."""
    clock = LoopClock()
    outage = Outage(dependency, trouble, clock)

    def in_teams_now(_: str, __: Sequence[str]) -> Fault | None:
        return in_teams(trouble) if outage.affects(Dependency.TEAMS) else None

    async with (
        a_stage(trust, clock, AzureFaults(outage), in_teams_now) as stage,
        troubled_table(outage) as table,
    ):
        bot = stage.bot(table)
        await bot.start()
        try:
            yield World(bot, stage.teams, stage.sandbox, clock, outage, table)
        finally:
            await bot.stop()


async def until(true: Callable[[], Any], clock: LoopClock, latest: datetime) -> bool:
    """Wait until something is true, or until the latest instant; return whether it is."""
    while not (is_true := bool(true())) and clock() < latest:  # noqa: ASYNC110  # virtual time
        await asyncio.sleep(0.5)
    return is_true
