"""The rotation that follows a grant: the secret that somebody could read is of no use any more."""

from contextlib import suppress
from dataclasses import replace
from typing import Any

import pytest

from domain.access import RequestState
from domain.refusals import RotationNoLongerPending
from domain.rotation import Cause, Rotation, RotationState
from services.agenda import CLAIM
from services.rotation.schedules import derived_rotation_id
from tests.support.builders import BO, DANA, EVE, HOUR, MINUTE, SECOND
from tests.support.crashing_table import Crash, Killed, When
from tests.support.rotation_builders import DAY, LITERAL, ROTATED, a_rotation_policy
from tests.support.rotation_house import RotationHouse
from tests.support.rotation_world import RotationWorld

pytestmark = pytest.mark.usefixtures("few_shards")

HEALTH = "https://checkout.example/health"
BOTH = ("req-one", "req-two")
FOLLOWING = derived_rotation_id("req-one", ROTATED)


def _world(**changes: Any) -> RotationWorld:
    return RotationWorld(a_rotation_policy(after_grant=True, overlap=HOUR, **changes))


async def _give(house: RotationHouse, **draft: Any) -> None:
    await house.give(**({"secret": ROTATED} | draft))


async def _found(house: RotationHouse, rotation_id: str = FOLLOWING) -> Rotation:
    return await house.rotation(rotation_id)


async def test_a_rotation_follows_the_end_of_a_grant_and_says_whose() -> None:
    world = _world()
    house = RotationHouse(world)
    await _give(house)
    during = await house.rotations.find(FOLLOWING)

    await house.pass_time(HOUR)

    rotation = await _found(house)
    assert during is None
    assert RotationState.OVERLAPPING is rotation.state
    assert (rotation.trigger.cause, rotation.trigger.actor) == (Cause.GRANT_ENDED, None)
    assert rotation.trigger.detail == f"req-one of {DANA.name}"
    assert RequestState.REVOKED is (await house.request()).state


async def test_nothing_follows_where_the_policy_does_not_ask_for_it() -> None:
    world = _world()
    world.rotate_by(a_rotation_policy())
    house = RotationHouse(world)
    await _give(house)

    await house.pass_time(2 * HOUR)

    assert await house.rotations.find(FOLLOWING) is None


async def test_nothing_follows_a_request_that_came_to_nothing() -> None:
    house = RotationHouse(_world())
    await house.ask(secret=ROTATED)
    await house.deny()

    await house.pass_time(2 * HOUR)

    assert await house.rotations.find(FOLLOWING) is None


async def test_a_secret_that_is_rotated_no_more_is_not_rotated_after_a_grant() -> None:
    world = _world()
    await _give(RotationHouse(world))
    world.rotate_by()

    house = RotationHouse(world)
    await house.pass_time(2 * HOUR)

    assert await house.rotations.find(FOLLOWING) is None
    assert RequestState.REVOKED is (await house.request()).state


async def test_each_of_two_grants_is_followed_by_a_rotation_of_its_own() -> None:
    world = _world()
    house = RotationHouse(world)
    await _give(house)
    await _give(house, actor=EVE, request_id="req-two", window=3 * HOUR)

    await house.pass_time(DAY)

    rotations = [await _found(house, derived_rotation_id(one, ROTATED)) for one in BOTH]
    assert [rotation.state for rotation in rotations] == [RotationState.ROTATED] * 2
    assert len(world.azure().versions) == 3


async def test_while_another_rotation_is_in_the_way_the_grant_ends_all_the_same(
    caplog: pytest.LogCaptureFixture,
) -> None:
    house = RotationHouse(_world(second_admin=True))
    await _give(house)
    await house.rotate("rot-manual")

    await house.pass_time(2 * HOUR)

    assert RotationState.PENDING is (await house.rotation("rot-manual")).state
    assert await house.rotations.find(FOLLOWING) is None
    assert RequestState.REVOKED is (await house.request()).state
    assert "rot-manual" in caplog.text


@pytest.mark.parametrize("ends", [RotationState.DENIED, RotationState.LAPSED])
async def test_it_follows_once_what_was_in_the_way_has_come_to_nothing(
    ends: RotationState,
) -> None:
    world = _world(second_admin=True)
    house = RotationHouse(world)
    await _give(house)
    await house.rotate("rot-manual")
    await house.pass_time(2 * HOUR)

    if ends is RotationState.DENIED:
        await house.rotations.deny(BO, "rot-manual")
    await house.pass_time(DAY)

    assert ends is (await house.rotation("rot-manual")).state
    assert RotationState.ROTATED is (await _found(house)).state
    assert (await _found(house)).trigger.detail == f"req-one of {DANA.name}"
    assert [is_enabled for _, is_enabled in world.azure().versions] == [False, True]
    assert await world.queued() == []


async def _end_while_rotating(house: RotationHouse) -> None:
    """Let a grant end while a rotation that began before it waits for its app to be well."""
    house.world.health.sick.add(HEALTH)
    await house.pass_time(HOUR - MINUTE)
    await house.rotate("rot-manual")
    await house.pass_time(90 * SECOND)
    house.world.health.sick.clear()


