"""Rotating again after a rollback: references are pinned to the version from before it."""

from domain.rotation.rotation import RotationState, Shape
from services.faults import Unavailable
from services.rotation.planner import Planner
from tests.support.builders import VAULT
from tests.support.refusing import words_of
from tests.support.rotation.builders import BILLING, BY_ADA, DAY, PINNED, ROTATED
from tests.support.rotation.replica import RotationReplica
from tests.support.rotation.world import OLD_VALUE, RotationWorld
from tests.support.tables.crashing_table import Crash

STRANGERS = "canary-strangers-0f1e2d3c4b5a69788796a5b4c3d2e1f0"


async def _roll_back(replica: RotationReplica, rotation_id: str) -> None:
    world = replica.world
    world.when("perform verify", world.versions.show_late)
    world.when("undo verify", world.mend)
    assert (await replica.rotated(rotation_id)).state is RotationState.ROLLED_BACK


def _enabled(world: RotationWorld) -> list[str]:
    return [value for value, is_enabled in world.azure().versions if is_enabled]


async def test_a_reference_to_the_version_from_before_is_no_drift() -> None:
    world = RotationWorld()
    replica = RotationReplica(world)
    await _roll_back(replica, "rot-one")
    pinned = world.held(BILLING, PINNED.setting)

    second = await replica.rotated("rot-two")
    moved = world.held(BILLING, PINNED.setting)
    await replica.pass_time(2 * DAY)

    assert pinned.endswith(f"/{world.old})")
    assert second.state is RotationState.OVERLAPPING
    assert moved.endswith(f"/{world.current()})")
    assert (await replica.rotation("rot-two")).state is RotationState.ROTATED
    assert _enabled(world) == [world.value("")]


async def test_a_second_rollback_puts_the_same_reference_back_and_a_third_rotation_takes_it() -> (
    None
):
    world = RotationWorld()
    replica = RotationReplica(world)
    before = world.azure().settings
    await _roll_back(replica, "rot-one")
    await _roll_back(replica, "rot-two")
    after = world.azure().settings

    third = await replica.rotated("rot-three")
    await replica.pass_time(2 * DAY)

    assert before == after
    assert third.state is RotationState.OVERLAPPING
    assert _enabled(world) == [world.value("")]


async def test_a_pinned_version_is_retired_too_if_a_person_put_its_value_back() -> None:
    world = RotationWorld()
    replica = RotationReplica(world)
    world.versions.put(VAULT.url, ROTATED, STRANGERS)
    world.versions.put(VAULT.url, ROTATED, OLD_VALUE)

    await replica.rotated()
    await replica.pass_time(2 * DAY)

    rotation = await replica.rotation()
    assert rotation.state is RotationState.ROTATED
    assert _enabled(world) == [STRANGERS, world.value("")]
    assert f"is disabled too: {world.old[:8]}" in words_of(rotation.records[-1].note)


async def test_a_pinned_version_that_is_disabled_is_drift_though_it_holds_the_same_value() -> None:
    world = RotationWorld()
    world.versions.put(VAULT.url, ROTATED, OLD_VALUE)
    await world.versions.disable(VAULT.url, ROTATED, world.old)
    before = world.azure()

    rotation = await RotationReplica(world).rotated()

    assert rotation.state is RotationState.ROLLED_BACK
    assert "pinned to a version that can't be read" in words_of(rotation.failure)
    assert world.azure() == before


async def test_a_pinned_version_that_cannot_be_read_for_a_moment_is_read_again() -> None:
    world = RotationWorld()
    world.versions.put(VAULT.url, ROTATED, OLD_VALUE)
    world.versions.faults.order("read", Unavailable("Key Vault", "503"), times=2)

    rotation = await RotationReplica(world).rotated()

    assert rotation.state is RotationState.OVERLAPPING


async def test_the_plan_after_a_rollback_is_not_blocked_by_the_pinned_reference() -> None:
    world = RotationWorld()
    replica = RotationReplica(world)
    await _roll_back(replica, "rot-one")
    planner = Planner(
        replica.rotations, world.versions, world.dependents(), world.issuers(Crash()), world.clock
    )

    plan = await planner.plan(ROTATED, BY_ADA, "rot-two")
    world.versions.faults.order("read", Unavailable("Key Vault", "503"))
    unreadable = await planner.plan(ROTATED, BY_ADA, "rot-two")

    shapes = {one.dependent: one.shape for one in plan.dependents}
    [fault] = [one.fault for one in unreadable.dependents if one.fault]
    assert not plan.is_blocked
    assert shapes[PINNED] is Shape.PINNED
    assert "503" in words_of(fault)
