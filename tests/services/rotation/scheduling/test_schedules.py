"""When secrets are rotated automatically: on their schedules, and before they expire."""

import asyncio
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from domain.rotation.policy import RotationPolicy, Schedule
from domain.rotation.rotation import Cause, Rotation, RotationState, Trigger
from domain.rotation.schedule import ScheduledRotation, ScheduleState
from services.faults import Rejected, Unavailable
from services.rotation.scheduling.schedules import derived_rotation_id, planned, schedule_id
from tests.support.builders import ADA, BO, HOUR, MINUTE, VAULT
from tests.support.clock import NINE
from tests.support.rotation.builders import (
    DAY,
    LITERAL,
    ROTATED,
    a_rotation_policy,
    a_schedule,
    monthly,
)
from tests.support.rotation.fakes import FOREVER
from tests.support.rotation.replica import RotationReplica
from tests.support.rotation.world import OLD_VALUE, RotationWorld

Then = Callable[[RotationReplica], Awaitable[None]]
JITTER = timedelta(minutes=5)
APRIL = datetime(2026, 4, 1, 3, 0, tzinfo=UTC)
"""When the monthly schedule is due first."""


def _scheduled(**changes: Any) -> RotationPolicy:
    return a_rotation_policy(**({"schedule": monthly(), "overlap": HOUR} | changes))


async def _open(world: RotationWorld) -> RotationReplica:
    """Start Latchkey; a test can do so repeatedly."""
    replica = RotationReplica(world)
    await replica.schedules.sync()
    await replica.settle()
    return replica


async def _schedule(replica: RotationReplica, policy: RotationPolicy) -> ScheduledRotation:
    stored = await replica.workflows.load_as(ScheduledRotation, schedule_id(policy))
    assert stored is not None
    return stored.head


async def _last(replica: RotationReplica) -> Rotation | None:
    return await replica.rotations.last_of(_scheduled())


async def _pass_until(replica: RotationReplica, instant: datetime) -> None:
    await replica.pass_time(instant - replica.clock())


def _versions(world: RotationWorld) -> int:
    return len(world.azure().versions)


async def test_the_next_run_is_stored_with_its_jitter() -> None:
    policy = _scheduled()
    replica = await _open(RotationWorld(policy))

    schedule = await _schedule(replica, policy)

    assert (schedule.next_run, schedule.run_at) == (APRIL, APRIL + JITTER / 2)
    assert await replica.schedules.next_run(policy) == schedule.run_at


async def test_a_restart_starts_nothing_and_reschedules_nothing() -> None:
    policy = _scheduled()
    world = RotationWorld(policy)
    first = await _schedule(await _open(world), policy)
    world.clock.advance(DAY)

    for _ in range(5):
        replica = await _open(world)

    again = await _schedule(replica, policy)
    assert (first.next_run, first.run_at) == (again.next_run, again.run_at)
    assert await _last(replica) is None
    assert _versions(world) == 1


async def test_a_run_starts_when_it_is_due_and_the_next_one_is_scheduled() -> None:
    policy = _scheduled()
    world = RotationWorld(policy)
    replica = await _open(world)

    await _pass_until(replica, APRIL + JITTER / 2 - MINUTE)
    before = await _last(replica)
    await _pass_until(replica, APRIL + DAY)

    rotation = await _last(replica)
    assert before is None
    assert rotation is not None
    assert (rotation.trigger.cause, rotation.trigger.actor) == (Cause.SCHEDULE, None)
    assert rotation.trigger.detail == "0 3 1 * * (UTC)"
    assert rotation.asked_at == APRIL + JITTER / 2
    assert rotation.state is RotationState.ROTATED
    assert (await _schedule(replica, policy)).next_run == APRIL.replace(month=5)


async def test_missed_runs_happen_once() -> None:
    policy = _scheduled()
    world = RotationWorld(policy)
    await _open(world)
    world.clock.advance_to(APRIL.replace(month=8))

    replica = await _open(world)
    await replica.pass_time(3 * DAY)

    assert _versions(world) == 2
    assert (await _schedule(replica, policy)).next_run == APRIL.replace(month=9)


