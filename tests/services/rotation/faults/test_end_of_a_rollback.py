"""What is said of the current version after a rollback was read when all else was undone."""

from collections.abc import Callable
from dataclasses import replace

import pytest

from domain.rotation.rotation import CurrentAtEnd, Rotation, RotationState, WhichVersion
from services.faults import NotPermitted, Unavailable
from tests.support.builders import ADA, VAULT
from tests.support.refusing import words_of
from tests.support.rotation.builders import ROTATED
from tests.support.rotation.fakes import FOREVER
from tests.support.rotation.replica import RotationReplica
from tests.support.rotation.world import OLD_VALUE, RotationWorld

DOWN = Unavailable("Key Vault", "503", outcome_unknown=False)


def _theirs(world: RotationWorld) -> Callable[[], None]:
    return lambda: _write(world)


def _write(world: RotationWorld) -> None:
    world.versions.put(VAULT.url, ROTATED, "theirs")


def _unverifiable(world: RotationWorld) -> None:
    """Let the verification fail, and nothing after it."""
    world.when("perform verify", world.versions.show_late)
    world.when("undo verify", world.mend)


async def _rolled_back(world: RotationWorld) -> Rotation:
    rotation = await RotationReplica(world).rotated()

    assert rotation.state is RotationState.ROLLED_BACK
    return rotation


async def test_the_old_version_is_current_if_nothing_was_written() -> None:
    world = RotationWorld()
    world.issuer.faults.order("issue", DOWN, times=FOREVER)

    rotation = await _rolled_back(world)

    assert rotation.current_at_end == CurrentAtEnd(WhichVersion.OLD, world.old)
    assert world.current() == world.old


async def test_the_restored_version_is_current_if_it_was_written() -> None:
    world = RotationWorld()
    _unverifiable(world)

    rotation = await _rolled_back(world)

    assert rotation.restored_version
    assert rotation.current_at_end == CurrentAtEnd(WhichVersion.RESTORED, rotation.restored_version)
    assert world.current() == rotation.restored_version


@pytest.mark.parametrize("moment", ["perform write", "undo write", "undo issue", "undo capture"])
async def test_a_version_that_someone_else_wrote_in_the_meantime_is_called_theirs(
    moment: str,
) -> None:
    world = RotationWorld()
    if moment != "perform write":
        _unverifiable(world)
    world.when(moment, _theirs(world))

    rotation = await _rolled_back(world)

    assert rotation.current_at_end == CurrentAtEnd(WhichVersion.OTHERS, world.current())
    assert world.value("") == "theirs"


async def test_a_secret_that_was_deleted_has_no_current_version() -> None:
    world = RotationWorld()
    world.when("perform issue", lambda: world.versions.delete(VAULT.url, ROTATED))

    rotation = await _rolled_back(world)

    assert rotation.current_at_end == CurrentAtEnd(WhichVersion.NONE)


async def test_a_secret_that_was_recreated_has_the_version_of_whoever_did_it() -> None:
    world = RotationWorld()

    def recreate() -> None:
        world.versions.forget_all()
        _write(world)

    world.when("perform verify", recreate)

    rotation = await _rolled_back(world)

    assert rotation.was_made_anew
    assert rotation.current_at_end == CurrentAtEnd(WhichVersion.OTHERS, world.current())


@pytest.mark.parametrize(
    "fault", [DOWN, NotPermitted("Key Vault", "403 ForbiddenByFirewall", status=403)], ids=str
)
async def test_a_vault_that_does_not_answer_at_the_end_keeps_no_rollback_open(
    fault: NotPermitted | Unavailable,
) -> None:
    world = RotationWorld()
    world.issuer.faults.order("issue", DOWN, times=FOREVER)
    world.when("undo capture", lambda: world.versions.faults.order("current", fault, times=FOREVER))

    rotation = await _rolled_back(world)

    assert rotation.current_at_end == CurrentAtEnd(WhichVersion.UNREADABLE)


async def test_a_vault_that_answers_a_little_later_is_asked_again() -> None:
    world = RotationWorld()
    world.issuer.faults.order("issue", DOWN, times=FOREVER)
    world.when("undo capture", lambda: world.versions.faults.order("current", DOWN, times=2))

    rotation = await _rolled_back(world)

    assert rotation.current_at_end == CurrentAtEnd(WhichVersion.OLD, world.old)


async def test_a_rotation_that_changed_nothing_does_not_ask() -> None:
    world = RotationWorld()
    world.when("perform capture", world.disable_newest)

    rotation = await _rolled_back(world)

    assert rotation.current_at_end is None


async def test_the_event_says_which_version_was_current() -> None:
    world = RotationWorld()
    world.issuer.faults.order("issue", DOWN, times=FOREVER)
    replica = RotationReplica(world)
    await replica.rotated()

    [event] = [one for one in await replica.events("rot-one") if one.kind == "rolled_back"]

    assert (event.facts["current"], event.facts["version"]) == ("old", world.old)


async def test_a_rollback_names_the_version_to_enable_if_someone_has_disabled_the_old_one() -> None:
    world = RotationWorld()
    world.when("perform verify", world.versions.show_late)
    kept = world.versions.find(VAULT.url, ROTATED, world.old)
    assert kept is not None
    enabled = kept.version

    def disable() -> None:
        world.mend()
        kept.version = replace(enabled, enabled=False)

    world.when("undo propagate", disable)
    replica = RotationReplica(world)

    helpless = await replica.rotated()
    kept.version = enabled
    await replica.rotations.retry(ADA, "rot-one")
    await replica.settle()

    said = words_of(helpless.records[-1].note)
    assert helpless.state is RotationState.NEEDS_HUMAN
    assert f"the old version {world.old} can't be read: 403 SecretDisabled; enable it" in said
    assert (await replica.rotation()).state is RotationState.ROLLED_BACK
    assert world.value("") == OLD_VALUE
