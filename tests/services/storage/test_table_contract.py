"""What every table promises, tested on the in-memory one, the benchmarks' and the real one."""

from datetime import UTC, datetime, timedelta, timezone

import pytest

from services.faults import Conflict
from services.storage.table import Delete, Insert, Replace, Row, Table, Value
from tests.support.tables.memory_table import MemoryTable

STALE = "W/\"datetime'2026-01-01T00%3A00%3A00.0000000Z'\""


@pytest.fixture(params=["memory", "ordered", "azurite"])
def table(request: pytest.FixtureRequest) -> Table:
    if request.param == "memory":
        return MemoryTable()
    real: Table = request.getfixturevalue(f"{request.param}_table")
    return real


async def _insert(table: Table, *keys: str, partition: str = "p") -> list[str]:
    return await table.transact(partition, [Insert(key, {"name": key}) for key in keys])


def _keys(rows: list[Row]) -> list[str]:
    return [row.key for row in rows]


async def test_inserted_values_are_read_back_with_their_types(table: Table) -> None:
    values: dict[str, Value] = {
        "text": "Grüße, <b>tester</b> 'quoted' ☃ 🎉",
        "empty": "",
        "digits": "0012",
        "date_like": "2026-11-21T21:31:07Z",
        "count": -(2**31),
        "yes": True,
        "at": datetime(2026, 11, 21, 21, 31, 7, 123456, tzinfo=UTC),
    }

    [etag] = await table.transact("p", [Insert("k", values)])
    row = await table.get("p", "k")

    assert row is not None
    assert Row("p", "k", values, etag) == row
    assert {name: type(value) for name, value in values.items()} == {
        name: type(value) for name, value in row.values.items()
    }


async def test_a_time_in_another_time_zone_is_the_same_instant(table: Table) -> None:
    noon_in_tokyo = datetime(2026, 11, 21, 12, tzinfo=timezone(timedelta(hours=9)))

    await table.transact("p", [Insert("k", {"at": noon_in_tokyo})])
    row = await table.get("p", "k")

    assert row is not None
    assert noon_in_tokyo == row.values["at"]


async def test_a_datetime_without_a_time_zone_is_refused(table: Table) -> None:
    naive = datetime(2026, 11, 21, 12)  # noqa: DTZ001 - must be refused

    with pytest.raises(ValueError, match="at is a datetime without a time zone"):
        await table.transact("p", [Insert("k", {"at": naive})])

    assert await table.get("p", "k") is None


async def test_an_integer_beyond_32_bits_is_refused(table: Table) -> None:
    with pytest.raises(TypeError):
        await table.transact("p", [Insert("k", {"count": 2**31})])

    assert await table.get("p", "k") is None


@pytest.mark.parametrize(("character", "times"), [("x", 100_000), ("ü", 100_000), ("🎉", 50_000)])
async def test_a_text_longer_than_a_property_is_kept_whole(
    table: Table, character: str, times: int
) -> None:
    text = character * times + "."

    await table.transact("p", [Insert("k", {"head": text, "state": "active"})])
    row = await table.get("p", "k")

    assert row is not None
    assert {"head": text, "state": "active"} == row.values


async def test_shortening_a_long_text_leaves_nothing_behind(table: Table) -> None:
    [etag] = await table.transact("p", [Insert("k", {"head": "x" * 50_000})])

    await table.transact("p", [Replace("k", {"head": "short"}, etag)])
    row = await table.get("p", "k")

    assert row is not None
    assert row.values == {"head": "short"}


@pytest.mark.parametrize("name", ["head__1", "PartitionKey", "RowKey"])
async def test_a_reserved_property_name_is_refused(table: Table, name: str) -> None:
    with pytest.raises(ValueError, match=name):
        await table.transact("p", [Insert("k", {name: "x"})])


async def test_an_absent_row_is_none(table: Table) -> None:
    assert await table.get("p", "k") is None


async def test_the_same_key_in_another_partition_is_another_row(table: Table) -> None:
    await _insert(table, "k", partition="p")

    assert await table.get("q", "k") is None


async def test_a_range_includes_its_start_but_not_its_stop(table: Table) -> None:
    await _insert(table, "a", "b", "c", "d")

    assert _keys(await table.range("p", "b", "d")) == ["b", "c"]


async def test_a_range_is_in_ascii_order(table: Table) -> None:
    keys = ["-", ".", "0", "1", "10", "2", ":", "A", "B", "a", "a-b", "a.b", "a:b", "aa", "a~b"]
    await _insert(table, *reversed(keys))

    assert _keys(await table.range("p", "", "~")) == keys


async def test_a_range_stays_within_its_partition(table: Table) -> None:
    await _insert(table, "a", partition="p")
    await _insert(table, "b", partition="q")

    assert _keys(await table.range("q", "", "~")) == ["b"]


async def test_a_limited_range_has_the_first_rows(table: Table) -> None:
    await _insert(table, "c", "a", "b")

    assert _keys(await table.range("p", "", "~", limit=2)) == ["a", "b"]


