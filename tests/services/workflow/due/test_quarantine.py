"""Rows this version can't handle are quarantined: others continue, and none is lost."""

import pytest

from domain.access.request import RequestState
from services.storage import keys
from services.storage.table import Delete, Insert, Row, Table
from services.workflow.due.agenda import CLAIM, Agenda
from services.workflow.due.quarantine import Quarantine
from services.workflow.due.unhandled import PATIENCE
from services.workflow.worker import PUT_BACK_EVERY
from tests.services.workflow.test_rolling_upgrade import two_versions, work
from tests.support.builders import DANA, EVE, HOUR, MINUTE
from tests.support.clock import NINE
from tests.support.replica import Replica, World
from tests.support.tables.memory_table import MemoryTable

IN_ONE_SHARD = [
    one for one in (f"req-n{n:09d}" for n in range(4_000)) if keys.shard_of(one) == "00"
]
BEHIND = next(one for one in (f"req-b{n:09d}" for n in range(99)) if keys.shard_of(one) == "00")


@pytest.fixture(params=["memory", "azurite"])
def table(request: pytest.FixtureRequest) -> Table:
    """Each table that a queue can be in."""
    if request.param == "memory":
        return MemoryTable()
    real: Table = request.getfixturevalue("azurite_table")
    return real


async def _put(table: Table, *ids: str, **values: str) -> None:
    for one in ids:
        key = keys.due_key(keys.AGENDA, NINE, one)
        await table.transact(keys.shard_of(one), [Insert(key, {"workflow": one, **values})])


async def _rows(table: Table, prefix: str = "agenda") -> list[Row]:
    found = [await table.range(shard, f"{prefix}~", f"{prefix}~~") for shard in keys.SHARDS]
    return [row for rows in found for row in rows]


async def _let_pass(replica: Replica, times: int) -> None:
    for _ in range(times):
        await replica.tick()
        replica.world.clock.advance(CLAIM)


LONG_ENOUGH = 2 + int(PATIENCE / CLAIM)


async def test_a_hundred_rows_of_a_newer_version_hold_up_no_revocation() -> None:
    world = World()
    replica = Replica(world)
    unread = IN_ONE_SHARD[:100]
    for one in unread:
        await replica.ask(EVE, one)
    await replica.settle()
    for one in unread:
        await world.garble(one)
    world.clock.advance(hours=6)
    await replica.give(request_id=BEHIND, window=4 * HOUR)
    world.clock.advance(hours=5)  # the hundred lapse after 8 hours, the access after 10

    await replica.tick()

    assert (await replica.request(BEHIND)).state is RequestState.REVOKED


async def test_polling_reads_past_rows_claimed_by_others(table: Table) -> None:
    agenda = Agenda(table, keys.AGENDA)
    await _put(table, *IN_ONE_SHARD[:5])
    for row in await agenda.due(NINE):
        await agenda.claim(row, NINE)
    await _put(table, BEHIND.replace("req-b", "req-z"), IN_ONE_SHARD[6])

    due = await agenda.due(NINE, limit_per_shard=2)

    assert IN_ONE_SHARD[6] in [row.workflow_id for row in due]


async def test_polling_reads_past_rows_waiting_in_other_lanes(table: Table) -> None:
    agenda = Agenda(table, keys.AGENDA)
    await _put(table, *IN_ONE_SHARD[:5], lane="giving_access")
    await _put(table, IN_ONE_SHARD[6], lane="ending_access")

    due = await agenda.due(NINE, limit_per_shard=2)

    assert [row.workflow_id for row in due] == [*IN_ONE_SHARD[:2], IN_ONE_SHARD[6]]


async def test_a_row_moves_into_quarantine_and_back_unchanged(table: Table) -> None:
    agenda, quarantine = Agenda(table, keys.AGENDA), Quarantine(table, "1")
    await _put(table, "req-one", lane="giving_access", what="a newer one wrote")
    before = await agenda.due(NINE)
    claimed = await agenda.claim(before[0], NINE)
    assert claimed is not None

    taken = await quarantine.take(claimed.as_row(), "WrittenByNewer", NINE)
    aside = (await agenda.due(NINE + HOUR), await quarantine.listed())
    found = await quarantine.requeue("req-one")
    [after] = await agenda.due(NINE)

    assert (taken, found) == (True, True)
    assert aside[0] == []
    assert [(row.workflow_id, row.reason, row.versions) for row in aside[1]] == [
        ("req-one", "WrittenByNewer", ("1",))
    ]
    assert (after.key, after.claimed_until, after.lane) == (
        before[0].key,
        None,
        before[0].lane,
    )
    assert after.values["what"] == "a newer one wrote"
    assert await quarantine.listed() == []


async def test_a_row_changed_meanwhile_is_not_quarantined(table: Table) -> None:
    agenda, quarantine = Agenda(table, keys.AGENDA), Quarantine(table, "1")
    await _put(table, "req-one")
    [row] = await agenda.due(NINE)
    await agenda.claim(row, NINE)

    taken = await quarantine.take(row.as_row(), "WrittenByNewer", NINE)

    assert not taken
    assert await quarantine.listed() == []


async def test_a_version_restores_rows_that_only_others_could_not_handle(table: Table) -> None:
    agenda = Agenda(table, keys.AGENDA)
    older, newer = Quarantine(table, "1"), Quarantine(table, "2")
    await _put(table, "req-one")
    [row] = await agenda.due(NINE)
    await older.take(row.as_row(), "WrittenByNewer", NINE)

    by_itself = await older.put_back_of_others()
    by_the_newer = await newer.put_back_of_others()
    [again] = await agenda.due(NINE)
    await newer.take(again.as_row(), "CorruptWorkflow", NINE)
    [left] = await newer.listed()

    assert (by_itself, by_the_newer) == (0, 1)
    assert left.versions == ("1", "2")
    assert await older.put_back_of_others() == await newer.put_back_of_others() == 0


