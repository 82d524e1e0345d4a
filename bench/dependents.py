"""A rotation with many dependents takes hardly longer than one with a single dependent."""

import json
import tempfile
from collections.abc import Iterator
from contextlib import AsyncExitStack
from dataclasses import replace
from http import HTTPStatus
from pathlib import Path

from azure.data.tables.aio import TableClient

from bench.goals import Goal, at_most, show
from bench.setup.modes import Mode
from bench.setup.plans import confirming
from bench.setup.sending import Load
from bench.setup.surroundings import Surroundings, a_world, running_surroundings
from cards.kit import verbs
from composition.clients import TABLE
from domain.rotation.rotation import Rotation, RotationState
from sandbox import roles, seed
from services.azure.tables import AzureTable
from services.workflow.workflows import Workflows
from tests.support.deployment import AVERY
from tests.support.processes.process import until
from tests.support.salts import a_salt
from tests.support.teams import an_execute

LATENCY_SECONDS = 0.2
_ROTATION = "rot-abcdefghij"
_SETTING = seed.LITERAL_SETTING
_LONGEST_SECONDS = 300


async def side_by_side(mode: Mode, many: int = 10) -> list[Goal]:
    """Rotate a secret with one dependent, and one with many, where Azure is slow."""
    one = await _seconds_to_rotate(mode, 1)
    all_of_them = await _seconds_to_rotate(mode, many)
    return show(
        f"a rotation, {LATENCY_SECONDS * 1000:.0f} ms for each call to Azure, {mode.name}",
        Goal("one dependent", "", f"{one:.1f} s", held=True),
        Goal(f"{many} dependents", "", f"{all_of_them:.1f} s", held=True),
        at_most("times as long", all_of_them / one, 2),
    )


async def _seconds_to_rotate(mode: Mode, dependents: int) -> float:
    async with AsyncExitStack() as stack:
        directory = Path(stack.enter_context(tempfile.TemporaryDirectory()))
        apps = [f"app-{number}" for number in range(dependents)]
        around = await stack.enter_async_context(
            running_surroundings(directory, _world(apps), mode.tables(), mode.clock)
        )
        rules = directory / "policy.toml"
        rules.write_text(_policy(apps))
        around = replace(around, variables={"POLICY_FILE": str(rules)})
        bot = mode.replica(around, 0)
        stack.push_async_callback(bot.stop)
        await bot.start_until_ready()
        table = await stack.enter_async_context(
            TableClient.from_connection_string(around.tables, TABLE)
        )
        workflows = Workflows(AzureTable(table), a_salt)

        async def is_done() -> bool:
            stored = await workflows.load_as(Rotation, _ROTATION)
            return stored is not None and stored.head.state is not RotationState.RUNNING

        around.state.knobs.latency_seconds = LATENCY_SECONDS
        begun = mode.clock()
        load = Load(bot.url, around.outside.mint.token())
        await load.run(_confirmed(around), 1, 0, lambda status, _: status == HTTPStatus.OK)
        await until(is_done, _LONGEST_SECONDS)
        taken = (mode.clock() - begun).total_seconds()
        stored = await workflows.load_as(Rotation, _ROTATION)
        assert stored
        assert stored.head.state is RotationState.OVERLAPPING, stored.head.state
        return taken


def _confirmed(around: Surroundings) -> Iterator[bytes]:
    data = confirming(around, _ROTATION, seed.APP_API_KEY)
    click = an_execute(verbs.ROTATION_CONFIRM, data, AVERY)
    yield json.dumps({"serviceUrl": around.outside.service_url} | click).encode()


def _world(apps: list[str]) -> seed.Seed:
    world = a_world(())
    settings = (seed.Setting(_SETTING, copy_of=seed.APP_API_KEY),)
    sites = (seed.SiteSeed(app, seed.APP_IDENTITY.id, seed.VAULT, "", settings) for app in apps)
    rights = (
        seed.Right(seed.BOT.id, roles.WEBSITE_CONTRIBUTOR.guid, world.site_scope(app))
        for app in apps
    )
    return replace(world, sites=(*world.sites, *sites), rights=(*world.rights, *rights))


def _policy(apps: list[str]) -> str:
    dependents = (
        f'[[secret.rotation.dependents]]\napp = "{app}"\nsetting = "{_SETTING}"\n' for app in apps
    )
    return "\n".join([f'[[secret]]\nname = "{seed.APP_API_KEY}"\n', *dependents])
