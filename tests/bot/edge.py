"""The bot's HTTP side in tests: the real route over HTTP, with a bot supplied by the test."""

import itertools
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

import aiohttp
from aiohttp import web
from botbuilder.core import TurnContext
from botbuilder.schema import Activity

from bot.transport.adapter import TeamsAdapter
from bot.transport.clouds import PUBLIC
from bot.transport.inbound.authentication import ActivityRules, Gate
from bot.transport.inbound.bearer import BearerTokens
from bot.transport.inbound.keys import SigningKeys
from bot.transport.outbound.connector import Connector, TokenSource
from bot.transport.outbound.pacing import Pacing, bot_rate
from bot.transport.outbound.sdk_connector import Connectors
from bot.transport.route import MessagesRoute
from bot.transport.service_urls import ServiceUrls
from services.limits.shared_limit import SharedLimit
from tests.support.teams import APP_ID, TENANT, Person, Teams

DANA = Person("Dana Developer", "4f0d2b9e-6a31-4c8e-9f57-0a1b2c3d4e5f")
OTTO = Person("Otto Owner", "9c8b7a69-5847-4636-a251-40392817e6d5")

START = datetime(2026, 3, 2, 9, 30, tzinfo=UTC)


class Clock:
    """A clock that is moved by hand, and a sleep that moves it."""

    def __init__(self) -> None:
        self.now = START
        self.slept: list[float] = []

    def __call__(self) -> datetime:
        """Return the time."""
        return self.now

    def seconds(self) -> float:
        """Return the seconds since the start."""
        return (self.now - START).total_seconds()

    def advance(self, **duration: float) -> None:
        """Let time pass; the duration is as timedelta takes it."""
        self.now += timedelta(**duration)

    async def sleep(self, seconds: float) -> None:
        """Let time pass at once."""
        self.slept.append(seconds)
        self.advance(seconds=seconds)


class FixedToken:
    """An access token that is always the same."""

    async def get_token(self) -> str:
        """Return it."""
        return "outgoing-token"


@dataclass
class FakeBot:
    """Remembers the activities it gets, and handles a turn as the test says."""

    turns: list[Activity] = field(default_factory=list)
    act: Callable[[TurnContext], Awaitable[object]] | None = None

    async def on_turn(self, context: TurnContext) -> None:
        """Handle a turn."""
        self.turns.append(context.activity)
        if self.act:
            await self.act(context)


async def echo(context: TurnContext) -> None:
    """Repeat the message."""
    await context.send_activity(f"You said: {context.activity.text}")


@asynccontextmanager
async def running_edge(
    teams: Teams, bot: FakeBot, clock: Clock, *, local: bool = False
) -> AsyncIterator[TeamsAdapter]:
    """Serve the route for a bot, tell the fake Teams its address, and yield the adapter."""
    numbers = itertools.count(1)
    async with aiohttp.ClientSession(connector=aiohttp.TCPConnector(ssl=teams.trust())) as session:
        urls = ServiceUrls(PUBLIC.service_hosts | {teams.host}, local=local)
        connectors = Connectors(a_connector(session, clock, urls, None if local else FixedToken()))
        keys = SigningKeys(session, teams.metadata_url, clock)
        tokens = None if local else BearerTokens(keys, APP_ID, PUBLIC.issuer, clock)
        gate = Gate(ActivityRules(urls, frozenset({TENANT})), tokens, connectors, APP_ID)
        adapter = TeamsAdapter(connectors, lambda: f"id-{next(numbers)}")
        app = web.Application()
        route = MessagesRoute(gate, adapter, bot.on_turn, lambda: f"id-{next(numbers)}")
        route.register(app)
        # Not aiohttp's TestServer: unlike app.py it cancels handlers when the client disconnects.
        runner = web.AppRunner(app, lingering_time=0.1)
        await runner.setup()
        await web.TCPSite(runner, "127.0.0.1", 0).start()
        host, port = runner.addresses[0]
        teams.bot_url = f"http://{host}:{port}"
        try:
            yield adapter
        finally:
            await runner.cleanup()


def a_connector(
    session: aiohttp.ClientSession, clock: Clock, urls: ServiceUrls, tokens: TokenSource | None
) -> Connector:
    """Return a connector that waits without taking time."""
    pacing = Pacing(clock.seconds, clock.sleep, whole_limit(clock))
    return Connector(session, tokens, urls, pacing, clock.sleep)


def whole_limit(clock: Clock) -> SharedLimit:
    """Return Teams' limit for a bot without other replicas."""
    return SharedLimit(
        "teams", bot_rate(), None, clock=clock, monotonic=clock.seconds, sleep=clock.sleep
    )
