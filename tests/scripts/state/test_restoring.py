"""Restoring: what is refused, and what continues after a crash."""

from datetime import UTC, datetime
from pathlib import Path

import pytest

from scripts.faults import Fault
from scripts.state import file
from scripts.state.restoring import batches, restore
from scripts.state.rows import StoredRow
from services.storage.table import Row
from tests.scripts.state.lines import a_row
from tests.support.tables.memory_state import memory_reader, memory_writer
from tests.support.tables.memory_table import MemoryTable

ROWS = [a_row(f"{number:02x}", f"sealed~req-{number}", n=number) for number in range(3)]


@pytest.fixture
def path(tmp_path: Path) -> Path:
    path = tmp_path / "backup.jsonl"
    file.write(path, ROWS, datetime(2026, 3, 2, tzinfo=UTC))
    return path


@pytest.mark.parametrize("writes", range(len(ROWS)))
def test_a_crash_after_any_write_is_continued_by_the_same_command(path: Path, writes: int) -> None:
    table = MemoryTable()

    def write(rows: list[StoredRow]) -> None:
        if len(table.rows()) == writes:
            raise KeyboardInterrupt
        memory_writer(table)(rows)

    with pytest.raises(KeyboardInterrupt):
        restore(path, memory_reader(table), write)
    restore(path, memory_reader(table), memory_writer(table))

    assert sorted(row.key for row in table.rows()) == [row.key for row in ROWS]


@pytest.mark.parametrize(
    "row",
    [Row("00", "sealed~req-0", {"n": 7}, "1"), Row("replicas", "division", {}, "1")],
    ids=["changed", "of the bot"],
)
def test_a_table_with_other_rows_is_refused_before_anything_is_written(
    path: Path, row: Row
) -> None:
    table = MemoryTable([row])

    with pytest.raises(Fault, match="isn't empty"):
        restore(path, memory_reader(table), memory_writer(table))

    assert table.rows() == [row]


def test_a_damaged_file_is_refused_before_anything_is_written(path: Path) -> None:
    path.write_bytes(path.read_bytes().replace(b"req-1", b"req-9"))
    table = MemoryTable()

    with pytest.raises(Fault, match="isn't whole"):
        restore(path, memory_reader(table), memory_writer(table))

    assert table.rows() == []


def test_a_bot_that_starts_meanwhile_is_noticed(path: Path) -> None:
    table = MemoryTable()

    def write(rows: list[StoredRow]) -> None:
        memory_writer(table)(rows)
        table.add([Row("replicas", "division", {}, "1")])

    with pytest.raises(Fault, match="Somebody else writes"):
        restore(path, memory_reader(table), write)


def test_transactions_have_one_partition_and_at_most_100_rows_and_1_5_mb() -> None:
    small = [a_row("00", str(number)) for number in range(150)]
    large = [a_row("01", str(number), text="x" * 800_000) for number in range(3)]

    found = [[row.partition for row in batch] for batch in batches([*small, *large])]

    assert [(one[0], len(one)) for one in found] == [("00", 100), ("00", 50), *[("01", 1)] * 3]
    assert all(len(set(one)) == 1 for one in found)
