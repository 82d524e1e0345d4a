"""A first write that lands minutes later, on top of the second one, which was verified."""

from dataclasses import replace

import pytest

from domain.rotation.rotation import RotationState
from services.faults import Unavailable
from services.rotation.secret_versions import ROLE_TAG, ROTATION_TAG
from services.rotation.versions.versions_of import NEW
from services.workflow.due.agenda import CLAIM
from tests.services.rotation.endings import require_resolved
from tests.services.rotation.faults.test_late_effects import (
    APPLICATION,
    LateWorld,
    RegistrationWorld,
)
from tests.support.builders import ADA, HOUR, MINUTE, SECOND, VAULT
from tests.support.refusing import words_of
from tests.support.rotation.builders import BILLING, CHECKOUT, DAY, PINNED, ROTATED
from tests.support.rotation.fakes import FOREVER
from tests.support.rotation.replica import RotationReplica
from tests.support.rotation.world import OLD_VALUE, RotationWorld
from tests.support.tables.crashing_table import Killed

DOWN = Unavailable("Key Vault", "503", outcome_unknown=False)
ON_THE_LOOK, AFTER_THE_LOOK = 5 * MINUTE, 10 * MINUTE


def _enabled(world: RotationWorld) -> list[str]:
    return [value for value, is_enabled in world.azure().versions if is_enabled]


async def test_a_late_client_secret_is_not_left_current_and_removed() -> None:
    world = RegistrationWorld()
    world.late.order("write", AFTER_THE_LOOK)
    replica = RotationReplica(world)
    await replica.rotated()

    await replica.pass_time(2 * DAY)

    rotation = await replica.rotation()
    assert rotation.state is RotationState.ROTATED
    assert "what landed late is disabled" in words_of(rotation.records[-1].note)
    assert world.is_good()
    assert world.passwords.key_ids(APPLICATION) == {rotation.credential}


async def test_the_vault_and_the_apps_agree_after_a_late_write() -> None:
    world = LateWorld()
    world.late.order("write", AFTER_THE_LOOK)
    replica = RotationReplica(world)
    await replica.rotated()
    during = world.value("")

    await replica.pass_time(2 * DAY)

    assert during != world.held(CHECKOUT, "API_KEY")
    assert (await replica.rotation()).state is RotationState.ROTATED
    assert world.held(CHECKOUT, "API_KEY") == world.value("")
    assert set(_enabled(world)) == {world.value("")}
    await require_resolved(world)


async def _found_by_the_look(world: LateWorld) -> RotationReplica:
    """Rotate, with a first write that lands between the verification and the look after it."""
    world.late.order("write", ON_THE_LOOK)
    replica = RotationReplica(world)
    await replica.rotate()
    await replica.pass_time(2 * MINUTE)
    assert (await replica.rotation()).state is RotationState.OVERLAPPING
    return replica


async def test_a_late_write_is_found_minutes_after_the_verification() -> None:
    world = LateWorld()
    replica = await _found_by_the_look(world)
    before = await replica.rotation()

    await replica.pass_time(HOUR)

    after = await replica.rotation()
    assert (await replica.event_kinds("rot-one"))[-1] == "late_version_replaced"
    assert (after.state, after.overlap_until) == (RotationState.OVERLAPPING, before.overlap_until)
    assert world.held(CHECKOUT, "API_KEY") == world.value("")
    assert _enabled(world) == [OLD_VALUE, world.value(""), world.value("")]
    assert "late_version_replaced" in world.message_sender.sent_to(ADA.object_id)
    await require_resolved(world)


async def test_the_next_rotation_disables_every_version_with_the_verified_value() -> None:
    world = LateWorld()
    replica = await _found_by_the_look(world)
    await replica.pass_time(2 * DAY)
    pinned = world.held(BILLING, PINNED.setting)

    second = await replica.rotated("rot-two")
    await replica.pass_time(2 * DAY)

    assert not pinned.endswith(f"/{world.current()})")
    assert second.state is RotationState.OVERLAPPING
    assert _enabled(world) == [world.value("")]


async def test_a_rotation_whose_writes_were_all_answered_does_not_look_again() -> None:
    rotation = await RotationReplica(LateWorld()).rotated()

    assert rotation.look_again_at is None


