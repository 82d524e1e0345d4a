"""The bot alone: its files, its documented variables, and nowhere to write."""

import asyncio
import compileall
import os
import py_compile
import re
import signal
import subprocess
import sys
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path

import pytest

from scripts import paths
from scripts.local import probes
from scripts.local.ports import free_ports
from scripts.release import bundles
from tests.support import dockerfile
from tests.support.environment import LOCAL
from tests.support.processes.process import END_SECONDS, START_SECONDS, Process, until
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
    """Put it together and compile it, as the image does."""
    monkeypatch.setattr(bundles, "FOLDER", tmp_path / "app")
    folder = bundles.write()
    unchecked = py_compile.PycInvalidationMode.UNCHECKED_HASH
    assert compileall.compile_dir(folder, quiet=1, invalidation_mode=unchecked)
    return folder


def documented() -> set[str]:
    """Return what the page names."""
    page = (paths.ROOT / "docs" / "variables.md").read_text(encoding="utf-8")
    return set(re.findall(r"`(\w+)`", page))


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
        await bot.start(within_seconds=4 * START_SECONDS)  # each event is looked at
        code = await bot.end()
    finally:
        await bot.kill()

    said = log.read_text(encoding="utf-8")
    assert code == 0
    assert [line for line in said.splitlines() if line.startswith("WRITES")] == []
    assert "Traceback" not in said


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no SIGTERM to catch")
async def test_the_signal_that_app_service_sends_to_its_script_stops_the_bot(
    tmp_path: Path,
) -> None:
    app = (paths.ROOT / "infra" / "modules" / "app.bicep").read_text(encoding="utf-8")
    [command] = re.findall(r"appCommandLine: '(.+)'", app)
    script = tmp_path / "startup.sh"
    # As the one that App Service makes: it does something first, and the command is its last line.
    script.write_text(f"echo starting\n{command}\n", encoding="utf-8")
    port, nowhere = free_ports(2)
    variables = {
        **LOCAL,
        "PATH": f"{Path(sys.executable).parent}{os.pathsep}{os.defpath}",
        "PORT": str(port),
        "AZURE_STORAGE_CONNECTION_STRING": (
            f"AccountName=demo;AccountKey=a2V5;TableEndpoint=http://127.0.0.1:{nowhere}/demo"
        ),
    }

    started = await asyncio.create_subprocess_exec(
        *("sh", script),
        cwd=paths.ROOT,
        env=variables,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        start_new_session=True,
    )
    try:
        url = f"http://127.0.0.1:{port}/healthz"
        await until(lambda: asyncio.to_thread(probes.answers, url), 2 * START_SECONDS)
        started.terminate()
        code = await asyncio.wait_for(started.wait(), END_SECONDS)
        left = probes.answers(url)
    finally:
        with suppress(ProcessLookupError):
            os.killpg(started.pid, signal.SIGKILL)

    assert code == 0
    assert not left
