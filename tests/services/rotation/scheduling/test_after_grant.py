"""The rotation after a grant: the value that the grantee could read is no longer valid."""

from contextlib import suppress
from dataclasses import replace
from datetime import datetime
from typing import Any

import pytest

from domain.access.reads import OUTLIVES
from domain.access.request import AccessEvent, RequestState
from domain.refusals.rotations import RotationNoLongerPending
from domain.rotation.rotation import Cause, Rotation, RotationState, Step
from services.rotation.scheduling.schedules import derived_rotation_id
from services.workflow.due.agenda import CLAIM
from tests.support.builders import BO, EVE, HOUR, MINUTE, SECOND
from tests.support.processes import crashing_steps
from tests.support.rotation.builders import DAY, LITERAL, ROTATED, a_rotation_policy
from tests.support.rotation.replica import RotationReplica
from tests.support.rotation.world import RotationWorld
from tests.support.tables.crashing_table import EITHER, Crash, Killed, When

pytestmark = pytest.mark.usefixtures("few_shards")

HEALTH = "https://checkout.example/health"
BOTH = ("req-one", "req-two")
FOLLOWING = derived_rotation_id("req-one", ROTATED)


def _world(**changes: Any) -> RotationWorld:
    """Build a world in which rotations wait for ten minutes after a grant."""
    usual = {"after_grant": True, "wait_after_grant": OUTLIVES, "overlap": HOUR}
    return RotationWorld(a_rotation_policy(**(usual | changes)))


async def _give(replica: RotationReplica, **draft: Any) -> None:
    await replica.give(**({"secret": ROTATED} | draft))


async def _found(replica: RotationReplica, rotation_id: str = FOLLOWING) -> Rotation:
    return await replica.rotation(rotation_id)


async def test_a_rotation_follows_the_end_of_a_grant_and_names_the_grant() -> None:
    world = _world()
    replica = RotationReplica(world)
    await _give(replica)
    during = await replica.rotations.find(FOLLOWING)

    await replica.pass_time(HOUR + 30 * MINUTE)

    rotation = await _found(replica)
    assert during is None
    assert rotation.state is RotationState.OVERLAPPING
    assert (rotation.trigger.cause, rotation.trigger.actor) == (Cause.GRANT_ENDED, None)
    assert rotation.trigger.detail == "req-one"
    assert (await replica.request()).state is RequestState.REVOKED


async def _revoked_at(replica: RotationReplica) -> datetime:
    [revoked] = [one for one in await replica.events("req-one") if one.kind == AccessEvent.REVOKED]
    return revoked.at


async def test_no_new_value_is_issued_while_the_ended_access_may_still_work() -> None:
    replica = RotationReplica(_world())
    await _give(replica)

    await replica.pass_time(2 * HOUR)

    issued = (await _found(replica)).record_of(Step.ISSUE)
    assert issued is not None
    assert issued.at >= await _revoked_at(replica) + OUTLIVES


async def test_a_rotation_while_the_ended_access_may_still_work_does_not_replace_it() -> None:
    replica = RotationReplica(_world())
    await _give(replica)
    await replica.pass_time(HOUR + MINUTE)
    await replica.rotate("rot-manual")
    await replica.settle()
    in_between = await replica.rotation("rot-manual")

    await replica.pass_time(DAY)

    assert in_between.rotated_at is not None
    assert in_between.rotated_at < await _revoked_at(replica) + OUTLIVES
    assert (await _found(replica)).state is RotationState.ROTATED


async def test_a_rotation_since_it_was_due_counts_even_if_a_later_one_is_denied() -> None:
    replica = RotationReplica(_world(second_admin=True))
    await _give(replica)
    await replica.rotate("rot-manual")
    await replica.pass_time(2 * HOUR)
    await replica.rotations.approve(BO, "rot-manual")
    await replica.settle()
    await replica.rotate("rot-later")
    await replica.rotations.deny(BO, "rot-later")

    await replica.pass_time(DAY)

    assert await replica.rotations.find(FOLLOWING) is None
    assert (await replica.rotation("rot-manual")).state is RotationState.ROTATED
    assert await replica.world.queued() == []


async def test_no_rotation_follows_if_the_policy_does_not_ask_for_it() -> None:
    world = _world()
    world.rotate_by(a_rotation_policy())
    replica = RotationReplica(world)
    await _give(replica)

    await replica.pass_time(2 * HOUR)

    assert await replica.rotations.find(FOLLOWING) is None


async def test_no_rotation_follows_a_request_that_was_not_granted() -> None:
    replica = RotationReplica(_world())
    await replica.ask(secret=ROTATED)
    await replica.deny()

    await replica.pass_time(2 * HOUR)

    assert await replica.rotations.find(FOLLOWING) is None


