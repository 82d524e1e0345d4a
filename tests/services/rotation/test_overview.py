"""The state of every rotated secret."""

import asyncio
from datetime import timedelta

from domain.rotation.rotation import RotationState
from services.faults import Unavailable
from services.rotation.overview import Overview, RotationLine
from services.rotation.secret_versions import Version
from tests.support.builders import ADA, HOUR, SECRET, VAULT
from tests.support.clock import NINE
from tests.support.processes import virtual_time
from tests.support.rotation.builders import DAY, ROTATED, a_rotation_policy, monthly
from tests.support.rotation.fakes import FOREVER
from tests.support.rotation.replica import RotationReplica
from tests.support.rotation.world import RotationWorld


async def _lines(replica: RotationReplica) -> list[RotationLine]:
    world = replica.world
    return await Overview(replica.rotations, replica.schedules, world.versions, world.clock).lines()


async def test_each_rotated_secret_shows_its_last_run_its_next_one_and_its_age() -> None:
    scheduled = a_rotation_policy(schedule=monthly(jitter=timedelta()))
    world = RotationWorld(scheduled, a_rotation_policy(secret=SECRET))
    replica = RotationReplica(world)
    await replica.schedules.sync()
    rotation = await replica.rotated()
    world.clock.advance_to(NINE + DAY)

    lines = await _lines(replica)

    next_run = NINE.replace(month=4, day=1, hour=3)
    never_made = await replica.schedules.find(a_rotation_policy(secret=SECRET))
    assert lines == [
        RotationLine(ROTATED, VAULT.name, rotation, next_run, DAY),
        RotationLine(SECRET, VAULT.name, None, None, None, never_made),
    ]


async def test_a_run_that_waits_for_another_rotation_is_due() -> None:
    world = RotationWorld(a_rotation_policy(schedule=monthly(), second_admin=True))
    replica = RotationReplica(world)
    await replica.schedules.sync()
    world.clock.advance_to(NINE.replace(month=4, day=1, hour=2))
    before = await _lines(replica)
    await replica.rotate()
    await replica.pass_time(2 * HOUR)

    after = await _lines(replica)

    assert [line.last and line.last.state for line in after] == [RotationState.PENDING]
    assert [line.is_due for line in (*before, *after)] == [False, True]


async def test_a_disabled_newest_version_leaves_no_current_one_with_an_age() -> None:
    world = RotationWorld()
    world.clock.advance(HOUR)
    world.versions.put(VAULT.url, ROTATED, "newer", enabled=False)
    world.clock.advance(HOUR)

    (line,) = await _lines(RotationReplica(world))

    assert line.current_age is None


async def test_of_two_versions_of_the_same_second_the_enabled_one_counts() -> None:
    world = RotationWorld()
    world.versions.put(VAULT.url, ROTATED, "sent twice", enabled=False)
    world.clock.advance(HOUR)

    (line,) = await _lines(RotationReplica(world))

    assert line.current_age == HOUR


async def test_an_unknown_age_is_left_out() -> None:
    silent, ageless = RotationWorld(), RotationWorld()
    silent.versions.faults.order("list", Unavailable("Key Vault", "503"))
    ageless.forget_when_made()

    (of_silent,) = await _lines(RotationReplica(silent))
    (of_ageless,) = await _lines(RotationReplica(ageless))

    assert of_silent.current_age is None
    assert of_ageless.current_age is None


async def test_an_older_run_that_needs_a_human_is_listed_until_it_is_over() -> None:
    world = RotationWorld(a_rotation_policy(overlap=HOUR))
    replica = RotationReplica(world)
    await replica.rotate("rot-one")
    await replica.settle()
    await replica.rotate("rot-two")
    await replica.settle()
    world.versions.faults.order("disable", Unavailable("Key Vault", "503"), times=FOREVER)
    await replica.pass_time(2 * HOUR)

    found = await _lines(replica)
    world.mend()
    for rotation_id in ("rot-one", "rot-two"):
        await replica.rotations.retry(ADA, rotation_id)
    await replica.settle()
    lines = await _lines(replica)

    assert [line.last and line.last.id for line in found] == ["rot-two", "rot-one"]
    assert [line.is_only_run for line in found] == [False, True]
    assert [line.last and line.last.state for line in lines] == [RotationState.ROTATED]


async def _seconds_to_list(count: int) -> float:
    secrets = [f"secret-{number}" for number in range(count)]
    world = RotationWorld(*(a_rotation_policy(secret=secret) for secret in secrets))
    listed = world.versions.list

    async def list_slowly(*given: str) -> list[Version]:
        await asyncio.sleep(0.1)
        return await listed(*given)

    setattr(world.versions, "list", list_slowly)  # noqa: B010 - mypy knows its signature
    began = asyncio.get_running_loop().time()

    assert len(await _lines(RotationReplica(world))) == count
    return asyncio.get_running_loop().time() - began


def test_hundreds_of_rotated_secrets_are_listed_in_time_for_an_answer() -> None:
    assert virtual_time.run(_seconds_to_list(300)) < 3
