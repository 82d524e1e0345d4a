"""Late writes of a rotation on top of a version that a person wrote, and who is told when."""

from dataclasses import replace
from datetime import timedelta

import pytest

from domain.rotation.rotation import (
    CurrentAtEnd,
    Rotation,
    RotationState,
    Step,
    WhichVersion,
)
from services.faults import Unavailable
from services.rotation.secret_versions import ROTATION_TAG
from tests.services.rotation.faults.test_late_effects import HEALTH, LateWorld
from tests.support.builders import ADA, HOUR, MINUTE, SECOND, VAULT
from tests.support.refusing import words_of
from tests.support.rotation.builders import CHECKOUT, DAY, ROTATED, a_rotation_policy
from tests.support.rotation.replica import RotationReplica
from tests.support.rotation.world import OLD_VALUE, RotationWorld
from tests.support.tables.crashing_table import When

THEIRS = "written by hand"
SOON = 10 * MINUTE
"""Long before the overlap ends, and after the look that follows the verification."""


def _require_said(world: LateWorld, rotation: Rotation, theirs: str) -> None:
    """Check that a human is asked, and that the versions are as the person left them."""
    [failed] = [one for one in rotation.records if one.step is rotation.step]
    assert rotation.state is RotationState.NEEDS_HUMAN
    assert f"on top of version {theirs}" in words_of(failed.note)
    assert "needs_human" in world.message_sender.sent_to(ADA.object_id)
    assert world.version(theirs).enabled


async def _hidden_after_the_verification(world: LateWorld) -> tuple[RotationReplica, str]:
    """Rotate with two writes, the first of which lands on a person's, and let the look find it."""
    world.late.order("write", 5 * MINUTE)
    replica = RotationReplica(world)
    await replica.rotate()
    await replica.pass_time(3 * MINUTE)
    theirs = world.versions.put(VAULT.url, ROTATED, THEIRS)
    await replica.pass_time(SOON)
    return replica, theirs


async def test_what_the_look_in_the_overlap_finds_is_said_then_and_not_at_its_end() -> None:
    world = LateWorld()

    replica, theirs = await _hidden_after_the_verification(world)

    _require_said(world, await replica.rotation(), theirs)
    assert world.version(world.old).enabled


async def test_a_retry_goes_on_with_the_overlap_once_the_persons_version_is_current() -> None:
    world = LateWorld()
    replica, _ = await _hidden_after_the_verification(world)
    until = (await replica.rotation()).overlap_until
    again = world.versions.put(VAULT.url, ROTATED, THEIRS)

    await replica.rotations.retry(ADA, "rot-one")
    await replica.settle()

    rotation = await replica.rotation()
    assert (rotation.state, rotation.overlap_until) == (RotationState.OVERLAPPING, until)
    assert world.current() == again
    enabled = [value for value, is_enabled in world.azure().versions if is_enabled]
    assert enabled == [OLD_VALUE, world.value(rotation.new_version or ""), THEIRS, THEIRS]


async def test_a_retry_before_anything_is_settled_says_it_again() -> None:
    world = LateWorld()
    replica, theirs = await _hidden_after_the_verification(world)

    await replica.rotations.retry(ADA, "rot-one")
    await replica.settle()

    _require_said(world, await replica.rotation(), theirs)
    assert (await replica.event_kinds("rot-one"))[-2:] == ["retried", "needs_human"]


async def test_a_retry_after_the_persons_version_is_disabled_makes_the_verified_value_current() -> (
    None
):
    world = LateWorld()
    replica, theirs = await _hidden_after_the_verification(world)
    await world.versions.disable(VAULT.url, ROTATED, theirs)

    await replica.rotations.retry(ADA, "rot-one")
    await replica.pass_time(2 * DAY)

    assert (await replica.rotation()).state is RotationState.ROTATED
    assert world.value("") == world.held(CHECKOUT, "API_KEY")


async def test_what_the_look_after_a_short_overlap_finds_is_said() -> None:
    world = LateWorld()
    policy = world.policies.rotation_of(ROTATED)
    assert policy is not None
    world.rotate_by(replace(policy, overlap=SECOND))

    replica, theirs = await _hidden_after_the_verification(world)

    rotation = await replica.rotation()
    assert "rotated" in await replica.event_kinds("rot-one")
    _require_said(world, rotation, theirs)
    assert rotation.is_old_disabled

    await world.versions.disable(VAULT.url, ROTATED, theirs)
    await replica.rotations.retry(ADA, "rot-one")
    await replica.pass_time(HOUR)

    assert (await replica.rotation()).state is RotationState.ROTATED
    assert world.value("") == world.held(CHECKOUT, "API_KEY")


