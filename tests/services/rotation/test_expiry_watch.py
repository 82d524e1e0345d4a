"""The expiry checks: they work every time, and announce their own failures once."""

from collections.abc import Callable
from datetime import datetime, timedelta

import pytest

from domain.rotation.rotation import Cause
from domain.rotation.schedule import LOOK_AGAIN_AFTER, LookFault, ScheduledRotation
from services.faults import NotPermitted, Rejected, Unavailable
from services.rotation.overview import Overview
from tests.support.builders import HOUR, MINUTE, VAULT
from tests.support.clock import NINE
from tests.support.refusing import words_of
from tests.support.rotation.builders import DAY, ROTATED, a_rotation_policy, monthly
from tests.support.rotation.fakes import FOREVER
from tests.support.rotation.replica import RotationReplica
from tests.support.rotation.world import OLD_VALUE, RotationWorld

REFUSED = NotPermitted("Key Vault", "403 ForbiddenByRbac")
POLICY = a_rotation_policy(overlap=HOUR)


async def _watching(world: RotationWorld) -> RotationReplica:
    replica = RotationReplica(world)
    await replica.schedules.sync()
    return replica


def _world(expires_at: datetime | None = None, **policy: object) -> RotationWorld:
    world = RotationWorld(a_rotation_policy(overlap=HOUR, **policy))
    world.versions.put(VAULT.url, ROTATED, OLD_VALUE, expires_at=expires_at)
    return world


async def _schedule(replica: RotationReplica) -> ScheduledRotation:
    found = await replica.schedules.find(POLICY)
    assert found is not None
    return found


def _told(world: RotationWorld) -> list[str]:
    return [kind for kind in world.message_sender.audited() if kind.startswith("expiry")]


@pytest.mark.parametrize("days", [3, 10, 30, 90])
async def test_an_expiring_secret_is_rotated_in_time_every_time(days: int) -> None:
    world = _world(NINE + days * DAY)
    replica = await _watching(world)

    for _ in range(5 * days):
        await replica.pass_time(DAY)
        assert (world.version("").expires_at or NINE) > world.clock()

    rotations = len(world.azure().versions) - 2
    assert rotations >= 5
    last = await replica.rotations.last_of(POLICY)
    assert last is not None
    assert last.trigger.cause is Cause.EXPIRY


async def test_a_secret_is_rotated_in_time_even_after_roll_backs() -> None:
    world = _world(NINE + 30 * DAY)
    replica = await _watching(world)
    await replica.pass_time(20 * DAY)
    world.issuer.faults.order("issue", Rejected("fake", "400"), times=2)

    await replica.pass_time(8 * DAY)

    assert (world.version("").expires_at or NINE) > world.clock() + 20 * DAY


def _refuse(world: RotationWorld) -> None:
    world.versions.faults.order("current", REFUSED, times=FOREVER)


def _delete(world: RotationWorld) -> None:
    world.versions.delete(VAULT.url, ROTATED)


@pytest.mark.parametrize(
    ("break_it", "fault", "cause", "after"),
    [
        (_refuse, LookFault.NOT_PERMITTED, "403 ForbiddenByRbac", 36 * MINUTE),
        (RotationWorld.disable_newest, LookFault.DISABLED, "403 SecretDisabled", MINUTE),
        (_delete, LookFault.GONE, "can be recovered", MINUTE),
    ],
)
async def test_a_check_that_keeps_failing_is_announced_once_and_listed(
    break_it: Callable[[RotationWorld], object], fault: LookFault, cause: str, after: timedelta
) -> None:
    world = _world()
    break_it(world)
    replica = await _watching(world)

    await replica.pass_time(after)
    told = _told(world)
    await replica.pass_time(5 * DAY)

    schedule = await _schedule(replica)
    stuck = await replica.stuck.list()
    overview = Overview(replica.rotations, replica.schedules, world.versions, world.clock)
    assert told == _told(world) == ["expiry_not_watched"]
    assert (schedule.look_fault, schedule.is_unwatched) == (fault, True)
    assert cause in words_of(schedule.look_cause)
    assert [one.id for one in stuck.shown] == [schedule.id]
    assert [line.unwatched for line in await overview.lines()] == [schedule]
    assert await replica.workflows.listed("unwatched") == [schedule.id]


async def test_a_permission_that_takes_minutes_to_propagate_is_not_announced() -> None:
    world = _world()
    replica = await _watching(world)
    world.versions.faults.order("current", REFUSED, times=7)

    await replica.pass_time(DAY)

    assert _told(world) == []
    assert (await _schedule(replica)).failing_since is None


async def test_a_vault_that_does_not_answer_for_a_day_is_announced() -> None:
    world = _world()
    world.versions.faults.order("current", Unavailable("Key Vault", "503"), times=FOREVER)
    replica = await _watching(world)

    await replica.pass_time(23 * HOUR)
    before = _told(world)
    await replica.pass_time(2 * HOUR)

    assert (before, _told(world)) == ([], ["expiry_not_watched"])


async def test_a_repaired_check_is_announced_and_the_secret_rotated_within_the_hour() -> None:
    world = _world(NINE + DAY)
    _delete(world)
    replica = await _watching(world)
    await replica.pass_time(3 * HOUR)

    world.versions.recover(VAULT.url, ROTATED)
    await replica.pass_time(LOOK_AGAIN_AFTER)

    assert _told(world) == ["expiry_not_watched", "expiry_watched_again"]
    assert await replica.workflows.listed("unwatched") == []
    assert await replica.rotations.last_of(POLICY) is not None


async def test_a_schedule_runs_on_time_although_the_expiry_cannot_be_checked() -> None:
    world = _world(schedule=monthly())
    world.disable_newest()
    replica = await _watching(world)

    await replica.pass_time(32 * DAY)

    last = await replica.rotations.last_of(POLICY)
    assert last is not None
    assert last.trigger.cause is Cause.SCHEDULE


async def test_a_secret_that_is_no_longer_rotated_is_no_longer_listed() -> None:
    world = _world()
    world.disable_newest()
    await (await _watching(world)).pass_time(HOUR)
    world.rotate_by()

    replica = await _watching(world)
    await replica.pass_time(2 * DAY)

    assert await replica.workflows.listed("unwatched") == []