async def test_a_look_that_finds_nothing_changes_nothing() -> None:
    world = LateWorld()
    world.late.order("write", None)
    replica = RotationReplica(world)
    await replica.rotate()
    await replica.pass_time(2 * MINUTE)
    before, waiting = world.azure(), await replica.rotation()

    await replica.pass_time(HOUR)

    assert waiting.look_again_at is not None
    assert (await replica.rotation()).look_again_at is None
    assert before == world.azure()


async def test_a_look_without_an_answer_neither_writes_twice_nor_ends_the_overlap() -> None:
    world = LateWorld()
    replica = await _found_by_the_look(world)
    world.late.order("write", 20 * SECOND)

    await replica.pass_time(HOUR)
    during = await replica.rotation()
    await replica.pass_time(DAY)

    assert during.state is RotationState.OVERLAPPING
    assert len(world.azure().versions) == 4
    assert world.held(CHECKOUT, "API_KEY") == world.value("")
    assert (await replica.rotation()).state is RotationState.ROTATED


async def test_a_process_that_dies_in_the_look_does_not_end_the_overlap() -> None:
    world = LateWorld()
    replica = await _found_by_the_look(world)
    world.late.kill("write", None)
    with pytest.raises(Killed):
        await replica.pass_time(HOUR)
    world.clock.advance(CLAIM)

    replica = RotationReplica(world)
    await replica.pass_time(HOUR)

    assert (await replica.rotation()).state is RotationState.OVERLAPPING
    assert world.version(world.old).enabled
    assert world.held(CHECKOUT, "API_KEY") == world.value("")


async def test_a_late_write_on_top_of_someone_elses_needs_a_human_before_anything_is_retired() -> (
    None
):
    world = LateWorld()
    world.late.order("write", AFTER_THE_LOOK)
    replica = RotationReplica(world)
    await replica.rotate()
    await replica.pass_time(8 * MINUTE)
    theirs = world.versions.put(VAULT.url, ROTATED, "written by hand")

    await replica.pass_time(2 * DAY)

    rotation = await replica.rotation()
    assert rotation.state is RotationState.NEEDS_HUMAN
    assert f"on top of version {theirs}" in words_of(rotation.records[-1].note)
    assert world.version(world.old).enabled


async def test_a_late_write_is_replaced_after_the_end_of_a_short_overlap_too() -> None:
    world = LateWorld()
    policy = world.policies.rotation_of(ROTATED)
    assert policy is not None
    world.rotate_by(replace(policy, overlap=SECOND))
    world.late.order("write", ON_THE_LOOK)
    replica = RotationReplica(world)
    await replica.rotate()
    await replica.pass_time(2 * MINUTE)
    assert (await replica.rotation()).state is RotationState.ROTATED

    await replica.pass_time(HOUR)

    assert world.held(CHECKOUT, "API_KEY") == world.value("")
    assert set(_enabled(world)) == {world.value("")}
    assert await world.queued() == []


async def test_a_late_write_is_found_after_an_outage_that_outlasts_the_overlap() -> None:
    world = LateWorld()
    policy = world.policies.rotation_of(ROTATED)
    assert policy is not None
    world.rotate_by(replace(policy, overlap=SECOND))
    world.late.order("write", ON_THE_LOOK)
    replica = RotationReplica(world)
    await replica.rotate()
    await replica.pass_time(2 * MINUTE)
    assert (await replica.rotation()).state is RotationState.ROTATED

    world.versions.faults.order("list", DOWN, times=FOREVER)
    await replica.pass_time(HOUR)
    world.versions.faults.clear()
    await replica.pass_time(HOUR)

    assert world.held(CHECKOUT, "API_KEY") == world.value("")
    assert set(_enabled(world)) == {world.value("")}
    assert (await replica.event_kinds("rot-one"))[-1] == "late_version_replaced"
    assert await world.queued() == []


async def test_a_version_of_an_earlier_rotation_is_no_successor() -> None:
    world = RotationWorld()
    replica = RotationReplica(world)
    await replica.rotated("rot-zero")
    await replica.pass_time(2 * DAY)
    await replica.rotated("rot-one")
    tags = {ROTATION_TAG: "rot-zero", ROLE_TAG: NEW}
    late = world.versions.put(VAULT.url, ROTATED, "landed late", tags=tags)

    await replica.pass_time(2 * DAY)

    rotation = await replica.rotation("rot-one")
    assert rotation.state is RotationState.NEEDS_HUMAN
    assert late in words_of(rotation.records[-1].note)
    assert world.version(rotation.old_version or "").enabled
