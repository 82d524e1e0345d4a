"""Moves that only record need no claim of their agenda row before it."""

import asyncio
import logging
from dataclasses import replace
from datetime import datetime, timedelta

import pytest

from domain.access.request import RequestState
from domain.rotation.schedule import ScheduledRotation
from domain.workflow import Change
from services.log_context import correlation_id
from services.storage.table import Row
from services.workflow.due.agenda import CLAIM
from services.workflow.engine import MOVE_TIMEOUT
from services.workflow.lanes import Lane
from tests.support.builders import HOUR, MINUTE
from tests.support.replica import Replica, World
from tests.support.rotation.builders import DAY, a_schedule
from tests.support.runs import NAME, NOON, Runs, opened, row_of
from tests.support.tables.crashing_table import Crash, Killed, When


async def enter(_: Lane) -> bool:
    return True


async def recording(world: World, *, at: datetime = NOON) -> tuple[Replica, Runs]:
    """Return a replica with a workflow whose run at noon only records, at some time."""
    replica, kind = await opened(world)
    kind.records = True
    world.clock.advance_to(at)
    world.table.forget_counts()
    return replica, kind


@pytest.mark.parametrize("late", [timedelta(), MINUTE])
async def test_what_only_records_costs_a_read_and_a_transaction(late: timedelta) -> None:
    world = World()
    replica, kind = await recording(world, at=NOON + late)

    stored = await replica.engine.advance_unclaimed(await row_of(replica), enter)

    assert stored
    assert (stored.due, len(kind.ran)) == (NOON + late + DAY, 1)
    assert (world.table.transactions, (await row_of(replica)).due) == (1, stored.due)


@pytest.mark.parametrize("late", [timedelta(), MINUTE])
async def test_the_record_claims_what_follows(late: timedelta) -> None:
    world = World()
    before = Replica(world)
    await before.give()
    await before.pass_time(HOUR - MINUTE)  # beyond the warning
    world.clock.advance_to(world.clock() + MINUTE + late)
    dying = Replica(world, Crash(1, When.AFTER))  # with its only transaction so far
    with pytest.raises(Killed):
        await dying.tick()

    replica = Replica(world)
    await replica.tick()
    [row] = await replica.agenda.late(world.clock())

    assert (await replica.request()).state is RequestState.REVOKING
    assert (row.due, row.claimed_until) == (world.clock(), world.clock() + CLAIM)
    assert "delete" not in world.assignments.calls


def run_twice(world: World, kind: Runs) -> None:
    """Let a run take as long as it may, and be followed by another one at once."""

    async def run(effect: str, head: ScheduledRotation) -> Change[ScheduledRotation]:
        del effect
        world.clock.advance(MOVE_TIMEOUT)
        kind.ran.append(head)
        return Change(replace(head, run_at=None if len(kind.ran) == 2 else NOON))

    kind.perform = run  # type: ignore[method-assign]  # happens instead


async def test_what_follows_is_done_under_the_claim_of_the_record() -> None:
    world = World()
    replica, kind = await recording(world)
    run_twice(world, kind)

    stored = await replica.engine.advance_unclaimed(await row_of(replica), enter)

    assert stored
    assert (stored.due, len(kind.ran)) == (None, 2)


async def test_what_follows_needs_a_place_in_its_lane_too() -> None:
    world = World()
    replica, kind = await recording(world)
    run_twice(world, kind)
    free = [True, False]

    async def enter_once(_: Lane) -> bool:
        return free.pop(0)

    stored = await replica.engine.advance_unclaimed(await row_of(replica), enter_once)

    assert stored
    assert (stored.due, len(kind.ran), free) == (NOON + MOVE_TIMEOUT, 1, [])


async def test_what_follows_is_left_to_others_if_the_claim_runs_out_before_there_is_a_place(
    caplog: pytest.LogCaptureFixture,
) -> None:
    world = World()
    replica, kind = await recording(world)
    run_twice(world, kind)

    async def wait(_: Lane) -> bool:
        world.clock.advance(CLAIM)
        return True

    stored = await replica.engine.advance_unclaimed(await row_of(replica), wait)

    assert stored
    assert len(kind.ran) == 1
    assert [each.message for each in caplog.records if each.levelno >= logging.WARNING] == [
        f"{NAME}: left to others, as its claim ran out"
    ]


async def test_what_is_logged_meanwhile_is_logged_under_the_workflow() -> None:
    replica, kind = await recording(World())
    known: list[str] = []

    async def look() -> None:
        known.append(correlation_id())

    kind.meanwhile = look  # type: ignore[method-assign]  # happens instead
    await replica.engine.advance_unclaimed(await row_of(replica), enter)

    assert (known, correlation_id()) == ([NAME], "")


async def test_what_changes_something_outside_has_to_be_claimed_first() -> None:
    world = World()
    replica, kind = await recording(world)
    kind.records = False

    stored = await replica.engine.advance_unclaimed(await row_of(replica), enter)

    assert (stored, kind.ran, world.table.transactions) == (None, [], 0)