async def test_it_follows_a_rotation_that_began_before_the_grant_had_ended() -> None:
    world = _world(dependents=(replace(LITERAL, health_url=HEALTH),))
    house = RotationHouse(world)
    await _give(house)
    await _end_while_rotating(house)
    owed = await house.rotations.find(FOLLOWING)

    await house.pass_time(DAY)

    assert owed is None
    assert RotationState.ROTATED is (await house.rotation("rot-manual")).state
    assert RotationState.ROTATED is (await _found(house)).state
    assert len(world.azure().versions) == 3


async def _two_owed(**changes: Any) -> RotationHouse:
    """Let two grants end while a rotation waits for a consent, which is refused afterwards."""
    house = RotationHouse(_world(second_admin=True, **changes))
    await _give(house)
    await _give(house, actor=EVE, request_id="req-two", window=HOUR + 10 * MINUTE)
    await house.rotate("rot-manual")
    await house.pass_time(2 * HOUR)
    await house.rotations.deny(BO, "rot-manual")
    return house


async def _after_both(house: RotationHouse) -> list[RotationState]:
    """Return how the rotations ended that began after the two grants."""
    ids = [derived_rotation_id(one, ROTATED) for one in BOTH]
    return [one.state for each in ids if (one := await house.rotations.find(each))]


async def test_a_rotation_that_began_after_both_grants_had_ended_serves_both() -> None:
    house = await _two_owed()

    await house.pass_time(DAY)

    assert await _after_both(house) == [RotationState.ROTATED]
    assert len(house.world.azure().versions) == 2
    assert await house.world.queued() == []


async def test_a_rotation_that_was_rolled_back_serves_nobody() -> None:
    house = await _two_owed(dependents=(replace(LITERAL, health_url=HEALTH),))
    house.world.health.sick.add(HEALTH)
    house.world.when("undo verify", house.world.mend)

    await house.pass_time(DAY)

    assert sorted(await _after_both(house)) == [RotationState.ROLLED_BACK, RotationState.ROTATED]
    assert await house.world.queued() == []


async def test_nothing_is_owed_to_a_secret_that_is_rotated_no_more() -> None:
    world = _world(second_admin=True)
    house = RotationHouse(world)
    await _give(house)
    await house.rotate("rot-manual")
    await house.pass_time(2 * HOUR)
    world.rotate_by()

    later = RotationHouse(world)
    await later.pass_time(DAY)

    assert await later.rotations.find(FOLLOWING) is None
    assert await world.queued() == []


@pytest.mark.parametrize("when", list(When))
async def test_what_is_owed_is_not_lost_wherever_the_process_dies(when: When) -> None:
    whole = Crash()
    await _owe(whole)

    assert whole.points > 40
    for point in range(1, whole.points + 1):
        await _require_followed(await _owe(Crash(point, when)), f"died {when.name} point {point}")


async def _require_followed(world: RotationWorld, died: str) -> None:
    """Require that the grant has ended, and that one rotation came after it."""
    house = RotationHouse(world)
    assert RequestState.REVOKED is (await house.request()).state, died
    assert RotationState.ROTATED is (await _found(house)).state, died
    assert [is_on for _, is_on in world.azure().versions] == [False, True], died
    assert await world.queued() == [], died


async def _owe(crash: Crash) -> RotationWorld:
    """Let a grant end while a rotation waits for a consent, which is refused then."""
    world = _world(second_admin=True)
    await _give(RotationHouse(world))
    await _rotate_by_hand(RotationHouse(world))
    house = RotationHouse(world, crash)
    for step in (_let_it_be_owed, _refuse, _let_it_end):
        try:
            await step(house)
        except Killed:
            world.clock.advance(CLAIM)
            house = RotationHouse(world)
            await step(house)
    return world


async def _rotate_by_hand(house: RotationHouse) -> None:
    await house.rotate("rot-manual")


async def _let_it_be_owed(house: RotationHouse) -> None:
    await house.pass_time(HOUR + 15 * SECOND)


async def _refuse(house: RotationHouse) -> None:
    # Whoever was left without an answer may find that it worked.
    with suppress(RotationNoLongerPending):
        await house.rotations.deny(BO, "rot-manual")


@pytest.mark.parametrize("when", list(When))
async def test_it_is_begun_once_wherever_the_process_dies(when: When) -> None:
    whole = Crash()
    await _live(whole)

    assert whole.points > 20
    for point in range(1, whole.points + 1):
        await _require_followed(await _live(Crash(point, when)), f"died {when.name} point {point}")


async def _live(crash: Crash) -> RotationWorld:
    """Let access end, with the rotation after it; the first process dies."""
    world = _world()
    await _give(RotationHouse(world))
    house = RotationHouse(world, crash)
    try:
        await _let_it_end(house)
    except Killed:
        world.clock.advance(CLAIM)
        await _let_it_end(RotationHouse(world))
    return world


async def _let_it_end(house: RotationHouse) -> None:
    await house.pass_time(3 * HOUR)
