"""The whole bot as `app.py` composes and runs it, in virtual time, with one thing in trouble."""

import asyncio
import re
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any

import aiohttp
import pytest
from aiohttp import web
from aiohttp.test_utils import TestServer

import app
from composition.background import BackgroundWork
from composition.root import compose
from config import read_settings
from sandbox.seed import VAULT
from services.workflow import worker
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
from tests.support.reading import buttons
from tests.support.sandbox import Sandbox, running_sandbox
from tests.support.teams import Fault, Json, Person, Posted, Teams, a_message, an_execute
from tests.support.virtual_time import LoopClock

POLL = timedelta(seconds=10)
"""In place of two seconds, to save work: rows of the only replica are expected, not polled for."""


class WatchedTeams(Teams):
    """A fake Teams with the outage; `on_message` is called with each message as it is taken."""

    def __init__(self, clock: LoopClock, trust: Trust, outage: Outage) -> None:
        super().__init__(clock, trust.teams_authority)
        self._outage = outage
        self.on_message: Callable[[Posted], None] = lambda _: None

    def next_fault(self, method: str) -> Fault | None:
        if self._outage.strikes(Dependency.TEAMS):
            return in_teams(self._outage.trouble)
        return super().next_fault(method)

    def take(self, conversation_id: str, activity: Json, reply_to: str | None = None) -> Posted:
        message = super().take(conversation_id, activity, reply_to)
        self.on_message(message)
        return message

    def update(self, message: Posted, activity: Json) -> None:
        super().update(message, activity)
        self.on_message(message)


class VirtualBot(People):
    """The bot, its worker and its followers, as in production; time is the loop's."""

    teams: WatchedTeams

    def __init__(
        self,
        teams: WatchedTeams,
        sandbox: Sandbox,
        clock: LoopClock,
        environment: Mapping[str, str],
        table: TroubledTable,
    ) -> None:
        super().__init__(teams, sandbox)
        self._clock = clock
        self._environment = environment
        self._table = table
        self._server: TestServer | None = None
        self._background: BackgroundWork | None = None

    async def start(self) -> None:
        """Start as `app.make_app` does."""
        loop = asyncio.get_running_loop()
        runtime = replace(app.RUNTIME, clock=self._clock, monotonic=loop.time, random=lambda: 0.5)
        composition = await compose(read_settings(self._environment), runtime, self._table)
        served = web.Application()
        composition.messages.register(served)
        composition.operations.register(served)
        self._server = TestServer(served)
        await self._server.start_server(lingering_time=0.1)
        self.url = str(self._server.make_url("")).rstrip("/")
        self._background = BackgroundWork(composition)
        self._background.start()

    async def stop(self) -> None:
        """Stop as a deployment does."""
        assert self._server
        assert self._background
        self._background.begin_to_stop()
        await self._server.close()
        await self._background.stop()

    async def restart(self) -> None:
        """Start another one on the same table, which holds no token yet."""
        await self.stop()
        await self.start()

    async def type(self, person: Person, text: str) -> list[Seen]:
        """Send a message; return the answers, of which there is none while Teams is away."""
        message = a_message(text, person)
        await self._post(message)
        chat = self.teams.posted_to(person)
        return [Seen.of(each) for each in chat if each.reply_to == message["id"]]

    async def press(self, person: Person, seen: Seen, title: str) -> None:
        """Press a button, if it is there."""
        if action := buttons(seen.card).get(title):
            data = {**action["data"], **seen.inputs}
            await self._post(an_execute(action["verb"], data, person, seen.place, card=seen.id))

    def has_access(self, person: Person) -> bool:
        """Tell whether a person has an assignment in Azure."""
        live = self.sandbox.state.assignments.live.values()
        return any(each.principal_id == person.object_id for each in live)

    def gone_at(self, person: Person) -> datetime | None:
        """Return when a person's last assignment was deleted; None if they have or had none."""
        deleted = self.sandbox.state.assignments.deleted
        at = [when for each, when in deleted if each.principal_id == person.object_id]
        return None if not at or self.has_access(person) else max(at)

    def ends_at(self, person: Person) -> datetime:
        """Return when a person's access ends, as stored."""
        stored = [str(row.values.get("head")) for row in self._table.rows()]
        about = f'"object_id":"{person.object_id}"'
        heads = [each for each in stored if '"requester":' in each]
        own = [each for each in heads if about in each.partition('"targets"')[0]]
        [ends_at] = [at for each in own for at in re.findall(r'"expires_at":"([^"]+)"', each)]
        return datetime.fromisoformat(ends_at)

    async def _post(self, activity: Json) -> None:
        """Post an activity as Teams does, which drops what the bot can't take now."""
        self.teams.bot_url = self.url
        try:
            answer = await self.teams.deliver(activity)
        except aiohttp.ServerDisconnectedError:  # a kept connection that had just become too old
            answer = await self.teams.deliver(activity)
        self.answers.append(answer)


@dataclass(frozen=True)
class World:
    """The bot and everything around it."""

    bot: VirtualBot
    teams: WatchedTeams
    sandbox: Sandbox
    clock: LoopClock
    outage: Outage


@asynccontextmanager
async def a_world(trust: Trust, dependency: Dependency, trouble: Trouble) -> AsyncIterator[World]:
    """Run a bot whose dependency can have this trouble; each dependency has its own address."""
    clock = LoopClock()
    outage = Outage(dependency, trouble, clock)
    seed = a_tenant().with_vault("management").with_vault("graph")
    async with AsyncExitStack() as stack:
        patch = stack.enter_context(pytest.MonkeyPatch.context())
        sandbox = await stack.enter_async_context(
            running_sandbox(trust.sandbox_directory, seed=seed, clock=clock)
        )
        sandbox.state.faults = AzureFaults(outage)
        stack.callback(sandbox.state.faults.clear)
        teams = WatchedTeams(clock, trust, outage)
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
        }
        for name in READ_BY_SDKS:
            patch.setenv(name, variables[name])
        patch.setattr(worker, "POLL", POLL)
        table = await stack.enter_async_context(troubled_table(outage))
        bot = VirtualBot(teams, sandbox, clock, variables, table)
        await bot.start()
        stack.push_async_callback(bot.stop)
        yield World(bot, teams, sandbox, clock, outage)


async def until(true: Callable[[], Any], clock: LoopClock, latest: datetime) -> bool:
    """Wait until something is true, or until the latest instant; return whether it is."""
    while not (is_true := bool(true())) and clock() < latest:  # noqa: ASYNC110  # virtual time
        await asyncio.sleep(0.5)
    return is_true