async def test_a_manual_rotation_since_a_run_was_due_counts() -> None:
    world = RotationWorld(_scheduled())
    await _open(world)
    world.clock.advance_to(APRIL + MINUTE)
    replica = RotationReplica(world)
    await replica.rotate("rot-manual")

    await replica.pass_time(DAY)

    assert _versions(world) == 2
    last = await _last(replica)
    assert last is not None
    assert last.id == "rot-manual"


async def test_a_manual_rotation_before_a_run_was_due_does_not_count() -> None:
    world = RotationWorld(_scheduled())
    replica = await _open(world)
    await _pass_until(replica, APRIL - DAY)
    await replica.rotate("rot-manual")

    await _pass_until(replica, APRIL + DAY)

    assert _versions(world) == 3


async def test_a_manual_rotation_that_was_rolled_back_does_not_count() -> None:
    world = RotationWorld(_scheduled(dependents=(LITERAL,)))
    await _open(world)
    world.clock.advance_to(APRIL + MINUTE)
    world.apps.change(LITERAL.app, API_KEY="drifted")
    replica = RotationReplica(world)
    await replica.rotate("rot-manual")
    await replica.settle()
    world.apps.change(LITERAL.app, API_KEY=OLD_VALUE)

    await replica.pass_time(DAY)

    last = await _last(replica)
    assert last is not None
    assert (last.trigger.cause, last.state) == (Cause.SCHEDULE, RotationState.ROTATED)


async def _denied_after(replica: RotationReplica) -> None:
    await replica.rotate("rot-later")
    await replica.rotations.deny(BO, "rot-later")


async def _failed_after(replica: RotationReplica) -> None:
    replica.world.versions.faults.order("write", Rejected("Azure", "400", status=400))
    await replica.rotate("rot-later")
    await replica.settle()


@pytest.mark.parametrize(
    ("second_admin", "then", "ends"),
    [
        (True, _denied_after, RotationState.DENIED),
        (False, _failed_after, RotationState.ROLLED_BACK),
    ],
)
async def test_a_manual_rotation_counts_even_if_a_later_one_did_not_rotate_anything(
    second_admin: bool, then: Then, ends: RotationState
) -> None:
    policy = _scheduled(schedule=monthly(jitter=2 * HOUR), second_admin=second_admin)
    world = RotationWorld(policy)
    replica = await _open(world)
    await _pass_until(replica, APRIL + MINUTE)
    await replica.rotate("rot-manual")
    if second_admin:
        await replica.rotations.approve(BO, "rot-manual")
    await replica.pass_time(MINUTE)
    await then(replica)
    later = await replica.rotation("rot-later")
    made = _versions(world)

    await replica.pass_time(DAY)

    assert later.state is ends
    assert (await replica.rotation("rot-manual")).state is RotationState.ROTATED
    assert _versions(world) == made
    assert (await _schedule(replica, policy)).next_run == APRIL.replace(month=5)


async def test_a_run_waits_for_the_rotation_that_holds_the_secret() -> None:
    world = RotationWorld(_scheduled())
    replica = await _open(world)
    await _pass_until(replica, APRIL - MINUTE)
    world.versions.faults.order("write", Unavailable("Azure", "503"), times=FOREVER)
    world.issuer.faults.order("withdraw", Unavailable("Azure", "503"), times=FOREVER)
    await replica.rotate("rot-manual")
    await replica.pass_time(HOUR)
    held = await replica.rotation("rot-manual")

    world.mend()
    await replica.rotations.retry(ADA, "rot-manual")
    await replica.pass_time(HOUR)

    last = await _last(replica)
    assert held.state is RotationState.NEEDS_HUMAN
    assert last is not None
    assert (last.trigger.cause, last.state) == (Cause.SCHEDULE, RotationState.OVERLAPPING)


