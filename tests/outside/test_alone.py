"""The bot alone: its files, its documented variables, and nowhere to write."""

import re
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path

import pytest

from scripts import bundles, paths
from services.variable_names import READ_BY_LIBRARIES
from tests.support import dockerfile
from tests.support.process import Process
from tests.support.sandbox import Sandbox
from tests.support.teams import Teams

WATCHED = """
import os, runpy, sys

CHANGES = ("os.mkdir", "os.rename", "os.remove", "os.rmdir", "os.link", "os.symlink", "os.truncate")

def watch(event, arguments):
    if event == "open":
        path, mode, flags = arguments
        if flags & (os.O_WRONLY | os.O_RDWR | os.O_CREAT) and path not in (os.devnull, 1, 2):
            print("WRITES", path, file=sys.stderr, flush=True)
    elif event in CHANGES:
        print("WRITES", arguments[0], file=sys.stderr, flush=True)

sys.addaudithook(watch)
runpy.run_module("app", run_name="__main__", alter_sys=True)
"""
"""The program, saying what it writes."""


@pytest.fixture
def bundle(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setattr(bundles, "FOLDER", tmp_path / "app")
    return bundles.write()


def documented() -> set[str]:
    """Return the variables on the page, and those that the libraries' own pages have."""
    page = (paths.ROOT / "docs" / "variables.md").read_text(encoding="utf-8")
    return {*re.findall(r"`(\w+)`", page), *READ_BY_LIBRARIES}


def test_a_program_that_writes_is_seen(tmp_path: Path) -> None:
    (tmp_path / "app.py").write_text("open('left', 'w').close()", encoding="utf-8")

    done = subprocess.run(  # noqa: S603  a program of the test's own
        (sys.executable, "-c", WATCHED), cwd=tmp_path, capture_output=True, text=True, check=True
    )

    assert "WRITES left\n" in done.stderr


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no SIGTERM to catch")
async def test_it_needs_its_documented_variables_alone_and_writes_nothing(
    teams: Teams, sandbox: Sandbox, variables: Mapping[str, str], bundle: Path, tmp_path: Path
) -> None:
    log = tmp_path / "log"
    given = {name: value for name, value in variables.items() if name in documented()}
    program, image = ("-c", WATCHED), dockerfile.variables()
    bot = Process(teams, sandbox, given, log, program, directory=bundle, inherited=image)

    try:
        await bot.start()
        code = await bot.end()
    finally:
        await bot.kill()

    said = log.read_text(encoding="utf-8")
    assert code == 0
    assert [line for line in said.splitlines() if line.startswith("WRITES")] == []
    assert "Traceback" not in said
