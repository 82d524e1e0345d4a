"""Replicas that share the due work: what it costs, and what is late.

In virtual time: each call of the table takes 20 ms, each deletion in Azure 0.4 s.
"""

import asyncio
import copy
import itertools
import sys
from collections.abc import Awaitable, Callable, Coroutine, Sequence
from datetime import datetime

import pytest

from services.storage import keys
from services.storage.table import Insert, Operation, Row, Table
from services.workflow.due.agenda import CLAIM
from services.workflow.due.shard_leases import RENEW_EVERY
from services.workflow.worker import POLL, TOGETHER
from tests.services.workflow.test_lanes import SlowWorld, lateness, somebody
from tests.support.builders import ADA, HOUR, MINUTE, SECOND
from tests.support.fake_message_sender import FakeMessageSender
from tests.support.processes import virtual_time
from tests.support.processes.virtual_time import LoopClock
from tests.support.replica import Replica
from tests.support.tables.watched_table import WatchedTable

MOST_CALLS_A_SECOND = 2.0


class RecordingTable(WatchedTable):
    """A table that records which partitions were asked for."""

    def __init__(self, table: Table) -> None:
        super().__init__(table)
        self.partitions: list[str] = []

    async def range(
        self, partition: str, start: str, stop: str, limit: int | None = None
    ) -> list[Row]:
        self.partitions.append(partition)
        return await super().range(partition, start, stop, limit)

    async def transact(self, partition: str, operations: Sequence[Operation]) -> list[str]:
        self.partitions.append(partition)
        return await super().transact(partition, operations)


class Cluster:
    """Replicas in one world, each with its own way to the table, which counts its calls."""

    def __init__(self) -> None:
        self.world = SlowWorld()
        self.tables: dict[Replica, RecordingTable] = {}
        self._working: dict[Replica, asyncio.Task[None]] = {}

    def start(self, run: Callable[[Replica], Coroutine[None, None, None]] | None = None) -> Replica:
        """Start a replica, by default as the program does."""
        own = copy.copy(self.world)
        own.clock = copy.copy(self.world.clock)
        own.table = RecordingTable(self.world.slow)
        replica = Replica(own)
        self.tables[replica] = own.table
        work = run(replica) if run else replica.worker.run()
        self._working[replica] = asyncio.create_task(work)
        return replica

    async def start_two(self) -> tuple[Replica, Replica]:
        """Start two replicas, and wait until they share."""
        two = self.start(), self.start()
        await asyncio.sleep((RENEW_EVERY + 2 * POLL).total_seconds())
        return two

    async def stop(self, replica: Replica) -> None:
        """Stop a replica as a deployment does."""
        await replica.worker.stop()
        await self._working.pop(replica)

    async def kill(self, *replicas: Replica) -> None:
        """End replicas without warning."""
        tasks = [self._working.pop(replica) for replica in replicas or [*self._working]]
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)


def covered(replica: Replica) -> set[str]:
    return {shard for shard in keys.SHARDS if replica.core.shards.covers(shard)}


def one_in_each(shards: set[str]) -> list[str]:
    """Return the ID of a request in each of these shards."""
    ids = (f"req-{number:06d}" for number in itertools.count())
    found: dict[str, str] = {}
    while len(found) < len(shards):
        request_id = next(ids)
        if keys.shard_of(request_id) in shards:
            found.setdefault(keys.shard_of(request_id), request_id)
    return [found[shard] for shard in sorted(found)]


async def give_one(replica: Replica, number: int, request_id: str) -> tuple[str, datetime]:
    """Give somebody access for five minutes; return who it is, and when it should end."""
    person = somebody(number)
    await replica.ask(person, request_id, window=5 * MINUTE)
    await replica.approve(request_id=request_id)
    await replica.worker.idle()
    ends_at = (await replica.request(request_id)).granted.expires_at
    assert ends_at
    return person.object_id, ends_at


async def fill(world: SlowWorld, count: int) -> None:
    """Add workflows that wait for something tomorrow."""
    rows: dict[str, list[Insert]] = {shard: [] for shard in keys.SHARDS}
    for number in range(count):
        workflow_id = f"req-{number:06d}"
        due = world.clock() + 24 * HOUR + number * SECOND
        row = Insert(keys.due_key(keys.AGENDA, due, workflow_id), {"workflow": workflow_id})
        rows[keys.shard_of(workflow_id)].append(row)
    for shard, inserts in rows.items():
        for start in range(0, len(inserts), 100):
            await world.memory.transact(shard, inserts[start : start + 100])


