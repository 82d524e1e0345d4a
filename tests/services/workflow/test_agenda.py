"""Due rows: found at the cost of what is due, and processed by one replica at a time."""

import asyncio
from datetime import timedelta

from services.storage import keys
from services.storage.table import Insert
from services.workflow.agenda import CLAIM, DueRow
from services.workflow.engine import MOVE_TIMEOUT
from tests.support.builders import HOUR, MINUTE, SECOND
from tests.support.clock import NINE
from tests.support.replica import Replica, World


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
    await agenda.put_off(late, NINE + HOUR)

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

    await agenda.put_off(claimed, NINE + MINUTE)
    before = await agenda.due(NINE + MINUTE - SECOND)
    [later] = await agenda.due(NINE + MINUTE)

    assert before == []
    assert (later.due, later.attempt, later.claimed_until) == (NINE + MINUTE, 1, None)
    assert len(await world.queued()) == 1
