"""The simulated crash that other tests rely on."""

import asyncio

import pytest

from services.storage.table import Insert
from tests.support.tables.crashing_table import Crash, CrashingTable, Killed, When
from tests.support.tables.memory_table import MemoryTable
from tests.support.tables.watched_table import WatchedTable


@pytest.mark.parametrize(("when", "survivors"), [(When.BEFORE, ["1"]), (When.AFTER, ["1", "2"])])
async def test_a_crash_at_the_second_write_keeps_the_earlier_writes(
    when: When, survivors: list[str]
) -> None:
    table = MemoryTable()
    dying = CrashingTable(table, Crash(2, when))
    await dying.transact("p", [Insert("1", {})])

    with pytest.raises(Killed):
        await dying.transact("p", [Insert("2", {})])

    assert [row.key for row in await table.range("p", "", "~")] == survivors


@pytest.mark.parametrize("when", list(When))
async def test_a_crash_comes_at_its_write_during_concurrent_writes(when: When) -> None:
    table = CrashingTable(WatchedTable(MemoryTable()), Crash(1, when))

    writes = (table.transact("p", [Insert(key, {})]) for key in ("1", "2"))
    ends = await asyncio.gather(*writes, return_exceptions=True)

    assert isinstance(ends[0], Killed)


async def test_after_a_crash_nothing_works() -> None:
    crash = Crash(1)
    one, another = CrashingTable(MemoryTable(), crash), CrashingTable(MemoryTable(), crash)
    with pytest.raises(Killed):
        await one.transact("p", [Insert("1", {})])

    for attempt in (one.get("p", "1"), another.range("p", "", "~"), another.transact("p", [])):
        with pytest.raises(Killed):
            await attempt


async def test_without_a_crash_the_crash_points_are_counted() -> None:
    crash = Crash()
    table = CrashingTable(MemoryTable(), crash)

    for key in ("1", "2", "3"):
        await table.transact("p", [Insert(key, {})])

    assert crash.points == 3
