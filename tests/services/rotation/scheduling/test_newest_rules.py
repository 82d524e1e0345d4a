"""Replicas with older and newer rules side by side, as during a deployment."""

from dataclasses import replace
from datetime import timedelta

import pytest

from domain.rotation.policy import RotationPolicy, Schedule
from domain.rotation.rotation import RotationState
from domain.rotation.schedule import ScheduledRotation, ScheduleState
from domain.workflow import Change
from services.policies import Policies
from services.rotation.scheduling.newest_rules import LEFT_FOR, SEEN_EVERY, STALE_AFTER, NewestRules
from services.rotation.scheduling.schedules import schedule_id
from tests.support.builders import MINUTE
from tests.support.clock import ManualClock
from tests.support.rotation.builders import DAY, a_rotation_policy, monthly, rotating
from tests.support.rotation.replica import RotationReplica
from tests.support.rotation.world import RotationWorld
from tests.support.tables.memory_table import MemoryTable

OTHER = a_rotation_policy(secret="another-secret")
OF_TODAY = a_rotation_policy(schedule=monthly())


async def _schedule(replica: RotationReplica, policy: RotationPolicy) -> ScheduledRotation:
    found = await replica.schedules.find(policy)
    assert found is not None
    return found


def _replicas(*, announced: bool) -> tuple[RotationWorld, RotationReplica, RotationReplica]:
    """Start a replica with yesterday's rules, and a minute later one with today's."""
    world = RotationWorld(OTHER)
    old = RotationReplica(world)
    if announced:
        world.clock.advance(MINUTE)
    world.rotate_by(OTHER, OF_TODAY)
    return world, old, RotationReplica(world)


async def test_older_rules_do_not_end_a_schedule_of_newer_ones() -> None:
    world, old, new = _replicas(announced=False)
    await new.schedules.sync()

    world.clock.advance(timedelta(seconds=21))
    await old.tick()
    await new.pass_time(90 * DAY)

    assert len(world.azure().versions) > 1
    assert (await _schedule(new, OF_TODAY)).state is ScheduleState.WAITING


async def test_older_rules_start_and_schedule_nothing_while_newer_ones_are_in_use() -> None:
    world, old, new = _replicas(announced=True)
    await old.schedules.sync()
    await new.schedules.sync()
    planned = await _schedule(new, OF_TODAY)
    world.clock.advance_to(planned.run_at or world.clock())
    await new.schedules.sync()

    await old.tick()
    await old.schedules.sync()
    left = await _schedule(new, OF_TODAY)
    await new.pass_time(LEFT_FOR + MINUTE)

    assert left.retry_at == world.clock() - MINUTE
    rotation = await new.rotations.last_of(OF_TODAY)
    assert rotation is not None
    assert rotation.state is RotationState.OVERLAPPING
    assert (await _schedule(new, OF_TODAY)).next_run != planned.next_run


async def test_a_schedule_that_older_rules_ended_is_restored_by_the_next_check() -> None:
    world, old, new = _replicas(announced=True)
    await new.schedules.sync()
    schedule = await _schedule(new, OF_TODAY)
    ended = await new.workflows.load_as(ScheduledRotation, schedule.id)
    assert ended
    await old.engine.record(ended, _ended(schedule))
    world.clock.advance(SEEN_EVERY)

    await new.schedules.sync()

    assert (await _schedule(new, OF_TODAY)).state is ScheduleState.WAITING


async def test_rules_without_replicas_do_not_block_others_for_long() -> None:
    world, old, new = _replicas(announced=True)
    await old.schedules.sync()
    await new.schedules.sync()

    world.clock.advance(STALE_AFTER)
    await old.schedules.sync()
    await old.pass_time(2 * DAY)

    assert (await _schedule(old, OF_TODAY)).state is ScheduleState.ENDED
    assert (await _schedule(old, OTHER)).state is ScheduleState.WAITING


def _rules(*policies: RotationPolicy) -> Policies:
    return rotating(*policies)


@pytest.mark.parametrize("first", [0, 1])
async def test_the_rules_adopted_last_are_the_newest_whoever_records_first(
    first: int,
) -> None:
    clock, table = ManualClock(), MemoryTable()
    older = NewestRules(table, _rules(OTHER), clock)
    clock.advance(MINUTE)
    newer = NewestRules(table, _rules(OTHER, OF_TODAY), clock)
    for each in (older, newer) if first == 0 else (newer, older):
        await each.announce()

    assert [await each.are_ours() for each in (older, newer)] == [False, True]


async def test_replicas_with_the_same_rules_both_have_the_newest() -> None:
    clock, table = ManualClock(), MemoryTable()
    one, another = (NewestRules(table, _rules(OTHER), clock) for _ in range(2))

    assert [await one.announce(), await another.announce()] == [True, True]
    assert [await one.are_ours(), await another.are_ours()] == [True, True]


async def test_rules_that_change_while_a_replica_runs_are_the_newest() -> None:
    clock, table, rules = ManualClock(), MemoryTable(), _rules(OTHER)
    changing = NewestRules(table, rules, clock)
    clock.advance(MINUTE)
    other = NewestRules(table, _rules(OF_TODAY), clock)
    await changing.announce()
    await other.announce()
    clock.advance(MINUTE)

    rules.adopt(_rules(OTHER, a_rotation_policy(schedule=Schedule("0 4 * * *"))))

    assert await changing.announce()
    assert not await other.are_ours()


async def test_a_replica_that_keeps_running_does_not_take_the_record_back() -> None:
    clock, table = ManualClock(), MemoryTable()
    older = NewestRules(table, _rules(OTHER), clock)
    newer = NewestRules(table, _rules(OF_TODAY), clock)
    await older.announce()
    await newer.announce()
    for _ in range(6):
        clock.advance(SEEN_EVERY)
        seen = [await older.announce(), await newer.announce()]

    assert seen == [False, True]


async def test_the_schedules_are_synchronised_regularly() -> None:
    world = RotationWorld(OTHER)
    replica = RotationReplica(world)
    waits: list[float] = []

    class Enough(BaseException):
        pass

    async def sleep(seconds: float) -> None:
        waits.append(seconds)
        if len(waits) == 3:
            raise Enough

    with pytest.raises(Enough):
        await replica.schedules.run(sleep)

    assert waits == [SEEN_EVERY.total_seconds()] * 3
    assert (await _schedule(replica, OTHER)).id == schedule_id(OTHER)


def _ended(schedule: ScheduledRotation) -> Change[ScheduledRotation]:
    return Change(replace(schedule, state=ScheduleState.ENDED))


async def test_rules_that_only_stand_in_end_no_schedule() -> None:
    world = RotationWorld(OF_TODAY)
    replica = RotationReplica(world)
    await replica.schedules.sync()
    planned = await _schedule(replica, OF_TODAY)
    known = world.policies.in_force

    world.policies.put_in_force(replace(known, rules=(), stand_in=True))
    world.clock.advance_to(planned.run_at or world.clock())
    await replica.tick()
    await replica.schedules.sync()
    left = await _schedule(replica, OF_TODAY)
    world.policies.put_in_force(known)
    await replica.pass_time(LEFT_FOR + MINUTE)

    assert left.state is ScheduleState.WAITING
    assert await replica.rotations.last_of(OF_TODAY) is not None
