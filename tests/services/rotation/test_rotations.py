"""Starting rotations: one at a time per secret, and each ID once."""

import asyncio
from collections.abc import Sequence

import pytest

from domain.refusals.rotations import (
    NothingToRetry,
    NotRotatable,
    RotationUnderWay,
    UnknownRotation,
)
from domain.rotation.rotation import Rotation, RotationState
from domain.workflow import Change
from services.faults import Unavailable
from services.storage.table import Operation
from services.workflow.workflows import Stored
from tests.services.rotation.endings import require_rotated
from tests.support.builders import ADA, HOUR
from tests.support.refusing import refusing, words_of
from tests.support.rotation.builders import BY_SCHEDULE, ROTATED
from tests.support.rotation.fakes import FOREVER
from tests.support.rotation.replica import RotationReplica
from tests.support.rotation.world import RotationWorld
from tests.support.tables.crashing_table import Crash, Killed, When

DOWN = Unavailable("Azure", "503")


async def test_a_secret_without_a_rotation_policy_is_refused() -> None:
    replica = RotationReplica(RotationWorld())

    with pytest.raises(NotRotatable):
        await replica.rotate(secret="root-password")


async def test_a_second_rotation_is_refused_with_the_running_ones_id() -> None:
    world = RotationWorld()
    replica = RotationReplica(world)
    await replica.rotate("rot-one")

    with refusing(RotationUnderWay, saying="rot-one"):
        await replica.rotate("rot-two", secret=ROTATED.upper())

    assert await replica.rotations.find("rot-two") is None


async def test_starting_the_same_rotation_again_returns_the_existing_one() -> None:
    world = RotationWorld()
    replica = RotationReplica(world)
    before = world.azure()
    await replica.rotated()

    again = await replica.rotate("rot-one", BY_SCHEDULE)
    await replica.settle()

    assert again.state is RotationState.OVERLAPPING
    assert again.trigger.actor == ADA
    require_rotated(world, before)


async def test_starting_a_finished_rotation_again_does_not_take_the_lock_of_another() -> None:
    world = RotationWorld()
    replica = RotationReplica(world)
    await replica.rotated("rot-one")
    await replica.rotated("rot-two")

    again = await replica.rotate("rot-one")

    policy = replica.rotations.policy_of(ROTATED)
    last = await replica.rotations.last_of(policy)
    assert again.id == "rot-one"
    assert last is not None
    assert last.id == "rot-two"


async def test_starting_the_same_rotation_again_while_another_runs_starts_nothing() -> None:
    world = RotationWorld()
    replica = RotationReplica(world)
    await replica.rotated("rot-one")
    await replica.rotate("rot-two")

    again = await replica.rotate("rot-one")

    assert again.id == "rot-one"


async def test_a_rotation_that_never_started_blocks_nothing() -> None:
    world = RotationWorld()
    with pytest.raises(Killed):
        await RotationReplica(world, Crash(1, When.AFTER)).rotate("rot-dead")

    rotation = await RotationReplica(world).rotated("rot-two")

    assert rotation.state is RotationState.OVERLAPPING


async def test_a_rotation_that_needs_a_human_holds_its_secret_until_it_is_over() -> None:
    world = RotationWorld()
    replica = RotationReplica(world)
    world.versions.faults.order("write", DOWN, times=FOREVER)
    world.issuer.faults.order("withdraw", DOWN, times=FOREVER)
    helpless = await replica.rotated()

    with refusing(RotationUnderWay, saying="rot-one"):
        await replica.rotate("rot-two")
    world.mend()
    await replica.rotations.retry(ADA, "rot-one")
    await replica.settle()
    second = await replica.rotated("rot-two")

    assert helpless.state is RotationState.NEEDS_HUMAN
    assert second.state is RotationState.OVERLAPPING


async def test_one_of_many_rotations_started_at_once_runs() -> None:
    world = RotationWorld()
    replicas = [RotationReplica(world) for _ in range(5)]
    before = world.azure()

    begun = await asyncio.gather(
        *(replica.rotate(f"rot-{number}") for number, replica in enumerate(replicas)),
        return_exceptions=True,
    )
    for replica in replicas:
        await replica.pass_time(HOUR)

    assert {Rotation, RotationUnderWay} >= {type(one) for one in begun}
    require_rotated(world, before)


async def test_a_replica_that_pauses_between_lock_and_start_does_not_rotate_alongside_another(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    world = RotationWorld()
    before = world.azure()
    slow, quick = RotationReplica(world), RotationReplica(world)
    begin = slow.engine.open

    async def begin_late(change: Change[Rotation], beside: Sequence[Operation]) -> Stored[Rotation]:
        await quick.rotate("rot-quick")
        return await begin(change, beside)

    monkeypatch.setattr(slow.engine, "open", begin_late)

    await slow.rotate("rot-slow")
    await asyncio.gather(slow.settle(), quick.settle())
    rotations = [await quick.rotation("rot-quick"), await quick.rotation("rot-slow")]

    assert [one.state for one in rotations] == [
        RotationState.OVERLAPPING,
        RotationState.ROLLED_BACK,
    ]
    assert "rot-quick" in words_of(rotations[1].failure)
    require_rotated(world, before)


async def test_only_a_rotation_that_needs_a_human_can_be_retried() -> None:
    replica = RotationReplica(RotationWorld())
    await replica.rotate()

    with pytest.raises(NothingToRetry):
        await replica.rotations.retry(ADA, "rot-one")
    with pytest.raises(UnknownRotation):
        await replica.rotations.retry(ADA, "rot-none")