async def test_a_row_just_found_unreadable_is_left_to_a_version_that_can_read_it() -> None:
    world = World()
    replica = Replica(world)
    await replica.give()
    await world.garble("req-one")
    world.clock.advance(hours=2)

    await _let_pass(replica, LONG_ENOUGH - 3)

    assert await replica.quarantine.listed() == []


async def test_a_row_that_stays_unreadable_is_quarantined_and_listed_once() -> None:
    world = World()
    replica = Replica(world)
    await replica.give()
    await world.garble("req-one")
    world.clock.advance(hours=2)

    await _let_pass(replica, LONG_ENOUGH)
    listed = await replica.quarantine.listed()
    found = await replica.stuck.list()
    world.table.forget_counts()
    await _let_pass(replica, 3)

    assert {row.workflow_id for row in listed} == {"req-one"}
    assert len(found.quarantined) == 1
    assert world.table.transactions == 0


async def test_an_announcement_that_cannot_be_read_is_quarantined_too() -> None:
    world = World()
    replica = Replica(world)
    await replica.ask()
    await world.garble("req-one")

    await _let_pass(replica, LONG_ENOUGH)

    assert {row.row_key.partition("~")[0] for row in await replica.quarantine.listed()} == {
        "outbox"
    }


async def test_a_head_whose_text_is_broken_is_quarantined_without_its_text() -> None:
    world = World()
    replica = Replica(world)
    await replica.give()
    row = await world.table.get(keys.shard_of("req-one"), keys.head_key("req-one"))
    assert row is not None
    broken = Insert(row.key, {**row.values, "head": '{"id": "Smoke test, CHG-4711"'})
    await world.table.transact(row.partition, [Delete(row.key)])
    await world.table.transact(row.partition, [broken])
    world.clock.advance(hours=2)

    await _let_pass(replica, LONG_ENOUGH)

    [left] = await replica.quarantine.listed()
    assert left.reason == "Unreadable"


async def test_a_torn_workflow_is_quarantined() -> None:
    world = World()
    replica = Replica(world)
    await replica.give()
    [row] = [row for row in await _rows(world.table) if "req-one" in row.key]
    moved = Insert(keys.due_key(keys.AGENDA, NINE, "req-one"), row.values)
    await world.table.transact(row.partition, [Delete(row.key), moved])
    world.clock.advance(hours=2)

    await _let_pass(replica, LONG_ENOUGH)

    assert {row.reason for row in await replica.quarantine.listed()} == {"CorruptWorkflow"}


async def test_a_completely_unreadable_row_stops_no_other() -> None:
    world = World()
    replica = Replica(world)
    await replica.give()
    shard = keys.shard_of("req-one")
    broken = (
        Insert("agenda~0", {"workflow": "req-x"}),
        Insert("agenda~2026-03-02T09:00:00~req-y", {"workflow": "req-y"}),
        Insert(keys.due_key(keys.AGENDA, NINE, "req-z"), {"claimed_until": "soon"}),
    )
    await world.table.transact(shard, broken)
    world.clock.advance(hours=1)

    await replica.tick()
    state = (await replica.request()).state
    await _let_pass(replica, LONG_ENOUGH)

    assert state is RequestState.REVOKED
    assert {row.row_key for row in await replica.quarantine.listed()} == {row.key for row in broken}
    assert await _rows(world.table) == []


async def test_the_newer_version_handles_what_the_older_one_quarantined() -> None:
    world = World()
    older, newer = two_versions(world)
    await newer.give()
    world.clock.advance(HOUR)
    await _let_pass(older, LONG_ENOUGH)
    aside = await older.quarantine.listed()

    await newer.tick()

    assert {row.workflow_id for row in aside} == {"req-one"}
    assert (await newer.request()).state is RequestState.REVOKED
    assert world.assignments.all() == []


async def test_the_newer_version_handles_it_while_both_are_running() -> None:
    world = World()
    older, newer = two_versions(world)
    await newer.give()
    await newer.tick()
    world.clock.advance(HOUR)
    await _let_pass(older, LONG_ENOUGH)

    await work(world, older, newer, until=PUT_BACK_EVERY.total_seconds() + 10)

    assert world.assignments.all() == []
    assert await newer.quarantine.listed() == []


async def test_a_click_advances_a_workflow_that_another_version_quarantined() -> None:
    world = World()
    older, newer = two_versions(world)
    await newer.give()
    world.clock.advance(HOUR - MINUTE)  # the warning is due, the end is not
    await _let_pass(older, LONG_ENOUGH)
    assert await older.quarantine.listed()

    await newer.endings.give_back(DANA, "req-one")
    await newer.worker.idle()

    assert (await newer.request()).state is RequestState.REVOKED
    assert world.assignments.all() == []


async def test_the_same_version_retries_when_asked_to() -> None:
    world = World()
    replica = Replica(world)
    await replica.give()
    mend = await world.garble("req-one")
    world.clock.advance(hours=2)
    await _let_pass(replica, LONG_ENOUGH)
    await mend()

    await _let_pass(replica, 2)
    before = (await replica.request()).state
    found = await replica.quarantine.requeue("req-one")
    await replica.tick()

    assert (found, await replica.quarantine.requeue("req-none")) == (True, False)
    assert before is RequestState.ACTIVE
    assert (await replica.request()).state is RequestState.REVOKED
