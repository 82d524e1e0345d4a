"""The rotation that follows a grant: the secret that somebody could read is of no use any more."""

from typing import Any

import pytest

from domain.access import RequestState
from domain.rotation import Cause, Rotation, RotationState
from services.agenda import CLAIM
from services.rotation.schedules import derived_rotation_id
from tests.support.builders import DANA, EVE, HOUR
from tests.support.crashing_table import Crash, Killed, When
from tests.support.rotation_builders import DAY, ROTATED, a_rotation_policy
from tests.support.rotation_house import RotationHouse
from tests.support.rotation_world import RotationWorld

FOLLOWING = derived_rotation_id("req-one")


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

    rotations = [await _found(house, derived_rotation_id(one)) for one in ("req-one", "req-two")]
    assert [rotation.state for rotation in rotations] == [RotationState.ROTATED] * 2
    assert len(world.azure().versions) == 3


async def test_while_another_rotation_runs_none_follows_and_the_grant_ends_all_the_same(
    caplog: pytest.LogCaptureFixture,
) -> None:
    world = _world(second_admin=True)
    house = RotationHouse(world)
    await _give(house)
    await house.rotate("rot-manual")

    await house.pass_time(2 * HOUR)

    assert RotationState.PENDING is (await house.rotation("rot-manual")).state
    assert await house.rotations.find(FOLLOWING) is None
    assert RequestState.REVOKED is (await house.request()).state
    assert "rot-manual" in caplog.text


@pytest.mark.parametrize("when", list(When))
async def test_it_is_begun_once_wherever_the_process_dies(when: When) -> None:
    whole = Crash()
    await _live(whole)

    assert whole.points > 40
    for point in range(1, whole.points + 1):
        world = await _live(Crash(point, when))
        house = RotationHouse(world)
        died = f"died {when.name} point {point}"
        assert RequestState.REVOKED is (await house.request()).state, died
        assert RotationState.ROTATED is (await _found(house)).state, died
        assert [is_on for _, is_on in world.azure().versions] == [False, True], died
        assert await world.queued() == [], died


async def _live(crash: Crash) -> RotationWorld:
    """Give access and let it end, with the rotation after it; the first process dies."""
    world = _world()
    house = RotationHouse(world, crash)
    for step in (_ask, RotationHouse.approve, _let_it_end):
        try:
            await step(house)
        except Killed:
            world.clock.advance(CLAIM)
            house = RotationHouse(world)
            await step(house)
    return world


async def _ask(house: RotationHouse) -> None:
    await house.ask(secret=ROTATED)


async def _let_it_end(house: RotationHouse) -> None:
    await house.pass_time(3 * HOUR)