async def test_a_rotation_that_was_running_when_a_run_was_due_counts_if_it_succeeds() -> None:
    world = RotationWorld(_scheduled())
    replica = await _open(world)
    await _pass_until(replica, APRIL + JITTER / 2 - MINUTE - JITTER / 2)
    world.versions.faults.order("write", Unavailable("Azure", "429", 4 * MINUTE))
    await replica.rotate("rot-manual")

    await replica.pass_time(DAY)

    assert _versions(world) == 2


async def test_many_replicas_start_one_run() -> None:
    world = RotationWorld(_scheduled())
    replicas = [await _open(world) for _ in range(4)]
    world.clock.advance_to(APRIL + HOUR)

    await asyncio.gather(*(replica.settle() for replica in replicas))
    await replicas[0].pass_time(DAY)

    assert _versions(world) == 2
    assert world.message_sender.audited().count("rotation_started") == 1


async def test_replicas_that_start_together_create_one_schedule() -> None:
    policy = _scheduled()
    world = RotationWorld(policy)

    await asyncio.gather(*(RotationReplica(world).schedules.sync() for _ in range(4)))

    assert len([row for row in await world.queued() if "agenda" in row]) == 1


async def test_a_changed_expression_is_rescheduled() -> None:
    world = RotationWorld(_scheduled())
    await _open(world)
    weekly = _scheduled(schedule=Schedule("0 6 * * 1", "Europe/Berlin"))
    world.rotate_by(weekly)

    replica = await _open(world)

    schedule = await _schedule(replica, weekly)
    assert (schedule.cron, schedule.timezone) == ("0 6 * * 1", "Europe/Berlin")
    assert schedule.next_run == datetime(2026, 3, 9, 5, 0, tzinfo=UTC)


async def test_a_secret_that_lost_its_expression_is_only_rotated_by_hand() -> None:
    world = RotationWorld(_scheduled())
    await _open(world)
    by_hand = _scheduled(schedule=None)
    world.rotate_by(by_hand)

    replica = await _open(world)
    await _pass_until(replica, APRIL + DAY)

    assert await replica.schedules.next_run(by_hand) is None
    assert _versions(world) == 1


async def test_a_secret_that_is_no_longer_rotated_loses_its_schedule() -> None:
    policy = _scheduled()
    world = RotationWorld(policy)
    await _open(world)
    world.rotate_by()

    replica = await _open(world)
    await _pass_until(replica, APRIL + DAY)

    assert (await _schedule(replica, policy)).state is ScheduleState.ENDED
    assert await world.queued() == []
    assert _versions(world) == 1


async def test_a_schedule_comes_back_with_its_policy() -> None:
    policy = _scheduled()
    world = RotationWorld(policy)
    await _open(world)
    world.rotate_by()
    await (await _open(world)).pass_time(2 * DAY)
    world.rotate_by(policy)
    world.clock.advance_to(APRIL + DAY)

    replica = await _open(world)

    schedule = await _schedule(replica, policy)
    assert schedule.state is ScheduleState.WAITING
    assert schedule.next_run == APRIL.replace(month=5)
    assert _versions(world) == 1


async def test_a_secret_that_moved_to_another_vault_leaves_its_old_schedule_behind() -> None:
    policy = _scheduled()
    world = RotationWorld(policy)
    await _open(world)
    elsewhere = type(VAULT)("kv-other", "https://kv-other.vault.azure.net", "other")
    world.versions.put(elsewhere.url, ROTATED, OLD_VALUE)
    moved = _scheduled(vault=elsewhere)
    world.rotate_by(moved)

    replica = await _open(world)
    await replica.pass_time(2 * DAY)

    assert (await _schedule(replica, policy)).state is ScheduleState.ENDED
    assert (await _schedule(replica, moved)).state is ScheduleState.WAITING


