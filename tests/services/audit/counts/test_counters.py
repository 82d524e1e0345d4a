"""Every workflow is counted once, and a report's figures are those of the whole history."""

import asyncio
import gc
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import timedelta
from itertools import pairwise
from typing import Any

import pytest

from domain.audit.figures import Figures
from domain.checkpoints.checkpoints import SOONER
from domain.workflow import Change
from services.audit.counts import counting
from services.faults import Unavailable
from services.progress import ProgressCount
from services.storage.documents import Documents
from services.storage.table import Delete, Table
from services.workflow.lists import history_rows
from services.workflow.workflows import Snapshot, Workflows
from tests.services.audit.counted import COUNTED, DAY, TODAY, Counted
from tests.support.builders import ADA, BO, DANA, EVE, HOUR, MINUTE, OTHER_SECRET, SECRET
from tests.support.former_history import make_former
from tests.support.replica import World
from tests.support.tables.crashing_table import Crash, Killed, When
from tests.support.tables.memory_table import MemoryTable
from tests.support.tables.watched_table import WatchedTable


@pytest.fixture(params=["memory", "azurite"])
def table(request: pytest.FixtureRequest) -> Table:
    if request.param == "memory":
        return MemoryTable()
    real: Table = request.getfixturevalue("azurite_table")
    return real


EVERYTHING = ("req-a0", "req-b0", "req-c0", "req-a1", "req-b1", "req-c1", "req-open")


async def a_busy_day(one: Counted, number: int) -> None:
    """Let a request end, another be denied, and a third one wait until the next morning."""
    await one.replica.give(DANA, f"req-a{number}")
    await one.replica.ask(EVE, f"req-b{number}", secret=OTHER_SECRET)
    await one.replica.settle()
    await one.replica.deny(ADA, f"req-b{number}")
    await one.replica.pass_time(13 * HOUR)
    await one.replica.give(DANA, f"req-c{number}", secrets=(SECRET, OTHER_SECRET), window=4 * HOUR)
    await one.replica.pass_time(11 * HOUR)


async def some_days(one: Counted, days: int = 3) -> None:
    for number in range(days):
        await a_busy_day(one, number)
    await one.replica.settle()


def how_many(figures: Figures) -> int:
    return sum(figures.requests.values())


async def test_a_day_is_counted_in_the_table(table: Table) -> None:
    one = Counted(World(table))
    await one.begin()
    await one.replica.ask(DANA, "req-one", secrets=(SECRET, OTHER_SECRET))
    await one.until(COUNTED)

    assert (await one.head()).next_day == TODAY + DAY
    assert (await one.counted()).requests == {"lapsed": 1}
    assert (await one.counted(secret=SECRET)).requests == {"lapsed": 1}


async def test_a_report_has_the_figures_of_the_whole_history() -> None:
    one = Counted()
    await one.begin()
    await some_days(one)

    figures = await one.counted()

    assert (await one.head()).next_day == TODAY + 3 * DAY
    assert figures == await one.walked()
    assert how_many(figures) == 9


async def test_a_report_about_a_secret_has_the_figures_of_its_history() -> None:
    one = Counted()
    await one.begin()
    await some_days(one)

    of_secret = await one.counted(secret=OTHER_SECRET.upper())

    assert of_secret == await one.walked(secret=OTHER_SECRET)
    assert how_many(of_secret) == 6
    assert await one.counted(secret="unknown") == Figures()


async def test_every_moment_has_the_figures_of_the_history() -> None:
    one = Counted()
    await one.begin()
    for number in range(3):
        await one.replica.give(DANA, f"req-{number}", window=4 * HOUR)
        for _ in range(24):
            await one.replica.pass_time(HOUR)

            for last in (timedelta(), DAY, 30 * DAY):
                assert await one.counted(last) == await one.walked(last)


async def test_a_report_reads_no_workflow_that_is_counted() -> None:
    one = Counted()
    await one.begin()
    await some_days(one)
    await one.until(COUNTED + 3 * DAY)

    async with reading(one) as read:
        figures = await one.counted()

    assert how_many(figures) == 9
    assert [key for key in read if "~req-" in key] == []


