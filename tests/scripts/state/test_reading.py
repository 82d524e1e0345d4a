"""Which rows are in a backup."""

from collections.abc import Iterable

import pytest

from scripts.state.reading import rows_to_keep
from scripts.state.rows import StoredRow
from services.storage.table import Row
from tests.scripts.state.lines import a_row
from tests.support.tables.memory_state import memory_reader
from tests.support.tables.memory_table import MemoryTable


def _kept(*rows: Row) -> list[tuple[str, str]]:
    read = memory_reader(MemoryTable(rows))
    return sorted(row.name for row in rows_to_keep(read, sleep=lambda _: None))


@pytest.mark.parametrize(
    ("partition", "key"),
    [
        ("replicas", "division"),
        ("limits", "teams"),
        ("sign-ins", "000000000001~hash"),
        ("offers-20000000", "hash"),
        ("07", "announcing~req-a"),
    ],
)
def test_what_lives_for_minutes_is_left_out(partition: str, key: str) -> None:
    assert _kept(Row(partition, key, {}, "1")) == []


@pytest.mark.parametrize(
    ("partition", "key"),
    [
        ("00", "sealed~req-a"),
        ("0f", "day~2026-03-02~req-a~000001"),
        ("document~00ff", "document"),
        ("history-2026-03", "key"),
        ("locks", "hash"),
        ("person-20000000", "asked~2026~req-a"),
        ("references", "person"),
        ("rules", "newest"),
    ],
)
def test_everything_else_is_kept(partition: str, key: str) -> None:
    assert _kept(Row(partition, key, {}, "1")) == [(partition, key)]


def test_a_lease_is_kept_for_a_request_that_holds_it() -> None:
    head = Row("07", "workflow~req-a~head", {"state": "active"}, "1")
    lease = Row("lease-a", "a1", {"holders": '["req-a"]', "deleting": False}, "1")

    assert (lease.partition, lease.key) in _kept(head, lease)
    assert _kept(lease) == []


def test_what_a_persons_index_had_before_the_shards_is_kept() -> None:
    row = a_row("person-2", "asked~2026~req-a")
    people = iter([[row], []])

    def read(start: str, stop: str) -> Iterable[StoredRow]:
        return next(people) if start <= row.partition < stop else []

    assert list(rows_to_keep(read, sleep=lambda _: None)) == [row]
