"""Crash everywhere: wherever a process dies, a secret ends up fully rotated or fully rolled back.

Each life is told as steps. A run dies before or after its n-th write or effect; then somebody
starts Latchkey again, whoever was left without an answer repeats their step, and life goes on.
"""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass, replace

import pytest

from domain.rotation import RotationState
from services.agenda import CLAIM
from tests.services.rotation.endings import require_ended
from tests.support.builders import HOUR
from tests.support.crashing_table import Crash, Killed, When
from tests.support.rotation_builders import (
    LITERAL,
    a_rotation_policy,
)
from tests.support.rotation_house import DEPENDENTS, RotationHouse, RotationWorld

Step = Callable[[RotationHouse], Awaitable[object]]

HEALTH = "https://checkout.example/health"
CHECKED = replace(LITERAL, health_url=HEALTH)
POLICY = a_rotation_policy(dependents=(CHECKED, *DEPENDENTS[1:]), overlap=HOUR)


async def _settle(house: RotationHouse) -> None:
    await house.settle()


async def _let_it_end(house: RotationHouse) -> None:
    await house.pass_time(2 * HOUR)


def _well(world: RotationWorld) -> None:
    """Leave everything as it is."""


def _sick(world: RotationWorld) -> None:
    world.health.sick.add(HEALTH)


@dataclass(frozen=True, slots=True)
class Life:
    """What happens to a secret, in a world that was prepared for it."""

    steps: tuple[Step, ...]
    ends: RotationState
    prepare: Callable[[RotationWorld], None] = _well
    rotation: str = "rot-one"


LIVES = {
    "rotated": Life((RotationHouse.rotate, _settle, _let_it_end), RotationState.ROTATED),
    "rolled back": Life(
        (RotationHouse.rotate, _settle, _let_it_end), RotationState.ROLLED_BACK, _sick
    ),
}


async def _live(life: Life, crash: Crash) -> RotationWorld:
    """Live a life in which the first process dies."""
    world = RotationWorld(POLICY)
    life.prepare(world)
    house = RotationHouse(world, crash)
    for step in life.steps:
        try:
            await step(house)
        except Killed:
            world.clock.advance(CLAIM)
            house = RotationHouse(world)
            await step(house)
    return world


@dataclass(frozen=True, slots=True)
class Ending:
    """What a crash must not change, besides vault and apps."""

    state: RotationState
    events: list[str]
    queued: list[str]
    told: set[str]


async def _ending(life: Life, world: RotationWorld) -> Ending:
    house = RotationHouse(world)
    return Ending(
        state=(await house.rotation(life.rotation)).state,
        events=await house.event_kinds(life.rotation),
        queued=await world.queued(),
        told=set(world.courier.audited()),
    )


@pytest.mark.parametrize("name", LIVES)
async def test_a_life_without_a_crash_ends_tidily(name: str) -> None:
    life = LIVES[name]
    before = RotationWorld(POLICY).azure()

    world = await _live(life, Crash())

    ending = await _ending(life, world)
    assert life.ends is ending.state
    assert ending.queued == []
    await require_ended(RotationHouse(world), before)


@pytest.mark.parametrize("when", list(When))
@pytest.mark.parametrize("name", LIVES)
async def test_wherever_the_process_dies_the_end_is_the_same(name: str, when: When) -> None:
    life = LIVES[name]
    before = RotationWorld(POLICY).azure()
    whole = Crash()
    expected = await _ending(life, await _live(life, whole))

    assert whole.points > 40
    for point in range(1, whole.points + 1):
        world = await _live(life, Crash(point, when))
        assert expected == await _ending(life, world), f"died {when.name} point {point}"
        await require_ended(RotationHouse(world), before)
