"""Dependents that came into the rules during the overlap: the old version waits for them."""

from dataclasses import replace

import pytest

from domain.policies.held import HeldRules, held
from domain.rotation.rotation import AppSlot, Dependent, Rotation, RotationState
from services.faults import NotPermitted
from services.rotation.dependents.app_setting import Settings
from tests.services.rotation.test_overlap import SlotWorld
from tests.support.builders import ADA, HOUR
from tests.support.refusing import words_of
from tests.support.rotation.builders import (
    BILLING,
    CHECKOUT,
    DAY,
    LITERAL,
    PINNED,
    ROTATED,
    SLOT,
    a_rotation_policy,
    rotating,
)
from tests.support.rotation.replica import RotationReplica
from tests.support.rotation.world import OLD_VALUE, RotationWorld


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


async def test_a_vault_in_another_spelling_is_the_same_vault(world: RotationWorld) -> None:
    before = world.policies.rotation_of(ROTATED)
    assert before
    await RotationReplica(world).rotated()
    spelled = replace(before.vault, url=before.vault.url.replace("kv-demo", "KV-Demo"))
    world.rotate_by(replace(before, vault=spelled, dependents=(LITERAL, SLOT)))
    replica = RotationReplica(world)

    await replica.pass_time(2 * DAY)

    assert (await replica.rotation()).state is RotationState.NEEDS_HUMAN
    assert world.version(world.old).enabled


async def test_all_of_them_are_named_at_once(world: RotationWorld) -> None:
    rotation = await (await _with_newcomers(world, SLOT, PINNED)).rotation()

    assert str(SLOT) in _problem(rotation)
    assert str(PINNED) in _problem(rotation)


async def test_one_that_is_pinned_to_an_older_version_with_the_old_value_keeps_it_enabled(
    world: RotationWorld,
) -> None:
    replica = RotationReplica(world)
    world.when("perform verify", world.versions.show_late)
    world.when("undo verify", world.mend)
    first = await replica.rotated("rot-rolled-back")
    assert first.state is RotationState.ROLLED_BACK

    rotation = await (await _with_newcomers(world, PINNED)).rotation()

    assert rotation.old_version != world.old
    assert world.held(PINNED.app, PINNED.setting).endswith(f"/{world.old})")
    assert rotation.state is RotationState.NEEDS_HUMAN
    assert str(PINNED) in _problem(rotation)
    assert world.version(world.old).enabled


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


async def _without_rules(world: RotationWorld) -> RotationReplica:
    """Rotate, and let the overlap end where nobody can say which rules are in force."""
    await RotationReplica(world).rotated()
    in_force = world.policies.in_force
    world.policies.put_in_force(replace(in_force, rules=(), stand_in=True))
    replica = RotationReplica(world)
    await replica.pass_time(DAY - HOUR)
    return replica


async def test_the_old_version_waits_while_nobody_can_say_which_rules_are_in_force(
    world: RotationWorld,
) -> None:
    rules = world.policies.in_force
    replica = await _without_rules(world)
    await replica.pass_time(HOUR / 2)
    waiting, during = await replica.rotation(), world.version(world.old)

    world.policies.put_in_force(rules)
    await replica.pass_time(HOUR)

    assert waiting.state is RotationState.OVERLAPPING
    assert during.enabled
    assert (await replica.rotation()).state is RotationState.ROTATED


async def test_a_human_is_asked_if_the_rules_stay_unknown_and_a_retry_does_not_go_on_without_them(
    world: RotationWorld,
) -> None:
    replica = await _without_rules(world)
    await replica.pass_time(2 * HOUR)
    asked = await replica.rotation()

    await replica.rotations.retry(ADA, "rot-one")
    await replica.pass_time(2 * HOUR)

    assert asked.state is RotationState.NEEDS_HUMAN
    assert "which rules are in force" in _problem(asked)
    assert (await replica.rotation()).state is RotationState.NEEDS_HUMAN
    assert world.version(world.old).enabled


