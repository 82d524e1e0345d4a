"""What is said when the overlap is over and something of the old version is left."""

import pytest

from cards.kit.sentences import plain_text
from cards.reasons.sentences import sentence_of
from cards.rotation.audit_messages import rotation_audit_message
from cards.rotation.rotation_card import rotation_card
from domain.rotation.rotation import Rotation, RotationState
from services.faults import Unavailable
from tests.cards.reading_cards import whole_text
from tests.services.rotation.test_overlap import SlotWorld
from tests.support.builders import ADA, HOUR
from tests.support.fault_queue import FaultQueue
from tests.support.rotation.builders import DAY
from tests.support.rotation.fakes import FOREVER
from tests.support.rotation.replica import RotationReplica
from tests.support.rotation.world import RotationWorld

DOWN = Unavailable("Azure", "503", outcome_unknown=False)
ITS_CREDENTIAL = "The old version is disabled, but its credential may still be valid."
OLD_VERSION = "The new version is written, but the old one may still be enabled."


async def _stopped(
    world: RotationWorld, faults: FaultQueue, operation: str
) -> tuple[RotationReplica, Rotation]:
    """Let an operation fail once the overlap is over, until the rotation needs a human."""
    replica = RotationReplica(world)
    await replica.rotated()
    faults.order(operation, DOWN, times=FOREVER)
    await replica.pass_time(2 * DAY)
    rotation = await replica.rotation()

    assert rotation.state is RotationState.NEEDS_HUMAN
    return replica, rotation


async def _announced(
    replica: RotationReplica, rotation: Rotation, kind: str = "needs_human"
) -> str:
    events = await replica.events(rotation.id)
    event = next(one for one in reversed(events) if one.kind == kind)
    return plain_text(rotation_audit_message(rotation, event).sentence)


async def test_an_old_version_that_is_disabled_is_called_so_although_its_credential_is_left() -> (
    None
):
    world = SlotWorld()
    old = world.current()
    key = world.key("key1")

    replica, rotation = await _stopped(world, world.keys.faults, "regenerate")

    assert not world.version(old).enabled
    assert world.key("key1") == key
    assert ITS_CREDENTIAL in whole_text(rotation_card(rotation, buttons=False))
    assert ITS_CREDENTIAL[1:] in await _announced(replica, rotation)


async def test_after_a_retry_the_credential_is_retired_too() -> None:
    world = SlotWorld()
    key = world.key("key1")
    replica, rotation = await _stopped(world, world.keys.faults, "regenerate")
    world.keys.faults.clear()

    await replica.rotations.retry(ADA, rotation.id)
    await replica.settle()

    assert (await replica.rotation()).state is RotationState.ROTATED
    assert world.key("key1") != key


async def test_an_old_version_that_was_not_read_back_as_disabled_is_not_called_so() -> None:
    world = SlotWorld()
    old = world.current()

    replica, rotation = await _stopped(world, world.versions.faults, "disable")

    assert world.version(old).enabled
    assert OLD_VERSION in whole_text(rotation_card(rotation, buttons=False))
    assert OLD_VERSION[1:] in await _announced(replica, rotation)


@pytest.mark.parametrize("operation", ["disable", "regenerate"])
async def test_between_a_retry_and_the_retirement_nothing_says_that_the_old_version_is_valid(
    operation: str,
) -> None:
    world = SlotWorld()
    faults = {"disable": world.versions.faults, "regenerate": world.keys.faults}
    replica, rotation = await _stopped(world, faults[operation], operation)

    retried = await replica.rotations.retry(ADA, rotation.id)

    assert retried.state is RotationState.OVERLAPPING
    seen = whole_text(rotation_card(retried, buttons=False))
    assert "Rotated, old version not retired yet" in seen
    assert "valid until" not in seen
    assert "still valid" not in seen


async def test_from_the_first_try_to_retire_on_nothing_says_that_the_old_version_is_valid(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    world = SlotWorld()
    old, seen = world.current(), []
    replica = RotationReplica(world)
    await replica.rotated()
    world.keys.faults.order("regenerate", DOWN, times=FOREVER)
    disable = world.versions.disable

    async def disable_and_look(vault_url: str, secret: str, version: str) -> None:
        await disable(vault_url, secret, version)
        seen.append((world.version(old).enabled, await _card(replica)))

    monkeypatch.setattr(world.versions, "disable", disable_and_look)
    await replica.pass_time(DAY - HOUR)
    await replica.settle()
    trying = await replica.rotation()
    seen.append((world.version(old).enabled, await _card(replica)))

    assert trying.state is RotationState.OVERLAPPING
    assert trying.is_old_disabled
    assert len(seen) > 1
    for is_enabled, card in seen:
        assert not is_enabled
        assert "Rotated, old version not retired yet" in card
        assert "valid" not in card


async def _card(replica: RotationReplica) -> str:
    """Return what a card says that is refreshed now."""
    return whole_text(rotation_card(await replica.rotation(), buttons=False))


async def test_only_the_last_try_says_whether_the_old_version_is_disabled() -> None:
    world = SlotWorld()
    replica = RotationReplica(world)
    await replica.rotated()
    world.keys.faults.order("regenerate", DOWN, times=FOREVER)
    await replica.pass_time(DAY - HOUR)
    await replica.settle()
    first = await replica.rotation()
    world.versions.faults.order("disable", DOWN, times=FOREVER)
    await replica.pass_time(DAY)
    last = await replica.rotation()

    assert first.is_old_disabled
    assert last.state is RotationState.NEEDS_HUMAN
    assert not last.is_old_disabled


async def test_other_credentials_that_cannot_be_listed_keep_no_rotation_open() -> None:
    world = RotationWorld()
    replica = RotationReplica(world)
    await replica.rotated()
    world.issuer.faults.order("remaining", DOWN, times=FOREVER)
    await replica.pass_time(2 * DAY)

    rotation = await replica.rotation()
    note = rotation.records[-1].note

    assert rotation.state is RotationState.ROTATED
    assert note
    assert "which other credentials are valid couldn't be read" in sentence_of(note)


async def _deleted() -> tuple[SlotWorld, RotationReplica]:
    """Delete the secret during the overlap, and let the retirement stop at that."""
    world = SlotWorld()
    replica = RotationReplica(world)
    await replica.rotated()
    world.versions.forget_all()
    await replica.pass_time(DAY + HOUR)
    return world, replica


async def test_the_old_version_of_a_deleted_secret_is_not_called_disabled() -> None:
    _, replica = await _deleted()

    await replica.rotations.retry(ADA, "rot-one")
    await replica.settle()

    rotation = await replica.rotation()
    announced = await _announced(replica, rotation, "rotated")
    assert rotation.state is RotationState.ROTATED
    assert "the secret was deleted, so the old version couldn't be disabled" in announced
    assert "the old version is disabled" not in announced


async def test_nor_is_it_if_its_credential_is_left() -> None:
    world, replica = await _deleted()
    world.keys.faults.order("regenerate", DOWN, times=FOREVER)

    await replica.rotations.retry(ADA, "rot-one")
    await replica.pass_time(DAY)

    rotation = await replica.rotation()
    assert rotation.state is RotationState.NEEDS_HUMAN
    assert "The old version is disabled" not in whole_text(rotation_card(rotation, buttons=False))