@pytest.mark.parametrize(
    ("after", "is_rotated"),
    [(DAY, False), (82 * DAY, False), (83 * DAY, True), (91 * DAY, True)],
)
async def test_a_secret_near_its_expiry_is_rotated_early(
    after: timedelta, is_rotated: bool
) -> None:
    world = RotationWorld(_scheduled(schedule=None))
    world.versions.put(VAULT.url, ROTATED, OLD_VALUE, expires_at=NINE + 90 * DAY)
    world.clock.advance(after)

    replica = await _open(world)
    await replica.pass_time(MINUTE)

    last = await _last(replica)
    trigger = Trigger(Cause.EXPIRY, None, (NINE + 90 * DAY).isoformat())
    assert (trigger if is_rotated else None) == (last and last.trigger)


async def test_a_secret_that_does_not_expire_is_not_rotated_early() -> None:
    world = RotationWorld(_scheduled(schedule=None))
    replica = await _open(world)

    await replica.pass_time(30 * DAY)

    assert _versions(world) == 1


async def test_a_secret_that_gets_close_to_its_expiry_is_rotated() -> None:
    policy = _scheduled(schedule=None, max_age=90 * DAY)
    world = RotationWorld(policy)
    world.versions.put(VAULT.url, ROTATED, OLD_VALUE, expires_at=NINE + 30 * DAY)
    replica = await _open(world)

    await replica.pass_time(30 * DAY)

    last = await _last(replica)
    assert last is not None
    assert (last.asked_at - NINE).days == 23
    assert world.version("").expires_at == last.asked_at + 90 * DAY
    assert _versions(world) == 3


async def test_a_short_lived_secret_is_not_rotated_every_day() -> None:
    policy = _scheduled(schedule=None, max_age=6 * DAY)
    world = RotationWorld(policy)
    world.versions.put(VAULT.url, ROTATED, OLD_VALUE, expires_at=NINE + DAY)
    replica = await _open(world)

    await replica.pass_time(12 * DAY)

    assert _versions(world) == 5


async def test_a_secret_that_cannot_be_rotated_in_time_is_tried_once_a_day() -> None:
    policy = _scheduled(schedule=None, dependents=(LITERAL,))
    world = RotationWorld(policy)
    world.versions.put(VAULT.url, ROTATED, OLD_VALUE, expires_at=NINE + DAY)
    world.apps.change(LITERAL.app, API_KEY="drifted")

    replica = await _open(world)
    await replica.pass_time(3 * DAY - MINUTE)

    assert world.message_sender.audited().count("rotation_started") == 3


async def test_a_check_is_retried_if_the_vault_does_not_answer() -> None:
    policy = _scheduled(schedule=None)
    world = RotationWorld(policy)
    world.versions.put(VAULT.url, ROTATED, OLD_VALUE, expires_at=NINE + DAY)
    world.versions.faults.order("current", Unavailable("Azure", "503"), times=3)

    replica = await _open(world)
    await replica.pass_time(HOUR)

    last = await _last(replica)
    assert last is not None
    assert last.state is RotationState.OVERLAPPING


async def test_a_scheduled_rotation_needs_no_approval() -> None:
    policy = _scheduled(second_admin=True)
    world = RotationWorld(policy)
    replica = await _open(world)

    await _pass_until(replica, APRIL + DAY)

    last = await _last(replica)
    assert last is not None
    assert last.state is RotationState.ROTATED


@pytest.mark.parametrize(
    ("cron", "timezone", "now", "expected"),
    [
        ("0 3 1 * *", "UTC", "2026-03-01T03:00", "2026-04-01T03:00"),
        ("0 0 29 2 *", "UTC", "2026-03-01T00:00", "2028-02-29T00:00"),
        ("0 9 * * 1", "Asia/Kolkata", "2026-03-02T09:00", "2026-03-09T03:30"),
        ("0 3 * * *", "Europe/Berlin", "2026-01-15T12:00", "2026-01-16T02:00"),
        ("0 3 * * *", "Europe/Berlin", "2026-07-15T12:00", "2026-07-16T01:00"),
    ],
)
def test_an_expression_is_read_in_its_time_zone(
    cron: str, timezone: str, now: str, expected: str
) -> None:
    policy = _scheduled(schedule=Schedule(cron, timezone))

    head = planned(a_schedule(), policy, _utc(now), 0.0)

    assert _utc(expected) == head.next_run == head.run_at


