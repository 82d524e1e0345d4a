"""The table of faults, with effects that land later than their error: each change of each step.

A change gets no answer, once or five times in a row, and is carried out 5, 20 or 70 seconds later.
Hours afterwards vault and apps are byte for byte what the state says.
"""

from dataclasses import dataclass, replace
from datetime import timedelta

import pytest

from domain.rotation import RotationState
from tests.services.rotation.endings import (
    require_resolved,
    require_rolled_back,
    require_rotated,
)
from tests.support.builders import ADA, HOUR, SECOND
from tests.support.late_fakes import LateAppSettings, Lateness, LateSecretVersions
from tests.support.rotation_builders import BILLING, CHECKOUT, DAY, LITERAL, STAGING
from tests.support.rotation_builders import a_rotation_policy as a_policy
from tests.support.rotation_house import RotationHouse
from tests.support.rotation_world import DEPENDENTS, RotationWorld

HEALTH = "https://checkout.example/health"
LANDS = pytest.mark.parametrize(
    "after", [5 * SECOND, 20 * SECOND, 70 * SECOND], ids=["5 s", "20 s", "70 s"]
)
OFTEN = pytest.mark.parametrize("times", [1, 5], ids=["once", "five times"])


@dataclass(frozen=True, slots=True)
class Place:
    """Where something lands late: the next changes of this name, from the beginning of a step."""

    step: str
    operation: str

    def __str__(self) -> str:
        return f"{self.step}: {self.operation}"


FORWARD = [
    Place("perform write", "write"),
    Place("perform propagate", "replace"),
    Place("perform propagate", "refresh"),
]
BACK = [
    Place("undo propagate", "write"),
    Place("undo propagate", "replace"),
    Place("undo propagate", "refresh"),
    Place("undo write", "disable"),
]


class LateWorld(RotationWorld):
    """A world whose vault and apps may carry changes out late."""

    def __init__(self) -> None:
        checked = replace(LITERAL, health_url=HEALTH)
        super().__init__(a_policy(dependents=(checked, *DEPENDENTS[1:])))
        self.late = Lateness(self.clock)
        versions = LateSecretVersions(self.clock, self.late)
        versions.adopt(self.versions)
        apps = LateAppSettings(versions, self.late)
        for app in (CHECKOUT, STAGING, BILLING):
            apps.add(app, self.apps.contents(app))
        self.versions, self.apps = versions, apps

    def land_late(self, place: Place, after: timedelta, times: int) -> None:
        self.when(place.step, lambda: self.late.order(place.operation, after, times=times))


async def _end(house: RotationHouse) -> RotationState:
    """Let hours pass; an admin retries what needs a human, once nothing is under way any more."""
    await house.pass_time(3 * HOUR)
    if (await house.rotation()).state is RotationState.NEEDS_HUMAN:
        await house.rotations.retry(ADA, "rot-one")
        await house.pass_time(3 * HOUR)
    return (await house.rotation()).state


@OFTEN
@LANDS
@pytest.mark.parametrize("place", FORWARD, ids=str)
async def test_a_change_of_a_rotation_that_lands_late_leaves_what_its_state_says(
    place: Place, after: timedelta, times: int
) -> None:
    world = LateWorld()
    before = world.azure()
    world.land_late(place, after, times)
    house = RotationHouse(world)
    await house.rotate()

    state = await _end(house)

    assert world.late.caught > 0
    assert state in {RotationState.OVERLAPPING, RotationState.ROLLED_BACK}
    if state is RotationState.OVERLAPPING:
        require_rotated(world, before)
    else:
        require_rolled_back(world, before)
    await require_resolved(world)


@OFTEN
@LANDS
@pytest.mark.parametrize("place", BACK, ids=str)
async def test_a_change_of_an_undo_that_lands_late_leaves_everything_as_it_was(
    place: Place, after: timedelta, times: int
) -> None:
    world = LateWorld()
    world.health.sick.add(HEALTH)
    before = world.azure()
    world.land_late(place, after, times)
    house = RotationHouse(world)
    await house.rotate()

    state = await _end(house)

    assert world.late.caught > 0
    assert state is RotationState.ROLLED_BACK
    require_rolled_back(world, before)
    await require_resolved(world)


@OFTEN
@LANDS
async def test_a_retirement_that_lands_late_leaves_the_new_version_alone(
    after: timedelta, times: int
) -> None:
    world = LateWorld()
    before = world.azure()
    house = RotationHouse(world)
    await house.rotated()
    world.late.order("disable", after, times=times)
    await house.pass_time(DAY)

    state = await _end(house)

    assert world.late.caught > 0
    assert state is RotationState.ROTATED
    require_rotated(world, before, retired=True)
    await require_resolved(world)
