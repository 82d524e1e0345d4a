"""Which shards a replica looks at, as replicas come, go, die and stand still."""

import asyncio
from collections.abc import Collection
from datetime import datetime, timedelta

import pytest

from services.clock import Clock
from services.faults import Unavailable
from services.storage import keys
from services.storage.table import Replace, Row, Table
from services.workflow.due.agenda import CLAIM
from services.workflow.due.shard_board import ShardBoard
from services.workflow.due.shard_leases import LEASE, RENEW_EVERY, ShardLeases
from services.workflow.worker import POLL
from tests.support.builders import MINUTE
from tests.support.clock import ManualClock
from tests.support.tables.memory_table import MemoryTable
from tests.support.tables.watched_table import WatchedTable

ALL = set(keys.SHARDS)


@pytest.fixture(params=["memory", "azurite"])
def table(request: pytest.FixtureRequest) -> Table:
    if request.param == "memory":
        return MemoryTable()
    real: Table = request.getfixturevalue("azurite_table")
    return real


class BrokenTable(MemoryTable):
    """A table that can't be read for a while."""

    is_broken = False

    async def range(
        self, partition: str, start: str, stop: str, limit: int | None = None
    ) -> list[Row]:
        if self.is_broken:
            raise Unavailable("Tables", "503")
        return await super().range(partition, start, stop, limit)


class RenewedMeanwhile(MemoryTable):
    """A table in which what was read changes right after it, once."""

    is_due = False

    async def range(
        self, partition: str, start: str, stop: str, limit: int | None = None
    ) -> list[Row]:
        rows = await super().range(partition, start, stop, limit)
        if self.is_due:
            self.is_due = False
            await self.transact(partition, [Replace(row.key, row.values, row.etag) for row in rows])
        return rows


class Sharer:
    """One replica's leases, and what they made it look at since the last question."""

    def __init__(self, table: Table, name: str, clock: Clock, handles: str = "1") -> None:
        self.leases = ShardLeases(ShardBoard(table), name, handles, clock)
        self._found: set[str] = set()
        self.leases.on_look(self._note)

    @property
    def covered(self) -> set[str]:
        return {shard for shard in keys.SHARDS if self.leases.covers(shard)}

    def found(self) -> set[str]:
        """Return what it was told to look at since this was last asked."""
        found, self._found = self._found, set()
        return found

    def _note(self, shards: Collection[str]) -> None:
        self._found |= set(shards)


async def pass_time(clock: ManualClock, by: timedelta, *sharers: Sharer) -> None:
    """Let time pass while these replicas live."""
    end = clock() + by
    while clock() < end:
        clock.advance(POLL)
        for sharer in sharers:
            await sharer.leases.keep()


async def started(table: Table, clock: ManualClock, *names: str) -> list[Sharer]:
    """Start replicas one after the other, and let them see each other alive."""
    sharers = [Sharer(table, name, clock) for name in names]
    for sharer in sharers:
        await sharer.leases.keep()
    await pass_time(clock, 2 * RENEW_EVERY, *sharers)
    for sharer in sharers:
        sharer.found()
    return sharers


async def test_a_replica_that_has_just_started_looks_at_everything(table: Table) -> None:
    clock = ManualClock()
    alone = Sharer(table, "a", clock)
    before = alone.covered

    await alone.leases.keep()

    assert before == ALL
    assert alone.covered == ALL


@pytest.mark.parametrize("count", [2, 3, 5])
async def test_replicas_share_all_shards_and_no_two_have_the_same(table: Table, count: int) -> None:
    sharers = await started(table, ManualClock(), *"abcde"[:count])

    shares = [sharer.covered for sharer in sharers]
    assert set.union(*shares) == ALL
    assert sum(map(len, shares)) == len(ALL)
    assert max(map(len, shares)) - min(map(len, shares)) <= 1


async def test_a_dead_replicas_shards_are_taken_within_a_claim(table: Table) -> None:
    clock = ManualClock()
    dead, other = await started(table, clock, "a", "b")
    missing = dead.covered

    still_held = LEASE - RENEW_EVERY - POLL
    await pass_time(clock, still_held, other)
    before = other.covered
    await pass_time(clock, CLAIM - still_held, other)

    assert before == ALL - missing
    assert other.covered == ALL
    assert other.found() == ALL  # it may have left something in any shard


async def test_who_starts_beside_a_dead_replica_looks_at_its_shards_from_the_start() -> None:
    table, clock = MemoryTable(), ManualClock()
    await started(table, clock, "dead")
    restarted = Sharer(table, "restarted", clock)

    covered = []
    for _ in range(10):
        await pass_time(clock, POLL, restarted)
        covered.append(restarted.covered)

    assert covered == [ALL] * 10


async def test_who_starts_beside_a_living_replica_leaves_it_its_shards_once_it_is_seen_alive() -> (
    None
):
    table, clock = MemoryTable(), ManualClock()
    [living] = await started(table, clock, "living")
    starting = Sharer(table, "starting", clock)

    await starting.leases.keep()
    first = starting.covered
    await pass_time(clock, RENEW_EVERY + POLL, living, starting)

    assert first == ALL
    assert len(starting.covered) == len(living.covered) == len(ALL) / 2
    assert starting.covered | living.covered == ALL