async def test_a_write_that_lands_on_a_persons_is_found_before_any_dependent_gets_it() -> None:
    world = LateWorld()
    before = world.azure()
    world.late.order("write", 20 * SECOND)
    replica = RotationReplica(world)
    await replica.rotate()
    await replica.pass_time(SECOND)
    theirs = world.versions.put(VAULT.url, ROTATED, THEIRS)

    await replica.pass_time(HOUR)

    rotation = await replica.rotation()
    _require_said(world, rotation, theirs)
    assert rotation.step is Step.WRITE
    assert world.azure().settings == before.settings
    assert len(world.azure().versions) == 3


async def test_the_persons_version_is_current_after_they_write_it_again_and_retry() -> None:
    world = LateWorld()
    world.late.order("write", 20 * SECOND)
    replica = RotationReplica(world)
    await replica.rotate()
    await replica.pass_time(SECOND)
    world.versions.put(VAULT.url, ROTATED, THEIRS)
    await replica.pass_time(HOUR)
    late = world.current()
    world.versions.put(VAULT.url, ROTATED, THEIRS)
    await world.versions.disable(VAULT.url, ROTATED, late)

    await replica.rotations.retry(ADA, "rot-one")
    await replica.pass_time(HOUR)

    assert (await replica.rotation()).state is RotationState.ROLLED_BACK
    assert world.value("") == THEIRS


@pytest.mark.parametrize("landing", [20 * SECOND, 3 * MINUTE], ids=["found", "sent again"])
async def test_a_restoring_write_that_lands_on_a_persons_is_said(landing: timedelta) -> None:
    world = LateWorld()
    world.health.sick.add(HEALTH)
    world.when("undo verify", lambda: world.late.order("write", landing))
    replica = RotationReplica(world)
    await replica.rotate()
    while not world.late.is_waiting():
        await replica.pass_time(SECOND)
    if landing > 2 * MINUTE:
        await replica.pass_time(2 * MINUTE)
        assert (await replica.rotation()).state is RotationState.ROLLED_BACK
    theirs = world.versions.put(VAULT.url, ROTATED, THEIRS)

    await replica.pass_time(HOUR)

    _require_said(world, await replica.rotation(), theirs)


async def test_the_old_value_is_not_restored_on_top_of_a_persons_version_that_is_hidden() -> None:
    world = LateWorld()
    replica = RotationReplica(world)
    put: list[str] = []

    def hide() -> None:
        world.clock.advance(SECOND)
        put.append(world.versions.put(VAULT.url, ROTATED, THEIRS))
        tags = {ROTATION_TAG: "rot-one", "latchkey-role": "new"}
        world.versions.put(VAULT.url, ROTATED, "landed late", tags=tags)

    world.when("perform verify", hide)
    await replica.rotated()

    [theirs] = put
    _require_said(world, await replica.rotation(), theirs)
    assert [value for value, _ in world.azure().versions][-1] == "landed late"


async def test_a_version_that_the_old_one_replaced_is_not_taken_for_a_hidden_one() -> None:
    world = LateWorld()
    world.late.order("write", 20 * SECOND)

    def write_twice() -> None:
        for value in (THEIRS, OLD_VALUE):
            world.clock.advance(SECOND)
            world.versions.put(VAULT.url, ROTATED, value)

    world.when("perform capture", write_twice)

    rotation = await RotationReplica(world).rotated()

    assert rotation.state is RotationState.OVERLAPPING


async def test_a_version_with_copied_tags_is_kept_by_disabling_the_one_that_the_card_names() -> (
    None
):
    world = RotationWorld(a_rotation_policy())
    lost = Unavailable("Key Vault", "no answer in time")
    world.versions.faults.order("write", lost, when=When.AFTER)
    replica = RotationReplica(world)
    await replica.rotate()
    await replica.settle()
    world.clock.advance(MINUTE / 4)
    ours = world.version("")
    theirs = world.versions.put(VAULT.url, ROTATED, THEIRS, tags=dict(ours.tags))
    await replica.pass_time(HOUR)
    helpless = await replica.rotation()

    await world.versions.disable(VAULT.url, ROTATED, ours.id)
    await replica.rotations.retry(ADA, "rot-one")
    await replica.pass_time(HOUR)

    rotation = await replica.rotation()
    assert f"to keep it, disable version {ours.id} and retry" in words_of(helpless.records[-1].note)
    assert rotation.state is RotationState.ROLLED_BACK
    assert rotation.current_at_end == CurrentAtEnd(WhichVersion.OTHERS, theirs)
    assert world.azure().versions[-1] == (THEIRS, True)
