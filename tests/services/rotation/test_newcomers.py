"""Dependents that came into the rules during the overlap: the old version waits for them."""

from dataclasses import replace

import pytest

from domain.rotation.rotation import AppSlot, Dependent, Rotation, RotationState
from services.faults import NotPermitted
from services.rotation.dependents.app_setting import Settings
from tests.services.rotation.test_overlap import SlotWorld
from tests.support.builders import ADA
from tests.support.refusing import words_of
from tests.support.rotation_builders import (
    BILLING,
    CHECKOUT,
    DAY,
    LITERAL,
    PINNED,
    ROTATED,
    SLOT,
    a_rotation_policy,
)
from tests.support.rotation_replica import RotationReplica
from tests.support.rotation_world import OLD_VALUE, RotationWorld


async def _with_newcomers(world: RotationWorld, *dependents: Dependent) -> RotationReplica:
    """Rotate, then add dependents to the rules and let the overlap end."""
    before = world.policies.rotation_of(ROTATED)
    assert before
    await RotationReplica(world).rotated()
    world.rotate_by(replace(before, dependents=(*before.dependents, *dependents)))
    replica = RotationReplica(world)
    await replica.pass_time(2 * DAY)
    return replica


def _problem(rotation: Rotation) -> str:
    return words_of(rotation.records[-1].note)


@pytest.fixture
def world() -> RotationWorld:
    return RotationWorld(a_rotation_policy(dependents=(LITERAL,)))


@pytest.mark.parametrize("newcomer", [SLOT, PINNED], ids=str)
async def test_one_that_holds_the_old_value_keeps_the_old_version_enabled(
    world: RotationWorld, newcomer: Dependent
) -> None:
    rotation = await (await _with_newcomers(world, newcomer)).rotation()

    assert rotation.state is RotationState.NEEDS_HUMAN
    assert str(newcomer) in _problem(rotation)
    assert world.version(world.old).enabled


async def test_all_of_them_are_named_at_once(world: RotationWorld) -> None:
    rotation = await (await _with_newcomers(world, SLOT, PINNED)).rotation()

    assert str(SLOT) in _problem(rotation)
    assert str(PINNED) in _problem(rotation)


async def test_the_key_that_one_holds_is_not_regenerated() -> None:
    world = SlotWorld()
    key = world.key("key1")
    world.apps.add(CHECKOUT, {"API_KEY": key})

    await _with_newcomers(world, LITERAL)

    assert world.held(CHECKOUT, "API_KEY") == world.key("key1") == key


async def test_one_with_the_new_value_or_without_any_keeps_nothing_open(
    world: RotationWorld,
) -> None:
    absent = Dependent(CHECKOUT, "NOT_THERE", create=True)
    by_another_name = Dependent(
        AppSlot(CHECKOUT.subscription, CHECKOUT.resource_group.upper(), CHECKOUT.name), "api_key"
    )
    gone = Dependent(replace(BILLING, name="gone"), "API_KEY")

    replica = await _with_newcomers(world, absent, by_another_name, gone)

    assert (await replica.rotation()).state is RotationState.ROTATED
    assert not world.version(world.old).enabled


async def test_a_reference_without_a_version_is_resolved_again(world: RotationWorld) -> None:
    floating = Dependent(BILLING, "FLOATING_KEY")

    replica = await _with_newcomers(world, floating)

    assert (await replica.rotation()).state is RotationState.ROTATED
    assert world.apps.active_version(BILLING, floating.setting) == world.current()


async def test_one_that_cannot_be_read_keeps_the_old_version_enabled(world: RotationWorld) -> None:
    read = world.apps.read

    async def forbid(app: AppSlot) -> Settings:
        if app == SLOT.app:
            raise NotPermitted("App Service", "403 AuthorizationFailed", status=403)
        return await read(app)

    world.apps.read = forbid  # type: ignore[method-assign]

    rotation = await (await _with_newcomers(world, SLOT)).rotation()

    assert rotation.state is RotationState.NEEDS_HUMAN
    assert "AuthorizationFailed" in _problem(rotation)
    assert world.version(world.old).enabled


async def test_once_it_has_the_current_value_a_retry_retires_the_old_version(
    world: RotationWorld,
) -> None:
    replica = await _with_newcomers(world, SLOT)
    world.apps.change(SLOT.app, API_KEY=world.value(""))

    await replica.rotations.retry(ADA, "rot-one")
    await replica.settle()

    assert (await replica.rotation()).state is RotationState.ROTATED
    assert not world.version(world.old).enabled


async def test_a_retry_can_retire_the_old_version_although_it_is_held(
    world: RotationWorld,
) -> None:
    replica = await _with_newcomers(world, SLOT)

    await replica.rotations.retry(ADA, "rot-one")
    await replica.settle()

    assert (await replica.rotation()).state is RotationState.ROTATED
    assert world.held(SLOT.app, SLOT.setting) == OLD_VALUE