@pytest.mark.parametrize("by", [MINUTE, LEASE])
async def test_a_paused_replica_covers_nothing_until_it_knows_what_became_of_its_shards(
    table: Table, by: timedelta
) -> None:
    clock = ManualClock()
    paused, other = await started(table, clock, "a", "b")

    await pass_time(clock, by, other)
    before = paused.covered
    await paused.leases.keep()
    await other.leases.keep()

    assert before == set()
    assert paused.covered & other.covered == set()
    assert paused.covered | other.covered == ALL
    assert paused.found() == paused.covered


async def test_replicas_that_all_stood_still_share_as_before() -> None:
    table, clock = MemoryTable(), ManualClock()
    one, other = await started(table, clock, "a", "b")

    clock.advance(MINUTE)
    await pass_time(clock, 2 * RENEW_EVERY, one, other)

    assert one.covered & other.covered == set()
    assert one.covered | other.covered == ALL


async def test_a_replica_that_stops_hands_its_shards_over_at_once(table: Table) -> None:
    clock = ManualClock()
    stopping, other = await started(table, clock, "a", "b")
    its = stopping.covered

    await stopping.leases.hand_over()
    await other.leases.keep()
    taken = other.found()
    await other.leases.keep()
    meanwhile = other.found()
    await stopping.leases.leave()
    await other.leases.keep()
    last = other.found()
    await other.leases.keep()

    assert its < other.covered == ALL
    assert taken == meanwhile == last == ALL  # it may still hand over what it had begun
    assert other.found() == set()


async def test_the_last_replica_that_stops_leaves_nothing_behind(table: Table) -> None:
    clock = ManualClock()
    [alone] = await started(table, clock, "a")

    await alone.leases.hand_over()
    await alone.leases.leave()

    board = await ShardBoard(table).read()
    assert board.members == {}
    assert board.owners == {}


async def test_a_replica_that_stops_while_it_renews_its_row_tries_again(
    caplog: pytest.LogCaptureFixture,
) -> None:
    table = RenewedMeanwhile()
    alone = Sharer(table, "a", ManualClock())
    await alone.leases.keep()
    table.is_due = True

    await alone.leases.leave()

    board = await ShardBoard(table).read()
    assert (board.members, caplog.messages) == ({}, [])


async def test_a_replica_that_stops_before_it_began_writes_nothing() -> None:
    table = MemoryTable()
    alone = Sharer(table, "a", ManualClock())

    await alone.leases.hand_over()
    await alone.leases.leave()

    assert table.rows() == []


async def test_replicas_that_start_together_agree_at_once() -> None:
    table, clock = WatchedTable(MemoryTable()), ManualClock()
    sharers = [Sharer(table, name, clock) for name in "abc"]

    await asyncio.gather(*(sharer.leases.keep() for sharer in sharers))

    board = await ShardBoard(table).read()
    assert set(board.members) == set("abc")
    assert set(board.owners) == ALL
    assert set(board.owners.values()) == set("abc")


@pytest.mark.parametrize("apart", [2 * MINUTE, -2 * MINUTE])
async def test_replicas_whose_clocks_differ_take_nothing_from_each_other(apart: timedelta) -> None:
    table, clock = MemoryTable(), ManualClock()

    def wrong() -> datetime:
        return clock() + apart

    one, other = Sharer(table, "a", clock), Sharer(table, "b", wrong)
    await pass_time(clock, 2 * RENEW_EVERY, one, other)
    before = one.covered, other.covered
    await pass_time(clock, MINUTE, one, other)

    assert len(before[0]) == len(before[1]) == len(ALL) / 2
    assert (one.covered, other.covered) == before


async def test_of_two_versions_each_looks_at_everything_that_the_other_may_not_handle() -> None:
    table, clock = MemoryTable(), ManualClock()
    older, newer = Sharer(table, "a", clock, "0.1/6"), Sharer(table, "b", clock, "0.2/7")
    alike = Sharer(table, "c", clock, "0.2/7")
    await pass_time(clock, 2 * RENEW_EVERY, older, newer, alike)

    during = older.covered, newer.covered | alike.covered, newer.covered & alike.covered
    await older.leases.hand_over()
    await older.leases.leave()
    await pass_time(clock, POLL, newer, alike)

    board = await ShardBoard(table).read()
    assert during[:2] == (ALL, ALL)
    assert newer.covered & alike.covered == set()
    assert newer.covered | alike.covered == ALL
    assert set(board.owners.values()) == {"b", "c"}


async def test_while_the_leases_cant_be_read_a_replica_looks_at_everything() -> None:
    table, clock = BrokenTable(), ManualClock()
    one, other = await started(table, clock, "a", "b")
    its = one.covered
    table.is_broken = True
    running = asyncio.create_task(one.leases.run(lambda: timedelta(milliseconds=1)))
    await asyncio.sleep(0.01)
    at_first = one.covered

    clock.advance(LEASE)
    await asyncio.sleep(0.01)
    blind, found = one.covered, one.found()
    table.is_broken = False
    await other.leases.keep()
    await asyncio.sleep(0.01)
    running.cancel()
    await asyncio.gather(running, return_exceptions=True)
    await pass_time(clock, 2 * RENEW_EVERY, one, other)

    assert at_first == its
    assert blind == found == ALL
    assert len(one.covered) == len(ALL) / 2


async def test_a_lease_costs_a_read_in_two_seconds_and_a_transaction_in_five() -> None:
    table, clock = WatchedTable(MemoryTable()), ManualClock()
    one, other = await started(table, clock, "a", "b")
    table.forget_counts()

    await pass_time(clock, MINUTE, one, other)

    assert table.reads == 2 * MINUTE / POLL
    assert table.transactions <= 2 * MINUTE / RENEW_EVERY
