"""An installation is redone if, and only if, its inputs have changed."""

from pathlib import Path

import pytest

from scripts.stamp import Stamp


@pytest.fixture
def lock(tmp_path: Path) -> Path:
    lock = tmp_path / "requirements.txt"
    lock.write_text("aiohttp==3.14.5\n")
    return lock


def a_stamp(lock: Path, *facts: str) -> Stamp:
    return Stamp(lock.with_name("installed"), [lock], *facts)


def test_a_missing_installation_is_not_current(lock: Path) -> None:
    assert not a_stamp(lock).is_current()


def test_a_finished_installation_is_current(lock: Path) -> None:
    a_stamp(lock, "3.11").write()

    assert a_stamp(lock, "3.11").is_current()


def test_a_changed_lock_file_is_reinstalled(lock: Path) -> None:
    a_stamp(lock).write()

    lock.write_text("aiohttp==3.14.6\n")

    assert not a_stamp(lock).is_current()


def test_another_interpreter_causes_a_reinstall(lock: Path) -> None:
    a_stamp(lock, "3.11").write()

    assert not a_stamp(lock, "3.12").is_current()


def test_an_interrupted_installation_is_redone(lock: Path) -> None:
    a_stamp(lock).write()

    a_stamp(lock).remove()

    assert not a_stamp(lock).is_current()
