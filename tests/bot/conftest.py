from collections.abc import AsyncIterator

import aiohttp
import pytest

from bot.transport.outbound.connector import Connector
from bot.transport.service_urls import ServiceUrls
from tests.bot.edge import Clock, FakeBot, FixedToken, a_connector, running_edge
from tests.support.teams import Teams, running_teams


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def bot() -> FakeBot:
    return FakeBot()


@pytest.fixture
async def teams(clock: Clock) -> AsyncIterator[Teams]:
    async with running_teams(clock=clock, tls=True) as teams:
        yield teams


@pytest.fixture
async def edge(teams: Teams, bot: FakeBot, clock: Clock) -> AsyncIterator[Teams]:
    """A Teams with our bot behind it, as in production."""
    async with running_edge(teams, bot, clock):
        yield teams


@pytest.fixture
async def local_edge(bot: FakeBot, clock: Clock) -> AsyncIterator[Teams]:
    """A Teams with our bot behind it in local mode, over plain HTTP."""
    async with running_teams(clock=clock) as teams, running_edge(teams, bot, clock, local=True):
        yield teams


@pytest.fixture
async def session(teams: Teams) -> AsyncIterator[aiohttp.ClientSession]:
    async with aiohttp.ClientSession(connector=aiohttp.TCPConnector(ssl=teams.trust())) as session:
        yield session


@pytest.fixture
def connector(teams: Teams, session: aiohttp.ClientSession, clock: Clock) -> Connector:
    return a_connector(session, clock, ServiceUrls(frozenset({teams.host})), FixedToken())
