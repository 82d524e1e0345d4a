"""App Service may show settings from before a change that it accepted: undo distrusts those."""

from dataclasses import replace

import pytest

from domain.rotation.rotation import AppSlot, RotationState
from services.faults import Fault, Unavailable
from services.rotation.dependents.app_setting import Settings
from tests.services.rotation.dependents.test_connection_strings import (
    DEFAULT,
    StringsWorld,
)
from tests.services.rotation.endings import require_rolled_back
from tests.support.builders import HOUR
from tests.support.refusing import words_of
from tests.support.rotation.builders import (
    CHECKOUT,
    LITERAL,
    SLOT,
    STAGING,
    a_rotation_policy,
)
from tests.support.rotation.replica import RotationReplica
from tests.support.rotation.world import OLD_VALUE, RotationWorld
from tests.support.tables.crashing_table import Killed

HEALTH = "https://checkout.example/health"


@pytest.mark.parametrize("step", ["perform propagate", "perform verify"])
async def test_an_app_that_still_shows_its_old_settings_is_put_back_all_the_same(
    step: str,
) -> None:
    world = RotationWorld(a_rotation_policy(dependents=(LITERAL,)))
    before = world.azure()
    world.when(step, world.apps.show_late)

    rotation = await RotationReplica(world).rotated()

    assert rotation.state is RotationState.ROLLED_BACK
    assert "read back as written" in words_of(rotation.failure)
    require_rolled_back(world, before)


async def test_an_app_that_has_been_put_back_is_not_restarted_by_the_next_try() -> None:
    sick = replace(LITERAL, health_url=HEALTH)
    world = RotationWorld(a_rotation_policy(dependents=(sick, SLOT)))
    before = world.azure()
    world.health.sick.add(HEALTH)
    change, refused = world.apps.replace, list[AppSlot]()

    async def refuse_twice(app: AppSlot, settings: Settings) -> None:
        if app == STAGING and world.apps.restarts(STAGING) and len(refused) < 2:
            refused.append(app)
            raise Unavailable("App Service", "503", outcome_unknown=False)
        await change(app, settings)

    world.apps.replace = refuse_twice  # type: ignore[method-assign]

    rotation = await RotationReplica(world).rotated()

    assert rotation.state is RotationState.ROLLED_BACK
    assert len(refused) == 2
    assert [world.apps.restarts(app) for app in (CHECKOUT, STAGING)] == [2, 2]
    require_rolled_back(world, before)


def _show_late_and_fail_once(world: StringsWorld, fault: Fault) -> None:
    world.strings.values.show_late()
    world.strings.faults.order("replace", fault)


async def test_an_app_is_put_back_only_with_its_settings_and_its_connection_strings() -> None:
    world = StringsWorld(LITERAL, DEFAULT)
    before = world.held_strings()
    world.health.sick.add(HEALTH)
    failing = Unavailable("App Service", "503", outcome_unknown=False)
    world.when("undo propagate", lambda: _show_late_and_fail_once(world, failing))

    rotation = await RotationReplica(world).rotated()

    assert rotation.state is RotationState.ROLLED_BACK
    assert world.held(CHECKOUT, "API_KEY") == OLD_VALUE
    assert world.held_strings() == before


async def test_a_kill_right_after_the_change_makes_no_difference() -> None:
    world = RotationWorld(a_rotation_policy(dependents=(LITERAL,)))
    before = world.azure()
    first = RotationReplica(world)
    change = world.apps.replace

    async def change_and_die(app: AppSlot, settings: Settings) -> None:
        await change(app, settings)
        world.apps.replace = change  # type: ignore[method-assign]
        first.crash.die()

    world.apps.replace = change_and_die  # type: ignore[method-assign]
    world.when("perform verify", world.apps.show_late)
    with pytest.raises(Killed):
        await first.rotated()

    second = RotationReplica(world)
    await second.pass_time(HOUR)

    assert (await second.rotation()).state is RotationState.ROLLED_BACK
    require_rolled_back(world, before)