async def test_a_replica_with_older_rules_leaves_the_old_version_to_one_with_the_newest(
    world: RotationWorld,
) -> None:
    older = RotationReplica(world)
    await older.rotated()
    policy = world.policies.rotation_of(ROTATED)
    assert policy
    world.rotate_by(replace(policy, dependents=(*policy.dependents, SLOT)))
    newer = RotationReplica(world)
    await newer.schedules.sync()

    world.clock.advance(DAY)
    await newer.schedules.sync()
    await older.settle()
    by_the_older = await older.rotation()
    await newer.pass_time(HOUR)

    assert by_the_older.state is RotationState.OVERLAPPING
    assert str(SLOT) in _problem(await newer.rotation())
    assert world.version(world.old).enabled


async def _with_a_file_that_waits(world: RotationWorld) -> RotationReplica:
    """Rotate, then let a file wait that names one more dependent, until the overlap has ended."""
    await RotationReplica(world).rotated()
    accepted, policy = world.policies.in_force, world.policies.rotation_of(ROTATED)
    assert policy
    waiting = rotating(replace(policy, dependents=(*policy.dependents, SLOT))).in_force
    world.policies.put_in_force(held(accepted, waiting))
    replica = RotationReplica(world)
    await replica.pass_time(2 * DAY)
    return replica


async def test_one_in_a_file_that_waits_for_an_admin_keeps_the_old_version_enabled(
    world: RotationWorld,
) -> None:
    replica = await _with_a_file_that_waits(world)

    rotation = await replica.rotation()
    assert rotation.state is RotationState.NEEDS_HUMAN
    assert "waits for an admin" in _problem(rotation)
    assert str(SLOT) in _problem(rotation)
    assert world.version(world.old).enabled


async def test_once_the_file_is_accepted_what_it_names_is_read(world: RotationWorld) -> None:
    replica = await _with_a_file_that_waits(world)
    in_force = world.policies.in_force
    assert isinstance(in_force, HeldRules)
    world.policies.put_in_force(in_force.waiting)

    await replica.rotations.retry(ADA, "rot-one")
    await replica.pass_time(HOUR)

    assert "hold the old value" in _problem(await replica.rotation())


async def test_once_the_file_is_rejected_a_retry_retires_the_old_version(
    world: RotationWorld,
) -> None:
    replica = await _with_a_file_that_waits(world)
    in_force = world.policies.in_force
    assert isinstance(in_force, HeldRules)
    world.policies.put_in_force(in_force.accepted)

    await replica.rotations.retry(ADA, "rot-one")
    await replica.settle()

    assert (await replica.rotation()).state is RotationState.ROTATED
    assert not world.version(world.old).enabled


async def _with_a_file_with_errors(world: RotationWorld) -> RotationReplica:
    """Rotate, then let the newest policy file have errors until the overlap has ended."""
    await RotationReplica(world).rotated()
    world.policies.newest_has_errors = True
    replica = RotationReplica(world)
    await replica.pass_time(DAY - HOUR)
    return replica


async def test_what_a_file_with_errors_may_name_keeps_the_old_version_until_it_is_fixed(
    world: RotationWorld,
) -> None:
    replica = await _with_a_file_with_errors(world)
    await replica.pass_time(HOUR / 2)
    waiting, during = await replica.rotation(), world.version(world.old)

    world.policies.newest_has_errors = False
    await replica.pass_time(HOUR)

    assert waiting.state is RotationState.OVERLAPPING
    assert waiting.last_failure
    assert "the newest policy file has errors" in words_of(waiting.last_failure)
    assert during.enabled
    assert (await replica.rotation()).state is RotationState.ROTATED


async def test_if_it_is_not_fixed_a_human_is_asked_who_can_go_on_without_it(
    world: RotationWorld,
) -> None:
    replica = await _with_a_file_with_errors(world)
    await replica.pass_time(2 * HOUR)
    asked, during = await replica.rotation(), world.version(world.old)

    await replica.rotations.retry(ADA, "rot-one")
    await replica.settle()

    assert asked.state is RotationState.NEEDS_HUMAN
    assert "the newest policy file has errors" in _problem(asked)
    assert during.enabled
    assert (await replica.rotation()).state is RotationState.ROTATED


async def test_what_is_known_to_hold_the_old_value_is_named_all_the_same(
    world: RotationWorld,
) -> None:
    world.policies.newest_has_errors = True

    rotation = await (await _with_newcomers(world, SLOT)).rotation()

    assert str(SLOT) in _problem(rotation)
