"""Each change of a rotation gets no answer, and takes effect 5 s, 20 s or 70 s later."""

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta

import pytest

from domain.rotation.rotation import RotationState
from tests.services.rotation.endings import require_resolved, require_rolled_back, require_rotated
from tests.services.rotation.faults.test_faults import BACK, FORWARD, RETIRE, Place
from tests.support.builders import HOUR, SECOND, VAULT
from tests.support.rotation.builders import (
    BILLING,
    CHECKOUT,
    DAY,
    LITERAL,
    STAGING,
    a_rotation_policy,
)
from tests.support.rotation.late_fakes import LateAppSettings, Lateness, LateSecretVersions
from tests.support.rotation.replica import RotationReplica
from tests.support.rotation.world import DEPENDENTS, RotationWorld

HEALTH = "https://checkout.example/health"
CHANGES = {"write", "disable", "replace", "refresh"}
Order = Callable[[Lateness, str, timedelta], None]

LANDS = pytest.mark.parametrize(
    "after", [5 * SECOND, 20 * SECOND, 70 * SECOND], ids=["5 s", "20 s", "70 s"]
)
ONCE: Order = Lateness.order
FIFTH: Order = Lateness.order_fifth


def _five_times(late: Lateness, operation: str, after: timedelta) -> None:
    late.order(operation, after, times=5)


ORDERS = pytest.mark.parametrize(
    "order", [ONCE, _five_times, FIFTH], ids=["once", "five times", "the fifth alone"]
)


class LateWorld(RotationWorld):
    """A world whose vault and apps may carry out changes late."""

    def __init__(self, *, sick: bool = False) -> None:
        checked = replace(LITERAL, health_url=HEALTH)
        super().__init__(a_rotation_policy(dependents=(checked, *DEPENDENTS[1:])))
        self.late = Lateness(self.clock)
        versions = LateSecretVersions(self.clock, self.late)
        versions.adopt(self.versions)
        apps = LateAppSettings(versions, [VAULT], self.late)
        for app in (CHECKOUT, STAGING, BILLING):
            apps.add(app, self.apps.contents(app))
        self.versions, self.apps = versions, apps
        if sick:
            self.health.sick.add(HEALTH)


def _changing(places: list[Place]) -> list[Place]:
    return [one for one in places if one.operation in CHANGES]


@LANDS
@ORDERS
@pytest.mark.parametrize("place", _changing(FORWARD), ids=str)
async def test_a_late_effect_while_rotating_ends_byte_for_byte_as_it_should(
    place: Place, order: Order, after: timedelta
) -> None:
    world = LateWorld()
    before = world.azure()
    world.when(place.step, lambda: order(world.late, place.operation, after))
    replica = RotationReplica(world)

    rotation = await replica.rotated()
    await replica.pass_time(6 * HOUR)

    if rotation.state is RotationState.OVERLAPPING:
        require_rotated(world, before)
    else:
        assert rotation.state is RotationState.ROLLED_BACK
        require_rolled_back(world, before)
    await require_resolved(world)
    assert world.late.has_landed_all()


@LANDS
@ORDERS
@pytest.mark.parametrize("place", _changing(BACK), ids=str)
async def test_a_late_effect_while_rolling_back_ends_byte_for_byte_as_it_should(
    place: Place, order: Order, after: timedelta
) -> None:
    world = LateWorld(sick=True)
    before = world.azure()
    world.when(place.step, lambda: order(world.late, place.operation, after))
    replica = RotationReplica(world)

    await replica.rotated()
    await replica.pass_time(6 * HOUR)

    assert (await replica.rotation()).state is RotationState.ROLLED_BACK
    require_rolled_back(world, before)
    await require_resolved(world)
    assert world.late.has_landed_all()


@LANDS
@ORDERS
@pytest.mark.parametrize("place", _changing(RETIRE), ids=str)
async def test_a_late_effect_while_retiring_ends_byte_for_byte_as_it_should(
    place: Place, order: Order, after: timedelta
) -> None:
    world = LateWorld()
    before = world.azure()
    replica = RotationReplica(world)
    await replica.rotated()
    order(world.late, place.operation, after)

    await replica.pass_time(DAY + 6 * HOUR)

    assert (await replica.rotation()).state is RotationState.ROTATED
    require_rotated(world, before, retired=True)
    await require_resolved(world)
    assert world.late.has_landed_all()