@pytest.mark.parametrize(
    ("cron", "now", "expected"),
    [
        pytest.param("0 3 * * *", "2026-03-28T12:00", "2026-03-29T01:00", id="first summer day"),
        pytest.param("30 2 * * *", "2026-03-28T12:00", "2026-03-29T01:00", id="left out that day"),
        pytest.param("30 2 * * *", "2026-03-29T01:30", "2026-03-30T00:30", id="and back again"),
        pytest.param("30 2 * * *", "2026-10-24T12:00", "2026-10-25T00:30", id="twice that day"),
        pytest.param("30 2 * * *", "2026-10-25T00:30", "2026-10-26T01:30", id="but run once"),
        pytest.param("58 2 * * *", "2026-10-25T01:10", "2026-10-26T01:58", id="not in the past"),
        pytest.param("0 2,3 * * *", "2026-10-25T01:10", "2026-10-25T02:00", id="later that day"),
    ],
)
def test_no_run_is_lost_or_doubled_when_the_clocks_change(
    cron: str, now: str, expected: str
) -> None:
    policy = _scheduled(schedule=Schedule(cron, "Europe/Berlin"))

    head = planned(a_schedule(), policy, _utc(now), 0.0)

    assert _utc(expected) == head.next_run


CLOCK_CHANGES = {
    "Europe/Berlin": ("2026-03-29T01:00", "2026-10-25T01:00"),
    "America/New_York": ("2026-03-08T07:00", "2026-11-01T06:00"),
    "Africa/Casablanca": ("2026-02-15T02:00", "2026-03-22T02:00"),
    "Australia/Lord_Howe": ("2026-04-04T15:00", "2026-10-03T15:30"),
}
"""When the clocks change in some places; on Lord Howe Island by half an hour."""


@pytest.mark.parametrize("cron", ["30 1 * * *", "58 2 * * *", "45 1 * * 0", "*/7 1-3 * * *"])
@pytest.mark.parametrize("timezone", CLOCK_CHANGES)
def test_the_next_run_is_later_than_now_whenever_the_clocks_change(
    timezone: str, cron: str
) -> None:
    policy = _scheduled(schedule=Schedule(cron, timezone))
    nights = [_utc(change) - 3 * HOUR for change in CLOCK_CHANGES[timezone]]
    times = [night + after * MINUTE for night in nights for after in range(0, 6 * 60, 5)]

    runs = [planned(a_schedule(), policy, now, 0.0).next_run for now in times]

    assert [(now, run) for now, run in zip(times, runs, strict=True) if not run or run <= now] == []


async def test_a_run_that_starts_late_in_the_hour_that_comes_twice_happens_once() -> None:
    policy = _scheduled(schedule=Schedule("58 2 * * *", "Europe/Berlin", timedelta()))
    world = RotationWorld(policy)
    world.clock.advance_to(_utc("2026-10-24T12:00"))
    await _open(world)
    world.clock.advance_to(_utc("2026-10-25T01:03"))

    replica = RotationReplica(world)
    await replica.settle()

    assert _versions(world) == 2
    assert (await _schedule(replica, policy)).next_run == _utc("2026-10-26T01:58")


@pytest.mark.parametrize(("jitter", "wait"), [(0.0, timedelta()), (0.5, 10 * MINUTE)])
def test_a_run_starts_up_to_its_jitter_later(jitter: float, wait: timedelta) -> None:
    policy = _scheduled(schedule=monthly(jitter=20 * MINUTE))

    head = planned(a_schedule(), policy, NINE, jitter)

    assert (APRIL, APRIL + wait) == (head.next_run, head.run_at)


def test_one_occasion_has_one_id() -> None:
    assert derived_rotation_id("sch-one", "noon") == derived_rotation_id("sch-one", "noon")
    assert derived_rotation_id("sch-one", "noon") != derived_rotation_id("sch-one", "one")
    assert derived_rotation_id("ab", "c") != derived_rotation_id("a", "bc")


def _utc(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)
