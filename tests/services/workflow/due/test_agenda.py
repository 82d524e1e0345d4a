"""Due rows: found at the cost of what is due, and processed by one replica at a time."""

import asyncio
from dataclasses import replace
from datetime import datetime, timedelta

import pytest

from services.storage import keys
from services.storage.table import Insert, Value
from services.workflow.due.agenda import CLAIM, Agenda, DueRow, putting_off
from services.workflow.engine import MOVE_TIMEOUT
from services.workflow.lanes import Lane
from tests.support.builders import HOUR, MINUTE, SECOND
from tests.support.clock import NINE
from tests.support.replica import Replica, World
from tests.support.rotation.builders import DAY


async def _put(world: World, workflow_id: str, after: timedelta = timedelta()) -> None:
    key = keys.due_key(keys.AGENDA, NINE + after, workflow_id)
    operations = [Insert(key, {"workflow": workflow_id})]
    await world.table.transact(keys.shard_of(workflow_id), operations)


def _ids(rows: list[DueRow]) -> list[str]:
    return [row.workflow_id for row in rows]


async def test_due_rows_are_found_in_all_shards_oldest_first() -> None:
    world = World()
    agenda = Replica(world).agenda
    for number in range(40):
        await _put(world, f"req-{number:02}", -number * SECOND)

    due = await agenda.due(NINE)

    assert [f"req-{number:02}" for number in reversed(range(40))] == _ids(due)
    assert len({row.shard for row in due}) > 8


async def test_a_row_is_due_exactly_at_its_time() -> None:
    world = World()
    agenda = Replica(world).agenda
    await _put(world, "req-one", MINUTE)

    assert await agenda.due(NINE + MINUTE - timedelta(microseconds=1)) == []
    assert _ids(await agenda.due(NINE + MINUTE)) == ["req-one"]


async def test_the_outbox_is_a_separate_queue() -> None:
    world = World()
    await _put(world, "req-one")

    assert await Replica(world).outbox.due(NINE) == []


async def test_finding_due_rows_reads_no_other_open_rows() -> None:
    world = World()
    replica = Replica(world)
    for number in range(30):
        await replica.ask(request_id=f"req-{number}")
    await replica.settle()
    await _put(world, "req-due")
    world.table.forget_counts()

    due = await replica.agenda.due(NINE)

    assert _ids(due) == ["req-due"]
    assert world.table.rows_read == 1


async def test_a_long_queue_is_read_in_batches() -> None:
    world = World()
    agenda = Replica(world).agenda
    for number in range(64):
        await _put(world, f"req-{number}")

    due = await agenda.due(NINE, limit_per_shard=2)

    assert len(due) == 32
    assert max(sum(row.shard == shard for row in due) for shard in keys.SHARDS) == 2


async def test_of_two_replicas_one_claims_a_row() -> None:
    world = World()
    one, other = Replica(world).agenda, Replica(world).agenda
    await _put(world, "req-one")
    [row] = await one.due(NINE)

    claims = await asyncio.gather(one.claim(row, NINE), other.claim(row, NINE))

    assert sorted(claim is None for claim in claims) == [False, True]


async def test_a_claimed_row_is_left_alone_until_the_claim_expires() -> None:
    world = World()
    agenda = Replica(world).agenda
    await _put(world, "req-one")
    [row] = await agenda.due(NINE)
    await agenda.claim(row, NINE)

    assert await agenda.due(NINE + CLAIM - timedelta(microseconds=1)) == []
    assert _ids(await agenda.due(NINE + CLAIM)) == ["req-one"]


def test_a_claim_outlives_the_move_it_is_for() -> None:
    assert CLAIM > MOVE_TIMEOUT


async def test_an_expired_claim_taken_by_another_replica_settles_nothing() -> None:
    world = World()
    agenda = Replica(world).agenda
    await _put(world, "req-one")
    [row] = await agenda.due(NINE)
    late = await agenda.claim(row, NINE)
    [again] = await agenda.due(NINE + CLAIM)
    await agenda.claim(again, NINE + CLAIM)
    assert late is not None

    await agenda.settle(late)
    await _put_off(agenda, late, NINE + HOUR)

    assert _ids(await agenda.due(NINE + 2 * CLAIM)) == ["req-one"]
    assert len(await world.queued()) == 1


async def test_a_settled_row_is_gone() -> None:
    world = World()
    agenda = Replica(world).agenda
    await _put(world, "req-one")
    [row] = await agenda.due(NINE)
    claimed = await agenda.claim(row, NINE)
    assert claimed is not None

    await agenda.settle(claimed)
    await agenda.settle(claimed)

    assert await world.queued() == []