async def test_a_secret_that_is_no_longer_rotated_is_not_rotated_after_a_grant() -> None:
    world = _world()
    await _give(RotationReplica(world))
    world.rotate_by()

    replica = RotationReplica(world)
    await replica.pass_time(2 * HOUR)

    assert await replica.rotations.find(FOLLOWING) is None
    assert (await replica.request()).state is RequestState.REVOKED


async def test_each_of_two_grants_is_followed_by_its_own_rotation() -> None:
    world = _world()
    replica = RotationReplica(world)
    await _give(replica)
    await _give(replica, actor=EVE, request_id="req-two", window=3 * HOUR)

    await replica.pass_time(DAY)

    rotations = [await _found(replica, derived_rotation_id(one, ROTATED)) for one in BOTH]
    assert [rotation.state for rotation in rotations] == [RotationState.ROTATED] * 2
    assert len(world.azure().versions) == 3


async def _pass_time_without_rules(world: RotationWorld) -> None:
    """Let two hours pass while nobody can say which rules are accepted, so nothing is in force."""
    known = world.policies.in_force
    world.policies.put_in_force(replace(known, rules=(), stand_in=True))
    await RotationReplica(world).pass_time(2 * HOUR)
    world.policies.put_in_force(known)


async def test_a_grant_that_ends_while_no_rules_are_in_force_is_followed_by_a_rotation() -> None:
    world = _world()
    await _give(RotationReplica(world))
    await _pass_time_without_rules(world)
    replica = RotationReplica(world)
    meanwhile = await replica.rotations.find(FOLLOWING)

    await replica.pass_time(DAY)

    assert meanwhile is None
    assert (await _found(replica)).state is RotationState.ROTATED
    assert await world.queued() == []


async def test_a_rotation_stays_owed_while_no_rules_are_in_force() -> None:
    world = _world(second_admin=True)
    replica = RotationReplica(world)
    await _give(replica)
    await replica.rotate("rot-manual")
    await replica.pass_time(2 * HOUR)
    await _pass_time_without_rules(world)
    replica = RotationReplica(world)
    await replica.rotations.deny(BO, "rot-manual")

    await replica.pass_time(DAY)

    assert (await _found(replica)).state is RotationState.ROTATED


async def test_a_replica_with_older_rules_leaves_the_rotation_to_one_with_the_newest() -> None:
    world = _world()
    await _give(RotationReplica(world))
    newest = list(world.policies.rotated())
    world.rotate_by()
    older = RotationReplica(world)
    world.clock.advance(HOUR)
    world.rotate_by(*newest)
    newer = RotationReplica(world)
    await newer.schedules.sync()
    await older.pass_time(20 * MINUTE)
    left = await newer.rotations.find(FOLLOWING)

    await newer.pass_time(DAY)

    assert left is None
    assert (await _found(newer)).state is RotationState.ROTATED


async def test_the_grant_ends_even_while_another_rotation_blocks_the_next(
    caplog: pytest.LogCaptureFixture,
) -> None:
    replica = RotationReplica(_world(second_admin=True))
    await _give(replica)
    await replica.rotate("rot-manual")

    await replica.pass_time(2 * HOUR)

    assert (await replica.rotation("rot-manual")).state is RotationState.PENDING
    assert await replica.rotations.find(FOLLOWING) is None
    assert (await replica.request()).state is RequestState.REVOKED
    assert "rot-manual" in caplog.text


@pytest.mark.parametrize("ends", [RotationState.DENIED, RotationState.LAPSED])
async def test_it_follows_once_the_blocking_rotation_is_denied_or_expires(
    ends: RotationState,
) -> None:
    world = _world(second_admin=True)
    replica = RotationReplica(world)
    await _give(replica)
    await replica.rotate("rot-manual")
    await replica.pass_time(2 * HOUR)

    if ends is RotationState.DENIED:
        await replica.rotations.deny(BO, "rot-manual")
    await replica.pass_time(DAY)

    assert (await replica.rotation("rot-manual")).state is ends
    assert (await _found(replica)).state is RotationState.ROTATED
    assert (await _found(replica)).trigger.detail == "req-one"
    assert [is_enabled for _, is_enabled in world.azure().versions] == [False, True]
    assert await world.queued() == []


async def _end_while_rotating(replica: RotationReplica) -> None:
    """End a grant while a rotation that started before it waits for its app to be healthy."""
    replica.world.health.sick.add(HEALTH)
    await replica.pass_time(HOUR - MINUTE)
    await replica.rotate("rot-manual")
    await replica.pass_time(90 * SECOND)
    replica.world.health.sick.clear()