async def test_a_report_counts_what_it_has_read_before_it_reads_on(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Else it would hold every workflow of a busy day at once."""
    monkeypatch.setattr(counting, "_AT_ONCE", 2)
    one = Counted()
    await one.begin()
    await one.until(COUNTED)
    for number in range(5):
        await one.replica.ask(DANA, f"req-{number}")
    read_so_far: list[int] = []

    class Progress(ProgressCount):
        def add(self, done: int) -> None:
            read_so_far.append(len([key for key in read if "~req-" in key]))
            super().add(done)

    async with reading(one) as read:
        await one.counters.figures.since(TODAY, None, Progress())

    steps = [after - before for before, after in pairwise([0, *read_so_far])]
    assert max(steps) == 2


async def test_a_request_that_waits_for_days_is_counted_when_it_is_over() -> None:
    one = Counted()
    await one.begin()
    starts = one.world.clock() + 3 * DAY
    await one.replica.ask(DANA, "req-one", starts_at=starts)
    await one.replica.settle()
    await one.replica.approve()
    await one.until(COUNTED + DAY)
    waiting = await one.counted()
    await one.until(COUNTED + 4 * DAY)

    assert waiting.requests == {"scheduled": 1}
    assert (await one.counted()).requests == {"revoked": 1}
    assert await one.counted() == await one.walked()
    assert await one.counted(last=2 * DAY) == Figures()


async def test_an_event_after_the_end_does_not_make_it_count_twice() -> None:
    one = Counted()
    await one.begin()
    await one.replica.give(DANA, "req-one")
    await one.until(COUNTED + 2 * HOUR)
    stored = await one.replica.workflows.load("req-one")
    assert stored
    (event, *_) = await one.replica.events("req-one")
    late = type(event)("sign_in_refused", one.world.clock(), ADA, {})
    await one.replica.engine.record(stored, Change(stored.head, (late,)))
    soon = await one.counted()
    await one.until(COUNTED + 2 * DAY)

    assert how_many(soon) == 1
    assert how_many(await one.counted()) == 1


@pytest.mark.parametrize("by_an_older", [(), ("req-a0", "req-c1"), EVERYTHING])
async def test_what_is_older_than_the_counters_is_counted_from_the_history(
    by_an_older: tuple[str, ...],
) -> None:
    before = Counted()
    await some_days(before, days=2)
    await before.replica.ask(BO, "req-open")
    await make_former(before.world.store, *by_an_older)
    later = Counted(before.world)
    await later.begin()
    await later.replica.settle()
    caught_up = await later.head()
    figures = await later.counted()
    await later.until(COUNTED + 5 * DAY)

    assert caught_up.has_caught_up
    assert how_many(figures) == 7
    assert await later.counted() == await later.walked()
    assert how_many(await later.counted()) == 7


@pytest.mark.parametrize("by_an_older", [(), ("req-one",)])
async def test_they_begin_with_the_oldest_month_whichever_version_noted_it(
    by_an_older: tuple[str, ...],
) -> None:
    before = Counted()
    await before.replica.ask(DANA, "req-one")
    await make_former(before.world.store, *by_an_older)
    if by_an_older:
        [month] = await before.world.store.range(history_rows.MONTHS, "", "~")
        await before.world.store.transact(history_rows.MONTHS, [Delete(month.key)])
    await before.replica.pass_time(40 * DAY)
    later = Counted(before.world)
    await later.replica.ask(DANA, "req-two")
    await later.begin()

    assert (await later.head()).oldest == TODAY.replace(day=1)


async def test_before_the_first_start_the_history_is_read() -> None:
    one = Counted()
    await some_days(one, days=1)

    assert await one.counted() == await one.walked()
    assert how_many(await one.counted()) == 3


async def test_a_day_is_counted_in_parts(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(counting, "IN_A_PART", 2)
    one = Counted()
    await one.begin()
    await some_days(one)

    assert await one.counted() == await one.walked()
    assert await one.counted(secret=SECRET) == await one.walked(secret=SECRET)
    assert how_many(await one.counted()) == 9


async def test_of_a_part_only_some_workflows_are_in_memory(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(counting, "_AT_ONCE", 2)
    in_memory: list[int] = []
    read = Workflows.snapshot

    async def noting(workflows: Workflows, workflow_id: str) -> Snapshot | None:
        found = await read(workflows, workflow_id)
        in_memory.append(sum(isinstance(each, Snapshot) for each in gc.get_objects()))
        return found

    one = Counted()
    await one.begin()
    for number in range(12):
        await one.replica.ask(DANA, f"req-{number}")
    await one.until(COUNTED - MINUTE)
    with monkeypatch.context() as watched:
        watched.setattr(Workflows, "snapshot", noting)
        await one.until(COUNTED)

    assert how_many(await one.counted()) == len(in_memory) == 12
    assert max(in_memory) - min(in_memory) <= 3


async def test_what_cannot_be_read_is_counted_once_it_can() -> None:
    one = Counted()
    await one.begin()
    await one.replica.give(DANA, "req-one")
    await one.replica.pass_time(2 * HOUR)
    mend = await one.world.garble("req-one")
    await one.until(COUNTED)
    garbled = await one.report()
    await mend()
    await one.until(COUNTED + DAY)

    assert (garbled.requests, garbled.unreadable) == ((), 1)
    mended = await one.report()
    assert (mended.requests, mended.unreadable) == ((("revoked", 1),), 0)


async def test_a_missing_checkpoint_is_waited_for(monkeypatch: pytest.MonkeyPatch) -> None:
    one = Counted()
    await one.begin()
    await one.replica.ask(DANA, "req-one")

    async def fail(*_: Any) -> None:
        raise Unavailable("the table", "503")

    with monkeypatch.context() as broken:
        broken.setattr("services.audit.days.day_leaves.DayLeaves.read_on", fail)
        await one.until(COUNTED)
    waiting = await one.head()
    await one.until(COUNTED + 2 * SOONER)

    assert waiting.next_day == TODAY
    assert (await one.head()).next_day == TODAY + DAY


async def test_two_replicas_count_each_day_once() -> None:
    one = Counted()
    two = Counted(one.world)
    await asyncio.gather(one.begin(), two.begin())
    await one.replica.give(DANA, "req-one")
    one.world.clock.advance_to(COUNTED + 2 * DAY)
    await asyncio.gather(one.replica.settle(), two.replica.settle())
    await one.until(COUNTED + 2 * DAY + HOUR)

    assert (await one.head()).next_day == TODAY + 3 * DAY
    assert how_many(await one.counted()) == 1


async def test_a_replica_that_comes_back_late_changes_nothing() -> None:
    one = Counted()
    await one.begin()
    await one.replica.pass_time(13 * HOUR)
    await one.replica.give(DANA, "req-one", window=4 * HOUR)  # it ends on the next day
    await one.until(COUNTED + DAY)
    head = await one.head()
    late = Counted(one.world)
    await late.counters.moves.perform("count", replace(head, next_day=TODAY))

    assert how_many(await one.counted()) == 1
    assert await one.counted() == await one.walked()


async def _lived(crash: Crash) -> Counted:
    """Let a process count days until it dies, and another one finish."""
    one = Counted(crash=crash)
    try:
        await one.begin()
        await one.replica.ask(DANA, "req-one")
        await one.until(COUNTED + MINUTE)
    except Killed:
        pass
    after = Counted(one.world)
    await after.begin()
    await after.replica.ask(DANA, "req-one")
    await after.until(COUNTED + DAY + HOUR)
    return after


async def test_a_kill_at_any_instant_leaves_everything_counted_once() -> None:
    whole = Crash()
    await _lived(whole)

    for point in range(1, whole.points + 1):
        for when in When:
            one = await _lived(Crash(point, when))

            assert (await one.head()).next_day == TODAY + 2 * DAY, (point, when)
            assert await one.counted() == await one.walked(), (point, when)
            assert (await one.counted()).requests == {"lapsed": 1}, (point, when)


async def test_missing_figures_are_noticed(caplog: pytest.LogCaptureFixture) -> None:
    one = Counted()
    await one.begin()
    await one.replica.give(DANA, "req-one")
    await one.until(COUNTED)
    await Documents(one.world.store).delete(f"figures~{TODAY.isoformat()}~0000")
    await one.counted()

    assert "the figures of 1 days are missing" in caplog.text


@asynccontextmanager
async def reading(one: Counted) -> AsyncIterator[list[str]]:
    """Collect the keys and ranges that are read."""
    read: list[str] = []
    table = one.world.table
    assert isinstance(table, WatchedTable)
    get, ranged = table.get, table.range

    async def getting(partition: str, key: str) -> Any:
        read.append(key)
        return await get(partition, key)

    async def ranging(partition: str, start: str, *rest: Any) -> Any:
        read.append(start)
        return await ranged(partition, start, *rest)

    table.get, table.range = getting, ranging  # type: ignore[assignment, method-assign]
    try:
        yield read
    finally:
        table.get, table.range = get, ranged  # type: ignore[method-assign]