async def test_a_postponed_row_is_due_later_and_counts_its_attempts() -> None:
    world = World()
    agenda = Replica(world).agenda
    await _put(world, "req-one")
    [row] = await agenda.due(NINE)
    claimed = await agenda.claim(row, NINE)
    assert claimed is not None

    await _put_off(agenda, claimed, NINE + MINUTE)
    before = await agenda.due(NINE + MINUTE - SECOND)
    [later] = await agenda.due(NINE + MINUTE)

    assert before == []
    assert (later.due, later.attempt, later.claimed_until) == (NINE + MINUTE, 1, None)
    assert len(await world.queued()) == 1


SHARD = keys.shard_of("req-one")


async def _row(world: World, name: str = "req-one", **values: Value) -> DueRow:
    """Put a row due at nine with these values, and find it."""
    key = keys.due_key(keys.AGENDA, NINE, name)
    insert = Insert(key, {"workflow": "req-one", **values})
    await world.table.transact(SHARD, [insert])
    return await _found(world)


async def _found(world: World) -> DueRow:
    """Return the one row that exists, claimed or not."""
    [row] = await Replica(world).agenda.late(NINE + HOUR)
    return row


async def _claimed(agenda: Agenda, row: DueRow, now: datetime = NINE) -> DueRow:
    claim = await agenda.claim(row, now)
    assert claim is not None
    return claim


async def _put_off(agenda: Agenda, row: DueRow, until: datetime) -> None:
    await agenda.change(row.shard, putting_off(row, until))


async def test_a_row_says_what_it_is_about() -> None:
    plain = await _row(World())
    full = await _row(
        World(),
        attempt=3,
        lane="giving access",
        ends_at=keys.instant(NINE + MINUTE),
        claimed_until=keys.instant(NINE + HOUR),
        is_retry=True,
        since=keys.instant(NINE - HOUR),
    )

    assert plain == DueRow(
        shard=SHARD,
        key=keys.due_key(keys.AGENDA, NINE, "req-one"),
        workflow_id="req-one",
        due=NINE,
        attempt=0,
        claimed_until=None,
        etag=plain.etag,
    )
    assert (plain.since, plain.ready_at) == (NINE, NINE)
    assert full == replace(
        plain,
        attempt=3,
        lane=Lane.GIVING,
        ends_at=NINE + MINUTE,
        claimed_until=NINE + HOUR,
        is_retry=True,
        etag=full.etag,
    )
    assert (full.since, full.ready_at) == (NINE - HOUR, NINE + HOUR)
    lanes = [full.lane_at(NINE + MINUTE - SECOND), full.lane_at(NINE + MINUTE)]
    assert lanes == [Lane.GIVING, Lane.ENDING]
    assert plain.lane_at(NINE) is Lane.ENDING


@pytest.mark.parametrize(
    "values",
    [
        {"workflow": None},
        {"attempt": "many"},
        {"ends_at": "2026-03-02T10:00:00"},
        {"claimed_until": "soon"},
    ],
)
async def test_a_row_that_cannot_be_read_is_kept_apart(values: dict[str, Value]) -> None:
    world = World()
    agenda = Replica(world).agenda
    key = keys.due_key(keys.AGENDA, NINE, "req-one")
    whole = {"workflow": "req-one", **values}
    known = {name: value for name, value in whole.items() if value is not None}
    await world.table.transact(SHARD, [Insert(key, known)])

    page = await agenda.look(SHARD, NINE, lambda _: True)

    assert page.rows == []
    assert [row.key for row in page.broken] == [key]
    assert page.full == frozenset()


async def test_a_claimed_row_is_as_the_table_has_it() -> None:
    world = World()
    row = await _row(world, attempt=2, other="kept")

    mine = await _claimed(Replica(world).agenda, row)
    found = await _found(world)

    assert mine == found
    assert mine.values == found.values
    assert (mine.claimed_until, mine.attempt) == (NINE + CLAIM, 2)
    assert mine.interrupted_at is None
    assert found.values["other"] == "kept"


async def test_a_claim_after_one_that_expired_knows_when_it_did() -> None:
    world = World()
    agenda = Replica(world).agenda
    await _claimed(agenda, await _row(world))

    second = await _claimed(agenda, await _found(world), NINE + HOUR)
    renewed = await _claimed(agenda, second, NINE + HOUR)

    assert second.interrupted_at == NINE + CLAIM
    assert renewed.interrupted_at == NINE + HOUR + CLAIM