@pytest.mark.parametrize("replicas", [1, 2])
def test_an_idle_replica_reads_at_most_twice_a_second_however_much_is_open(replicas: int) -> None:
    async def main(count: int) -> tuple[float, float, int]:
        cluster = Cluster()
        await fill(cluster.world, count)
        tables = [cluster.start().world.table for _ in range(replicas)]
        await asyncio.sleep(MINUTE.total_seconds())
        for table in tables:
            table.forget_counts()
        await asyncio.sleep(10 * MINUTE.total_seconds())
        reads = max(table.reads for table in tables) / 600
        transactions = max(table.transactions for table in tables) / 600
        rows = sum(table.rows_read for table in tables)
        await cluster.kill()
        sys.stdout.write(f"\n| {replicas} | {count:,} | {reads:.2f} | {transactions:.2f} |")
        return reads, transactions, rows

    few, many = map(virtual_time.run, (main(100), main(10_000)))

    assert few[0] + few[1] <= MOST_CALLS_A_SECOND
    assert many == pytest.approx(few, rel=0.01)


def test_of_many_revocations_on_two_replicas_99_in_100_begin_within_a_second() -> None:
    async def main() -> list[float]:
        cluster = Cluster()
        two = await cluster.start_two()
        ends: dict[str, datetime] = {}
        for number in range(100):
            who, at = await give_one(two[number % 2], number, f"req-{number:06d}")
            ends[who] = at
            await asyncio.sleep(0.6)
        await asyncio.sleep((max(ends.values()) - cluster.world.clock()).total_seconds() + 30)
        await cluster.kill()
        return lateness(ends, cluster.world.assignments.begun)

    late = virtual_time.run(main())

    assert len(late) == 100
    assert late[0] >= 0
    assert late[int(0.99 * len(late))] < 0.2


def test_each_replica_takes_the_work_of_its_shards_without_a_race() -> None:
    async def main() -> tuple[int, int]:
        cluster = Cluster()
        two = await cluster.start_two()
        for number, request_id in enumerate(one_in_each(set(keys.SHARDS))):
            await give_one(two[number % 2], number, request_id)
        await asyncio.sleep(MINUTE.total_seconds())
        conflicts = cluster.world.slow.conflicts
        await asyncio.sleep(10 * MINUTE.total_seconds())
        await cluster.kill()
        return len(cluster.world.assignments.begun), cluster.world.slow.conflicts - conflicts

    revoked, conflicts = virtual_time.run(main())

    assert revoked == len(keys.SHARDS)
    assert conflicts == 0


async def _until_told(sender: FakeMessageSender, request_id: str) -> None:
    """Wait until the approver knows of a request."""
    told = request_id, f"approver-{ADA.object_id}"
    while told not in {(one.head.id, one.key) for one in sender.posts}:  # noqa: ASYNC110  # virtual
        await asyncio.sleep(0.05)


@pytest.mark.parametrize("asks", [0, 1])
def test_a_request_is_announced_at_once_by_whoever_was_asked(asks: int) -> None:
    async def main() -> list[float]:
        cluster = Cluster()
        two = await cluster.start_two()
        sender, took = cluster.world.message_sender, []
        others = covered(two[1 - asks])
        for number, request_id in enumerate(one_in_each(others)):
            await two[asks].ask(somebody(number), request_id)
            asked_at = cluster.world.clock()
            await _until_told(sender, request_id)
            took.append((cluster.world.clock() - asked_at).total_seconds())
        await cluster.kill()
        return took

    took = virtual_time.run(main())

    assert len(took) == len(keys.SHARDS) / 2
    assert max(took) < TOGETHER.total_seconds() + 1


@pytest.mark.parametrize("asks", [0, 1])
def test_what_is_asked_while_shards_change_hands_is_announced_at_once(asks: int) -> None:
    async def main() -> list[float]:
        cluster = Cluster()
        first = cluster.start()
        await asyncio.sleep(POLL.total_seconds() / 2)
        two = first, cluster.start()
        sender, took = cluster.world.message_sender, []

        async def ask(number: int) -> None:
            await two[asks].ask(somebody(number), f"req-{number:06d}")
            asked_at = cluster.world.clock()
            await _until_told(sender, f"req-{number:06d}")
            took.append((cluster.world.clock() - asked_at).total_seconds())

        asking = []
        for number in range(50):
            asking.append(asyncio.create_task(ask(number)))
            await asyncio.sleep(0.2)
        await asyncio.gather(*asking)
        await cluster.kill()
        return took

    took = virtual_time.run(main())

    assert len(took) == 50
    assert max(took) < TOGETHER.total_seconds() + 1


