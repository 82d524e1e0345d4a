"""App Service settings have no ETag, so one rotation at a time writes to an app."""

import asyncio

import pytest

from domain.rotation.rotation import AppSlot, Dependent, RotationState
from services.faults import Unavailable
from services.rotation.dependents.app_setting import Settings
from tests.support.builders import ADA, HOUR, MINUTE, SECRET, VAULT
from tests.support.refusing import words_of
from tests.support.rotation.builders import CHECKOUT, LITERAL, a_rotation_policy
from tests.support.rotation.fakes import FOREVER
from tests.support.rotation.replica import RotationReplica
from tests.support.rotation.world import OLD_VALUE, RotationWorld

OTHER = Dependent(CHECKOUT, "DEMO_KEY")
DEMO_VALUE = "canary-demo-00112233445566778899aabbccddeeff"
DOWN = Unavailable("Azure", "503")


def _world() -> RotationWorld:
    """A world in which one app uses two secrets."""
    world = RotationWorld(
        a_rotation_policy(dependents=(LITERAL,)),
        a_rotation_policy(secret=SECRET, dependents=(OTHER,)),
    )
    world.versions.put(VAULT.url, SECRET, DEMO_VALUE)
    world.apps.change(CHECKOUT, DEMO_KEY=DEMO_VALUE)
    return world


async def test_two_secrets_of_one_app_are_rotated_together_and_neither_is_lost(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    world = _world()
    read = world.apps.read

    async def read_slowly(app: AppSlot) -> Settings:
        settings = await read(app)
        for _ in range(20):
            await asyncio.sleep(0)
        return settings

    monkeypatch.setattr(world.apps, "read", read_slowly)
    replica = RotationReplica(world)

    await asyncio.gather(replica.rotate("rot-one"), replica.rotate("rot-two", secret=SECRET))
    await replica.pass_time(HOUR)

    states = [(await replica.rotation(one)).state for one in ("rot-one", "rot-two")]
    assert states == [RotationState.OVERLAPPING] * 2
    assert world.held(CHECKOUT, "API_KEY") == world.value("")
    assert world.held(CHECKOUT, "DEMO_KEY") == world.versions.contents(VAULT.url, SECRET)[-1][0]
    assert world.held(CHECKOUT, "MODE") == "live"


async def test_an_app_in_two_spellings_is_written_once_with_all_its_settings() -> None:
    spelled = AppSlot(CHECKOUT.subscription, "RG-Demo", "Checkout-API")
    world = RotationWorld(a_rotation_policy(dependents=(LITERAL, Dependent(spelled, "SPARE_KEY"))))
    world.apps.change(CHECKOUT, SPARE_KEY=OLD_VALUE)

    rotation = await RotationReplica(world).rotated()

    assert rotation.state is RotationState.OVERLAPPING
    assert world.apps.restarts(CHECKOUT) == 1
    assert world.held(CHECKOUT, "API_KEY") == world.held(CHECKOUT, "SPARE_KEY") == world.value("")


async def test_an_app_is_unlocked_as_soon_as_it_is_written() -> None:
    world = _world()
    replica = RotationReplica(world)
    throttled = Unavailable("Azure", "429", 5 * MINUTE)
    world.when("perform verify", lambda: world.versions.faults.order("current", throttled))
    await replica.rotate("rot-one")
    await replica.settle()

    await replica.rotate("rot-two", secret=SECRET)
    await replica.settle()

    states = [(await replica.rotation(one)).state for one in ("rot-one", "rot-two")]
    assert states == [RotationState.RUNNING, RotationState.OVERLAPPING]


async def test_a_half_changed_app_stays_locked_until_it_is_repaired() -> None:
    world = _world()
    replica = RotationReplica(world)
    world.when("perform propagate", lambda: world.apps.faults.order("replace", DOWN, times=FOREVER))
    world.when("undo propagate", lambda: world.versions.faults.order("read", DOWN, times=FOREVER))
    first = await replica.rotated("rot-one")
    world.mend()

    second = await _rotate_other(replica, "rot-two")
    await replica.rotations.retry(ADA, "rot-one")
    await replica.settle()
    third = await _rotate_other(replica, "rot-three")

    assert first.state is RotationState.NEEDS_HUMAN
    assert second is RotationState.ROLLED_BACK
    assert "rot-one" in words_of((await replica.rotation("rot-two")).failure)
    assert (await replica.rotation("rot-one")).state is RotationState.ROLLED_BACK
    assert third is RotationState.OVERLAPPING


async def _rotate_other(replica: RotationReplica, rotation_id: str) -> RotationState:
    await replica.rotate(rotation_id, secret=SECRET)
    await replica.pass_time(HOUR)
    return (await replica.rotation(rotation_id)).state
