"""The history index: complete, newest first, and as cheap as what it shows."""

import asyncio
from datetime import timedelta

import pytest

from domain.audit.history import Filter
from domain.rotation.changes import start
from services.audit.history import History, Page, is_position
from services.audit.history_order import HistoryOrder
from services.azure.tables import AzureTable
from services.storage import keys
from services.storage.table import Delete, Insert, Table
from services.workflow.lists import former_history, history_rows
from tests.support.builders import (
    ADA,
    BO,
    DANA,
    EVE,
    MINUTE,
    OTHER_SECRET,
    SECRET,
    a_request,
)
from tests.support.clock import NINE
from tests.support.former_history import leave_unindexed, make_former
from tests.support.replica import Replica, World
from tests.support.rotation.builders import a_rotation
from tests.support.tables.crashing_table import Crash, Killed, When
from tests.support.tables.memory_table import MemoryTable
from tests.support.tables.watched_table import WatchedTable

EVERYTHING = Filter()
DAY = timedelta(days=1)


@pytest.fixture(params=["memory", "azurite"])
def table(request: pytest.FixtureRequest) -> Table:
    if request.param == "memory":
        return MemoryTable()
    real: Table = request.getfixturevalue("azurite_table")
    return real


def history_of(world: World) -> History:
    return History(world.table, Replica(world).workflows)


async def three_months(world: World) -> None:
    """Let Dana and Eve take turns requesting two secrets, every ten days, eight times."""
    replica = Replica(world)
    for number in range(8):
        await replica.ask(
            DANA if number % 2 else EVE,
            f"req-{number}",
            secret=SECRET if number < 4 else OTHER_SECRET,
        )
        world.clock.advance(days=10)


def ids(page: Page) -> list[str]:
    return [head.id for head in page.heads]


NONE: list[str] = []
ALL = [f"req-{number}" for number in range(8)]
SOME = ["req-0", "req-3", "req-4", "req-7"]


async def test_everything_is_found_newest_first_across_months_and_versions(table: Table) -> None:
    world = World(table)
    await three_months(world)
    await make_former(table, *SOME)

    page = await history_of(world).page(EVERYTHING, 10)

    assert ids(page) == [f"req-{number}" for number in reversed(range(8))]
    assert page.position is None


@pytest.mark.parametrize(
    ("wanted", "numbers"),
    [
        (Filter(person=DANA.object_id), [7, 5, 3, 1]),
        (Filter(person=EVE.object_id), [6, 4, 2, 0]),
        (Filter(secret=SECRET), [3, 2, 1, 0]),
        (Filter(secret=OTHER_SECRET.upper()), [7, 6, 5, 4]),
        (Filter(person=DANA.object_id, secret=SECRET), [3, 1]),
        (Filter(secret="never-asked-for"), []),
        (Filter(since=NINE + 60 * DAY), [7, 6]),
        (Filter(person=DANA.object_id, since=NINE + 50 * DAY), [7, 5]),
        (Filter(since=NINE + 200 * DAY), []),
    ],
)
@pytest.mark.parametrize("by_an_older", [NONE, SOME, ALL], ids=["none", "some", "all"])
async def test_workflows_are_found_by_person_by_secret_and_by_time(
    wanted: Filter, numbers: list[int], by_an_older: list[str]
) -> None:
    world = World()
    await three_months(world)
    await make_former(world.store, *by_an_older)

    page = await history_of(world).page(wanted, 10)

    assert ids(page) == [f"req-{number}" for number in numbers]


@pytest.mark.parametrize("wanted", [EVERYTHING, Filter(secret=SECRET), Filter(since=NINE)])
@pytest.mark.parametrize("most", [1, 3, 4, 7, 8])
@pytest.mark.parametrize("keep", [False, True], ids=["in one place", "in both"])
async def test_all_pages_together_are_complete(wanted: Filter, most: int, *, keep: bool) -> None:
    world = World()
    await three_months(world)
    await make_former(world.store, *SOME, keep=keep)
    history = history_of(world)
    whole = await history.page(wanted, 100)

    found: list[str] = []
    page = await history.page(wanted, most)
    found += ids(page)
    while page.position:
        assert len(page.heads) == most
        assert is_position(page.position)
        page = await history.page(wanted, most, page.position)
        found += ids(page)

    assert found == ids(whole)


@pytest.mark.parametrize("stored", [20, 200])
async def test_the_cost_of_a_page_depends_on_what_it_shows_not_on_what_is_stored(
    stored: int,
) -> None:
    world = World()
    replica = Replica(world)
    for number in range(stored):
        await replica.ask(request_id=f"req-{number}")
        world.clock.advance(minutes=1)
    await replica.worker.idle()
    world.table.forget_counts()

    await history_of(world).page(EVERYTHING, 10)

    # A few rows of each shard, of some a few more, and the heads.
    assert world.table.rows_read <= 16 * 5 + 20 + 11
    assert world.table.reads <= 1 + 16 + 2 + 11  # the former months, the shards, and so on


async def test_a_long_walk_reads_each_row_once() -> None:
    table = WatchedTable(MemoryTable())
    for number in range(300):
        request = a_request(id=f"req-{number}", requested_at=NINE + number * MINUTE)
        await table.transact(keys.shard_of(request.id), history_rows.opening_rows(request))
    table.forget_counts()

    order = await HistoryOrder.of(table, EVERYTHING, None, 20)
    found = []
    while some := await order.take(20):
        found += some

    assert found == sorted(found)
    assert len(found) == len(set(found)) == table.rows_read == 300
    assert table.reads < 1 + 16 * 4