async def test_a_row_given_back_is_due_at_once_and_keeps_the_earlier_claim() -> None:
    world = World()
    agenda = Replica(world).agenda
    first = await _claimed(agenda, await _row(world, other="kept"))

    await agenda.give_back(first)
    [free] = await agenda.due(NINE)
    second = await _claimed(agenda, free, NINE)
    expired = await _claimed(agenda, await _found(world), NINE + HOUR)
    await agenda.give_back(expired, Lane.REST)
    [again] = await agenda.due(NINE + HOUR)

    assert (free.claimed_until, free.values["other"]) == (None, "kept")
    assert again.claimed_until == second.claimed_until
    assert again.lane is Lane.REST
    assert again.values["other"] == "kept"


async def test_a_row_of_another_claim_is_not_given_back() -> None:
    world = World()
    agenda = Replica(world).agenda
    late = await _claimed(agenda, await _row(world))
    await _claimed(agenda, await _found(world), NINE + HOUR)

    await agenda.give_back(late)

    assert (await _found(world)).claimed_until == NINE + HOUR + CLAIM


@pytest.mark.parametrize(("claimed_until", "is_free"), [(CLAIM, True), (HOUR, False)])
async def test_only_the_claim_that_came_with_a_new_row_is_released(
    claimed_until: timedelta, is_free: bool
) -> None:
    world = World()
    agenda = Replica(world).agenda
    await _row(world, claimed_until=keys.instant(NINE + claimed_until))

    await agenda.give_back_new("req-one", NINE)
    await agenda.give_back_new("req-none", NINE)

    assert bool(await agenda.due(NINE)) is is_free


async def test_a_postponed_row_keeps_what_it_is_about_and_since_when_it_waits() -> None:
    world = World()
    agenda = Replica(world).agenda
    row = await _row(world, "req-one~000002", other="kept")

    await _put_off(agenda, row, NINE + MINUTE)
    await _put_off(agenda, await _found(world), NINE + 2 * MINUTE)
    found = await _found(world)

    assert found.key == keys.due_key(keys.AGENDA, NINE + 2 * MINUTE, "req-one~000002")
    assert (found.due, found.since, found.attempt) == (NINE + 2 * MINUTE, NINE, 2)
    assert (found.workflow_id, found.values["other"]) == ("req-one", "kept")


async def test_what_waits_is_listed_by_how_long_whether_due_claimed_or_not() -> None:
    world = World()
    agenda = Replica(world).agenda
    await _put_off(agenda, await _row(world), NINE + HOUR)
    await _put(world, "req-later", 30 * DAY)
    await _put(world, "req-new", MINUTE)

    late = await agenda.late(NINE + MINUTE)
    waiting = await agenda.waiting()
    await _claimed(agenda, late[0], NINE + HOUR)

    assert _ids(late) == ["req-new"]
    assert _ids(waiting) == ["req-one", "req-new", "req-later"]
    assert _ids(await agenda.due(NINE + HOUR)) == ["req-one"]
    assert sorted(_ids(await agenda.late(NINE + HOUR))) == ["req-new", "req-one"]


async def test_rows_that_end_access_are_found_behind_any_other_work() -> None:
    world = World()
    agenda = Replica(world).agenda
    for number in range(9):
        lane = Lane.ENDING if number in (4, 8) else Lane.REST
        key = keys.due_key(keys.AGENDA, NINE + number * SECOND, "req-one")
        values: dict[str, Value] = {"workflow": f"req-{number}", "lane": lane.value}
        await world.table.transact(SHARD, [Insert(key, values)])

    few = await agenda.look(SHARD, NINE + MINUTE, lambda _: True, limit=2)
    one = await agenda.look(SHARD, NINE + MINUTE, lambda _: True, limit=1)
    wanted = await agenda.look(SHARD, NINE + MINUTE, lambda row: row.workflow_id != "req-0")
    soon = await agenda.look(SHARD, NINE + SECOND, lambda _: True)

    assert _ids(few.rows) == ["req-0", "req-1", "req-4", "req-8"]
    assert few.full == {Lane.ENDING, Lane.REST}
    assert _ids(one.rows) == ["req-0", "req-4"]
    assert _ids(wanted.rows) == [f"req-{number}" for number in range(1, 9)]
    assert wanted.full == frozenset()
    assert _ids(soon.rows) == ["req-0", "req-1"]


async def test_a_claim_on_a_row_that_is_gone_fails() -> None:
    world = World()
    agenda = Replica(world).agenda
    row = await _row(world)
    await agenda.settle(row)

    assert await agenda.claim(row, NINE) is None


async def test_a_row_without_its_claim_can_be_kept_for_another_version() -> None:
    world = World()
    mine = await _claimed(Replica(world).agenda, await _row(world, other="kept"))

    kept = mine.as_row()

    assert (kept.partition, kept.key, kept.etag) == (SHARD, mine.key, mine.etag)
    assert "claimed_until" not in kept.values
    assert kept.values["other"] == "kept"
