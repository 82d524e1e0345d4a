"""The bot with a fake Teams, a local Azure and a real table, all over the network.

Tests about messages rather than storage have the mark ``in_memory``: the in-memory table passes the
same contract tests as the real one, and each turn takes a third of the time.
"""

from collections.abc import AsyncIterator, Mapping

import pytest
from azure.data.tables.aio import TableClient

from bot.transport.outbound import pacing
from composition.clients import TABLE
from tests.outside.rotation_scenarios import VARIABLES
from tests.support.clock import ManualClock
from tests.support.deployment import READ_BY_SDKS, Trust, a_tenant, environment, prepare_trust
from tests.support.latchkey import Latchkey, RunWith, running_latchkey
from tests.support.sandbox import Sandbox, running_sandbox
from tests.support.tables.memory_table import MemoryTable
from tests.support.teams import Teams


@pytest.fixture(scope="session")
def trust(tmp_path_factory: pytest.TempPathFactory) -> Trust:
    return prepare_trust(tmp_path_factory.mktemp("trust"))


@pytest.fixture
def clock() -> ManualClock:
    return ManualClock()


@pytest.fixture
async def sandbox(trust: Trust, clock: ManualClock) -> AsyncIterator[Sandbox]:
    async with running_sandbox(trust.sandbox_directory, seed=a_tenant(), clock=clock) as sandbox:
        yield sandbox


@pytest.fixture
async def teams(trust: Trust, clock: ManualClock) -> AsyncIterator[Teams]:
    teams = Teams(clock, trust.teams_authority)
    await teams.start()
    yield teams
    await teams.stop()


@pytest.fixture
def unpaced(monkeypatch: pytest.MonkeyPatch) -> None:
    """Lift Teams' rate limits, for tests that say more in real time than people would."""
    for limits in ("PER_CONVERSATION", "PER_BOT"):
        monkeypatch.setattr(pacing, limits, ((10_000, 1.0),))


@pytest.fixture
def variables(
    teams: Teams,
    sandbox: Sandbox,
    trust: Trust,
    azurite: str,
    monkeypatch: pytest.MonkeyPatch,
) -> Mapping[str, str]:
    """The bot's environment; the parts that SDKs read are also set for this process."""
    given = environment(teams, sandbox, trust, azurite)
    for name in READ_BY_SDKS:
        monkeypatch.setenv(name, given[name])
    return given


@pytest.fixture
async def table(request: pytest.FixtureRequest, azurite: str) -> AsyncIterator[MemoryTable | None]:
    """The bot's table: in memory with the mark ``in_memory``, otherwise the real one."""
    if request.node.get_closest_marker("in_memory"):
        yield MemoryTable()
        return
    yield None
    async with TableClient.from_connection_string(azurite, TABLE) as client:
        await client.delete_table()


@pytest.fixture
def run_with(
    teams: Teams,
    sandbox: Sandbox,
    clock: ManualClock,
    variables: Mapping[str, str],
    table: MemoryTable | None,
) -> RunWith:
    """Runs the bot with more variables than it always has."""
    return lambda more: running_latchkey(
        Latchkey(teams, sandbox, clock, {**variables, **more}, table)
    )


@pytest.fixture
async def latchkey(run_with: RunWith) -> AsyncIterator[Latchkey]:
    async with run_with({}) as running:
        yield running


@pytest.fixture
async def bot(run_with: RunWith) -> AsyncIterator[Latchkey]:
    """The bot, with a secret to rotate."""
    async with run_with(VARIABLES) as running:
        yield running