async def test_a_range_is_read_beyond_the_first_page(table: Table) -> None:
    keys = [f"event-{number:06}" for number in range(1_050)]
    for start in range(0, len(keys), 100):
        await _insert(table, *keys[start : start + 100])

    everything = await table.range("p", "", "~")
    limited = await table.range("p", "", "~", limit=1_020)
    pages = [row async for page in table.pages("p", "", "~") for row in page]

    assert _keys(everything) == keys
    assert _keys(limited) == keys[:1_020]
    assert sorted(pages, key=lambda row: row.key) == everything


async def test_pages_stay_within_their_range_and_partition(table: Table) -> None:
    await _insert(table, "a", "b", "c", "d")
    await _insert(table, "b", partition="other")

    pages = [row async for page in table.pages("p", "b", "d") for row in page]
    none = [row async for page in table.pages("p", "x", "y") for row in page]

    assert sorted(_keys(pages)) == ["b", "c"]
    assert {row.partition for row in pages} == {"p"}
    assert none == []


async def test_a_range_reads_what_get_reads(table: Table) -> None:
    await table.transact("p", [Insert("k", {"head": "x" * 50_000, "count": 3})])

    assert [await table.get("p", "k")] == await table.range("p", "k", "l")


async def test_inserting_an_existing_row_is_a_conflict(table: Table) -> None:
    await _insert(table, "k")

    with pytest.raises(Conflict):
        await table.transact("p", [Insert("k", {"name": "another"})])

    row = await table.get("p", "k")
    assert row is not None
    assert row.values == {"name": "k"}


async def test_replacing_drops_the_old_values(table: Table) -> None:
    [etag] = await _insert(table, "k")

    [newer] = await table.transact("p", [Replace("k", {"state": "active"}, etag)])

    assert etag != newer
    assert Row("p", "k", {"state": "active"}, newer) == await table.get("p", "k")


async def test_replacing_a_changed_row_is_a_conflict(table: Table) -> None:
    [etag] = await _insert(table, "k")
    [newer] = await table.transact("p", [Replace("k", {"state": "active"}, etag)])

    with pytest.raises(Conflict):
        await table.transact("p", [Replace("k", {"state": "lost"}, etag)])

    assert Row("p", "k", {"state": "active"}, newer) == await table.get("p", "k")


async def test_replacing_an_absent_row_is_a_conflict(table: Table) -> None:
    with pytest.raises(Conflict):
        await table.transact("p", [Replace("k", {}, STALE)])


async def test_an_etag_from_a_range_works_as_a_condition(table: Table) -> None:
    await _insert(table, "k")
    [row] = await table.range("p", "k", "l")

    await table.transact("p", [Replace("k", {"state": "active"}, row.etag)])
    row_now = await table.get("p", "k")

    assert row_now is not None
    assert row_now.values == {"state": "active"}


async def test_deleting_removes_the_row(table: Table) -> None:
    await _insert(table, "k")

    assert await table.transact("p", [Delete("k")]) == [""]
    assert await table.get("p", "k") is None


async def test_deleting_an_absent_row_is_a_conflict(table: Table) -> None:
    with pytest.raises(Conflict):
        await table.transact("p", [Delete("k")])


async def test_deleting_a_changed_row_is_a_conflict(table: Table) -> None:
    [etag] = await _insert(table, "k")
    [newer] = await table.transact("p", [Replace("k", {"state": "active"}, etag)])

    with pytest.raises(Conflict):
        await table.transact("p", [Delete("k", etag)])

    await table.transact("p", [Delete("k", newer)])
    assert await table.get("p", "k") is None


async def test_a_transaction_is_atomic(table: Table) -> None:
    head, old = await _insert(table, "head", "old")

    etags = await table.transact(
        "p", [Replace("head", {"state": "active"}, head), Insert("event", {}), Delete("old", old)]
    )
    rows = await table.range("p", "", "~")

    assert _keys(rows) == ["event", "head"]
    assert [etags[1], etags[0]] == [row.etag for row in rows]
    assert etags[2] == ""


@pytest.mark.parametrize(
    "failing", [Insert("there", {}), Replace("there", {}, STALE), Delete("absent")]
)
async def test_a_failed_transaction_changes_nothing(
    table: Table, failing: Insert | Replace | Delete
) -> None:
    head, _ = await _insert(table, "head", "there")
    before = await table.range("p", "", "~")

    with pytest.raises(Conflict):
        await table.transact(
            "p", [Replace("head", {"state": "active"}, head), Insert("event", {}), failing]
        )

    assert await table.range("p", "", "~") == before


async def test_a_hundred_operations_are_one_transaction(table: Table) -> None:
    keys = [f"{number:03}" for number in range(100)]

    etags = await _insert(table, *keys)

    assert _keys(await table.range("p", "", "~")) == keys
    assert all(etags)


@pytest.mark.parametrize(
    "keys", [[], ["a", "a"], [f"{number:03}" for number in range(101)]], ids=["0", "twice", "101"]
)
async def test_an_invalid_transaction_is_refused(table: Table, keys: list[str]) -> None:
    with pytest.raises(ValueError, match="1 to 100 operations, each on another row"):
        await _insert(table, *keys)

    assert await table.range("p", "", "~") == []