async def test_someone_who_decided_finds_it_at_once(table: Table) -> None:
    world = World(table)
    replica = Replica(world)
    await replica.ask()
    await replica.access.approve(ADA, "req-one")
    history = history_of(world)

    assert ids(await history.page(Filter(person=ADA.object_id), 10)) == ["req-one"]
    assert ids(await history.page(Filter(person=ADA.object_id, secret=SECRET), 10)) == ["req-one"]
    assert ids(await history.page(Filter(person=BO.object_id), 10)) == []


async def test_someone_who_acts_twice_finds_it_once() -> None:
    world = World()
    replica = Replica(world)
    await replica.give()
    await replica.endings.end(ADA, "req-one")
    await replica.settle()
    history = history_of(world)

    found = await history.page(Filter(person=ADA.object_id), 1)

    assert ids(found) == ["req-one"]
    assert found.position is None


async def test_a_click_that_decides_writes_nothing_for_the_history() -> None:
    world = World()
    replica = Replica(world)
    await replica.ask()
    await replica.settle()
    world.table.forget_counts()

    await replica.access.approve(ADA, "req-one")

    assert world.table.transactions == 1


async def test_a_rotation_is_in_history(table: Table) -> None:
    world = World(table)
    replica = Replica(world)
    await replica.workflows.create(start(a_rotation()), None, NINE)

    assert ids(await history_of(world).page(EVERYTHING, 10)) == ["rot-one"]


async def test_a_request_submitted_twice_at_once_is_listed_once(table: Table) -> None:
    world = World(table)
    one, other = Replica(world), Replica(world)

    await asyncio.gather(one.ask(), other.ask())

    assert ids(await history_of(world).page(EVERYTHING, 10)) == ["req-one"]


async def test_an_older_versions_row_whose_workflow_was_never_written_is_skipped(
    table: Table,
) -> None:
    world = World(table)
    await three_months(world)
    await make_former(table, "req-7")
    late = history_rows.position(world.clock(), "req-never")
    month = former_history.month_partition(history_rows.month_of(late))
    await table.transact(month, [Insert(late, {})])

    page = await history_of(world).page(EVERYTHING, 3)

    assert ids(page) == ["req-7", "req-6", "req-5"]


async def test_an_older_versions_row_of_an_earlier_attempt_shows_nothing_twice(
    table: Table,
) -> None:
    world = World(table)
    replica = Replica(world)
    await replica.ask()
    stale = history_rows.position(NINE + DAY, "req-one")
    await world.table.transact(former_history.secret_partition(SECRET), [Insert(stale, {})])

    assert ids(await history_of(world).page(Filter(secret=SECRET), 10)) == ["req-one"]


@pytest.mark.parametrize("when", list(When))
@pytest.mark.parametrize("point", range(1, 9))
async def test_wherever_a_process_crashes_no_workflow_is_missing_from_any_index(
    point: int, when: When
) -> None:
    world = World()
    with pytest.raises(Killed):
        await _live(Replica(world, Crash(point, when)))
    exists = await Replica(world).workflows.load("req-one") is not None
    history = history_of(world)

    expected = ["req-one"] if exists else []
    for wanted in (EVERYTHING, Filter(secret=SECRET), Filter(person=DANA.object_id)):
        assert ids(await history.page(wanted, 10)) == expected


async def test_a_decision_that_an_older_version_left_unannounced_is_found_by_its_decider() -> None:
    world = World()
    replica = Replica(world)
    await replica.ask()
    await replica.settle()
    await replica.access.approve(ADA, "req-one")
    await leave_unindexed(world.store, "req-one", 2)
    history, wanted = history_of(world), Filter(person=ADA.object_id)
    before = ids(await history.page(wanted, 10))

    world.clock.advance(minutes=1)
    await Replica(world).settle()

    assert before == []
    assert ids(await history.page(wanted, 10)) == ["req-one"]


async def test_a_workflow_removed_from_the_table_is_skipped() -> None:
    world = World()
    await three_months(world)
    await world.table.transact(keys.shard_of("req-7"), [Delete(keys.head_key("req-7"))])

    assert ids(await history_of(world).page(EVERYTHING, 2)) == ["req-6", "req-5"]


async def test_reading_stops_at_a_limit_and_says_whether_there_is_more() -> None:
    world = World()
    await three_months(world)
    history = history_of(world)

    some, whole = await history.up_to(EVERYTHING, 5), await history.up_to(EVERYTHING, 100)

    assert len(some.heads) == 5
    assert some.position is not None
    assert len(whole.heads) == 8
    assert whole.position is None


@pytest.mark.parametrize(
    "text", ["", "~", "1~req-one", f"{'9' * 17}~req/one", f"{'9' * 17}", f"{'x' * 17}~req-one"]
)
def test_an_invalid_position_is_not_looked_up(text: str) -> None:
    assert not is_position(text)


async def test_over_the_real_table_two_replicas_share_one_index(azurite_table: AzureTable) -> None:
    world = World(azurite_table)
    one, other = Replica(world), Replica(world)
    await asyncio.gather(one.ask(DANA, "req-one"), other.ask(EVE, "req-two"))

    page = await history_of(world).page(EVERYTHING, 10)

    assert set(ids(page)) == {"req-one", "req-two"}


async def _live(replica: Replica) -> None:
    await replica.give()
