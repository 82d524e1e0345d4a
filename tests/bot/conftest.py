from collections.abc import AsyncIterator

import pytest
from botbuilder.core import TurnContext

from tests.bot.edge import Clock, FakeBot, running_edge
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
    """A Teams with our edge behind it, as in production."""
    async with running_edge(teams, bot, clock):
        yield teams


@pytest.fixture
async def local_edge(bot: FakeBot, clock: Clock) -> AsyncIterator[Teams]:
    """A Teams with our edge behind it in local mode, over plain HTTP."""
    async with running_teams(clock=clock) as teams, running_edge(teams, bot, clock, local=True):
        yield teams


async def echo(context: TurnContext) -> None:
    """Repeat what was said."""
    await context.send_activity(f"You said: {context.activity.text}")