async def _revoked_after(end: Callable[[Cluster, Replica], Awaitable[None]]) -> list[float]:
    """End one of two replicas ten seconds before the end of access that it gave in each shard."""
    cluster = Cluster()
    ending, other = await cluster.start_two()
    ids = one_in_each(set(keys.SHARDS))
    ends = dict([await give_one(ending, number, one) for number, one in enumerate(ids)])
    await asyncio.sleep((min(ends.values()) - cluster.world.clock()).total_seconds() - 10)
    await end(cluster, ending)
    await asyncio.sleep(MINUTE.total_seconds())
    looks = covered(other)
    await cluster.kill()
    assert looks == set(keys.SHARDS)
    return lateness(ends, cluster.world.assignments.begun)


def test_what_a_killed_replica_would_have_ended_is_ended_within_a_claim() -> None:
    late = virtual_time.run(_revoked_after(lambda cluster, replica: cluster.kill(replica)))

    assert len(late) == len(keys.SHARDS)
    assert late[0] >= 0
    assert late[-1] < CLAIM.total_seconds()


def test_what_a_stopped_replica_would_have_ended_is_ended_on_time() -> None:
    late = virtual_time.run(_revoked_after(lambda cluster, replica: cluster.stop(replica)))

    assert len(late) == len(keys.SHARDS)
    assert late[0] >= 0
    assert late[-1] < 1


def test_a_restarted_replica_doesnt_wait_for_the_leases_of_its_predecessor() -> None:
    async def main() -> list[float]:
        cluster = Cluster()
        killed = cluster.start()
        ids = one_in_each(set(keys.SHARDS))
        ends = dict([await give_one(killed, number, one) for number, one in enumerate(ids)])
        await asyncio.sleep((min(ends.values()) - cluster.world.clock()).total_seconds() - 2)
        await cluster.kill(killed)
        cluster.start()
        await asyncio.sleep(MINUTE.total_seconds())
        await cluster.kill()
        return lateness(ends, cluster.world.assignments.begun)

    late = virtual_time.run(main())

    assert len(late) == len(keys.SHARDS)
    assert late[-1] < 0.5


def test_a_replica_that_stood_still_begins_nothing_before_it_knows_what_it_owns() -> None:
    async def main() -> list[str]:
        cluster = Cluster()
        paused, _ = await cluster.start_two()
        for number, request_id in enumerate(one_in_each(covered(paused))):
            await give_one(paused, number, request_id)
        await asyncio.sleep(4.5 * MINUTE.total_seconds())  # until it knows what will be due
        # For it, a minute has passed at once.
        assert isinstance(paused.world.clock, LoopClock)
        paused.world.clock.advance(MINUTE)
        cluster.tables[paused].partitions.clear()
        paused.worker._moves.look_at([])
        await asyncio.sleep(POLL.total_seconds())
        asked = list(cluster.tables[paused].partitions)
        await cluster.kill()
        return asked

    asked = virtual_time.run(main())

    assert asked[0] == "replicas"


async def _without_leases(replica: Replica) -> None:
    """Race for everything, as versions before the leases did."""
    await asyncio.gather(replica.worker._moves.run(), replica.worker._deliveries.run())


def test_a_replica_that_knows_no_leases_does_no_harm() -> None:
    async def main() -> tuple[list[float], list[str], list[list[str]]]:
        cluster = Cluster()
        older, newer = cluster.start(_without_leases), cluster.start()
        ids = one_in_each(set(keys.SHARDS))
        ends = dict(
            [
                await give_one((older, newer)[number % 2], number, one)
                for number, one in enumerate(ids)
            ]
        )
        await asyncio.sleep((max(ends.values()) - cluster.world.clock()).total_seconds() + 30)
        posted = [f"{sent.ref}" for sent in cluster.world.message_sender.posts]
        kinds = [await newer.event_kinds(request_id) for request_id in ids]
        await cluster.kill()
        return lateness(ends, cluster.world.assignments.begun), posted, kinds

    late, posted, kinds = virtual_time.run(main())

    assert len(late) == len(keys.SHARDS)
    assert late[-1] < 1
    assert len(set(posted)) == len(posted)
    assert all(each.count("granted") == each.count("revoked") == 1 for each in kinds)