async def test_so_has_every_move_of_a_kind_that_does_not_say_which_only_record(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    replica, kind = await recording(World())
    monkeypatch.delattr(Runs, "only_records")

    stored = await replica.engine.advance_unclaimed(await row_of(replica), enter)

    assert (stored, kind.ran) == (None, [])


async def test_so_does_what_a_replica_began_that_recorded_no_outcome() -> None:
    world = World()
    replica, kind = await recording(world)
    await replica.agenda.claim(await row_of(replica), NOON)
    world.clock.advance_to(NOON + CLAIM)

    stored = await replica.engine.advance_unclaimed(await row_of(replica), enter)

    assert (stored, kind.ran) == (None, [])


async def test_a_row_that_another_replica_has_claimed_is_left_to_it() -> None:
    world = World()
    replica, _ = await recording(world)
    row = await row_of(replica)
    await replica.agenda.claim(row, NOON)  # it may be about to change something outside

    stored = await replica.engine.advance_unclaimed(row, enter)

    found = await replica.workflows.load(NAME)
    assert stored is None
    assert found
    assert (found.head, found.due) == (a_schedule(run_at=NOON), NOON)


@pytest.mark.parametrize("run_at", [NOON, NOON - MINUTE], ids=["same row", "another row"])
async def test_a_workflow_that_changed_meanwhile_is_left_to_who_changed_it(
    run_at: datetime,
) -> None:
    world = World()
    replica, kind = await recording(world)
    other = Replica(World(world.store))
    other.engine.register(ScheduledRotation, kind)
    row, changed = await row_of(replica), a_schedule(run_at=run_at, cron="changed")

    async def be_beaten() -> None:
        stored = await other.workflows.load(NAME)
        assert stored
        await other.engine.record(stored, Change(changed))

    kind.meanwhile = be_beaten  # type: ignore[method-assign]  # happens instead
    stored = await replica.engine.advance_unclaimed(row, enter)

    found = await replica.workflows.load(NAME)
    assert stored is None
    assert found
    assert found.head == changed


@pytest.mark.parametrize("run_at", [None, NOON + HOUR])
async def test_a_row_that_is_not_its_workflows_is_left(run_at: datetime | None) -> None:
    world = World()
    replica, kind = await recording(world)
    row = await row_of(replica)
    stored = await replica.workflows.load(NAME)
    assert stored
    world.clock.advance(minutes=1)
    await replica.engine.record(stored, Change(a_schedule(run_at=run_at)))

    assert await replica.engine.advance_unclaimed(row, enter) is None
    assert kind.ran == []


async def test_a_row_without_a_workflow_is_left() -> None:
    replica, _ = await recording(World())
    row = replace(await row_of(replica), workflow_id="sch-none")

    assert await replica.engine.advance_unclaimed(row, enter) is None


async def test_without_a_place_in_its_lane_nothing_is_recorded() -> None:
    replica, kind = await recording(World())
    asked: list[Lane] = []

    async def refuse(lane: Lane) -> bool:
        asked.append(lane)
        return False

    stored = await replica.engine.advance_unclaimed(await row_of(replica), refuse)

    assert (stored, kind.ran, asked) == (None, [], [Lane.ROTATION])


async def test_a_replica_that_hands_over_records_nothing_more() -> None:
    replica, kind = await recording(World())
    replica.engine.hand_over()

    assert await replica.engine.advance_unclaimed(await row_of(replica), enter) is None
    assert kind.ran == []


async def test_of_two_replicas_at_the_same_row_one_records_and_the_other_looks_again_later(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    world = World()
    replicas = [Replica(world), Replica(world)]
    await replicas[0].give()
    world.clock.advance(minutes=50)  # the warning
    looks: list[str] = []
    for one in replicas:
        monkeypatch.setattr(
            one.worker._moves,
            "look_again",
            lambda rows: looks.extend([row.workflow_id for row in rows]),
        )

    world.table.hold()
    ticks = asyncio.gather(*(one.tick() for one in replicas))
    await world.table.held(2)
    world.table.let_go()
    await ticks

    assert (await replicas[0].event_kinds()).count("expires_soon") == 1
    assert looks == ["req-one"]
    assert [each.message for each in caplog.records if each.levelno >= logging.WARNING] == []


async def test_a_replica_that_stops_while_it_reads_the_head_claims_nothing(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    world = World()
    replica, kind = await opened(world)
    world.clock.advance_to(NOON)
    get = world.table.get

    async def stop_meanwhile(partition: str, key: str) -> Row | None:
        await replica.worker.stop()
        return await get(partition, key)

    monkeypatch.setattr(world.table, "get", stop_meanwhile)
    before = await row_of(replica)
    await replica.tick()

    assert (kind.ran, await row_of(replica)) == ([], before)
