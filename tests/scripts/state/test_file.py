"""The file of a backup."""

from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest

from scripts.faults import Fault
from scripts.state import file
from scripts.state.rows import StoredRow
from services.workflow.codec import SCHEMA
from tests.scripts.state.lines import a_row

NOON = datetime(2026, 3, 2, 12, tzinfo=UTC)
ROWS = [a_row("07", "one", ""), a_row("08", "two", "")]


@pytest.fixture
def path(tmp_path: Path) -> Path:
    path = tmp_path / "backup.jsonl"
    file.write(path, ROWS, NOON)
    return path


def test_what_was_written_is_read(path: Path) -> None:
    assert file.check(path).rows == 2
    assert list(file.read(path)) == ROWS


def test_an_existing_file_is_never_overwritten(path: Path) -> None:
    before = path.read_bytes()

    with pytest.raises(Fault, match="exists"):
        file.write(path, [], NOON)

    assert path.read_bytes() == before


def test_a_backup_that_fails_leaves_no_file(tmp_path: Path) -> None:
    def rows() -> Iterator[StoredRow]:
        yield ROWS[0]
        raise Fault("the table is gone")

    with pytest.raises(Fault, match="gone"):
        file.write(tmp_path / "backup", rows(), NOON)

    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    "change",
    [
        lambda text: text[: text.rindex(b"\n", 0, -1) + 1],  # without the last line
        lambda text: text[: len(text) // 2],
        lambda text: text.replace(b"two", b"2wo"),
        lambda text: text.replace(ROWS[0].line, b""),
        lambda text: text.replace(b'"rows":2', b'"rows":3'),
        lambda text: text + ROWS[0].line,
        lambda text: b"",
    ],
)
def test_a_file_that_is_not_whole_is_refused(path: Path, change: object) -> None:
    assert callable(change)
    path.write_bytes(change(path.read_bytes()))

    with pytest.raises(Fault, match=r"isn't whole|can read"):
        file.check(path)


def test_a_file_of_a_newer_version_is_refused(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(file, "SCHEMA", SCHEMA - 1)

    with pytest.raises(Fault, match="newer version"):
        file.check(path)