async def test_it_follows_a_rotation_that_started_before_the_grant_ended() -> None:
    world = _world(dependents=(replace(LITERAL, health_url=HEALTH),))
    replica = RotationReplica(world)
    await _give(replica)
    await _end_while_rotating(replica)
    owed = await replica.rotations.find(FOLLOWING)

    await replica.pass_time(DAY)

    assert owed is None
    assert (await replica.rotation("rot-manual")).state is RotationState.ROTATED
    assert (await _found(replica)).state is RotationState.ROTATED
    assert len(world.azure().versions) == 3


async def _two_owed(**changes: Any) -> RotationReplica:
    """End two grants while a rotation waits for approval, which is denied afterwards."""
    replica = RotationReplica(_world(second_admin=True, **changes))
    await _give(replica)
    await _give(replica, actor=EVE, request_id="req-two", window=HOUR + 10 * MINUTE)
    await replica.rotate("rot-manual")
    await replica.pass_time(2 * HOUR)
    await replica.rotations.deny(BO, "rot-manual")
    return replica


async def _after_both(replica: RotationReplica) -> list[RotationState]:
    """Return how the rotations after the two grants ended."""
    ids = [derived_rotation_id(one, ROTATED) for one in BOTH]
    return [one.state for each in ids if (one := await replica.rotations.find(each))]


async def test_a_rotation_that_started_after_both_grants_ended_covers_both() -> None:
    replica = await _two_owed()

    await replica.pass_time(DAY)

    assert await _after_both(replica) == [RotationState.ROTATED]
    assert len(replica.world.azure().versions) == 2
    assert await replica.world.queued() == []


async def test_a_rotation_that_was_rolled_back_covers_no_grant() -> None:
    replica = await _two_owed(dependents=(replace(LITERAL, health_url=HEALTH),))
    replica.world.health.sick.add(HEALTH)
    replica.world.when("undo verify", replica.world.mend)

    await replica.pass_time(DAY)

    assert sorted(await _after_both(replica)) == [RotationState.ROLLED_BACK, RotationState.ROTATED]
    assert await replica.world.queued() == []


async def test_nothing_is_owed_for_a_secret_that_is_no_longer_rotated() -> None:
    world = _world(second_admin=True)
    replica = RotationReplica(world)
    await _give(replica)
    await replica.rotate("rot-manual")
    await replica.pass_time(2 * HOUR)
    world.rotate_by()

    later = RotationReplica(world)
    await later.pass_time(DAY)

    assert await later.rotations.find(FOLLOWING) is None
    assert await world.queued() == []


@pytest.mark.parametrize("when", EITHER)
async def test_an_owed_rotation_is_not_lost_wherever_the_process_dies(when: When) -> None:
    whole = Crash()
    await _owe(whole)

    assert whole.points > 40
    for point in range(1, whole.points + 1):
        await _require_followed(await _owe(Crash(point, when)), f"died {when.name} point {point}")


async def _require_followed(world: RotationWorld, died: str) -> None:
    """Require that the grant has ended, and that one rotation came after it."""
    replica = RotationReplica(world)
    assert (await replica.request()).state is RequestState.REVOKED, died
    assert (await _found(replica)).state is RotationState.ROTATED, died
    assert [is_on for _, is_on in world.azure().versions] == [False, True], died
    assert await world.queued() == [], died


async def _owe(crash: Crash) -> RotationWorld:
    """End a grant while a rotation waits for approval, which is then denied."""
    world = _world(second_admin=True)
    await _give(RotationReplica(world))
    await _rotate_by_hand(RotationReplica(world))
    await crashing_steps.take(
        (_let_it_be_owed, _refuse, _let_it_end),
        RotationReplica(world, crash),
        lambda: RotationReplica(world),
        world.clock,
    )
    return world


async def _rotate_by_hand(replica: RotationReplica) -> None:
    await replica.rotate("rot-manual")


async def _let_it_be_owed(replica: RotationReplica) -> None:
    await replica.pass_time(HOUR + OUTLIVES + 15 * SECOND)


async def _refuse(replica: RotationReplica) -> None:
    # A person who got no answer may find that their step worked.
    with suppress(RotationNoLongerPending):
        await replica.rotations.deny(BO, "rot-manual")


@pytest.mark.parametrize("when", EITHER)
async def test_it_starts_once_wherever_the_process_dies(when: When) -> None:
    whole = Crash()
    await _live(whole)

    assert whole.points > 20
    for point in range(1, whole.points + 1):
        await _require_followed(await _live(Crash(point, when)), f"died {when.name} point {point}")


async def _live(crash: Crash) -> RotationWorld:
    """End access, with the rotation after it; the first process dies."""
    world = _world()
    await _give(RotationReplica(world))
    replica = RotationReplica(world, crash)
    try:
        await _let_it_end(replica)
    except Killed:
        world.clock.advance(CLAIM)
        await _let_it_end(RotationReplica(world))
    return world


async def _let_it_end(replica: RotationReplica) -> None:
    await replica.pass_time(3 * HOUR)
