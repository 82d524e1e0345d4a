"""`run` starts everything, and Ctrl-C leaves nothing running."""

import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import asdict
from pathlib import Path

import pytest

from scripts import paths
from scripts.local.ports import Ports, is_taken, variable

PATIENCE_SECONDS = 60
CTRL_C = getattr(signal, "CTRL_BREAK_EVENT", signal.SIGINT)


@pytest.fixture
def ports() -> Ports:
    return Ports.free()


@pytest.fixture
def running(ports: Ports, tmp_path: Path) -> Iterator[subprocess.Popen[str]]:
    variables = {variable(name): str(number) for name, number in asdict(ports).items()}
    run = subprocess.Popen(  # noqa: S603  the checkout's own script
        (sys.executable, "scripts/dev.py", "run", "--no-browser", "--dir", str(tmp_path)),
        cwd=paths.ROOT,
        env={**os.environ, **variables},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        creationflags=getattr(subprocess, "CREATE_NEW_PROCESS_GROUP", 0),
    )
    with run:
        yield run
        run.send_signal(CTRL_C)


def wait_for(text: str, run: subprocess.Popen[str]) -> str:
    """Read its output until a line contains the text, or it exits; return the output."""
    said = ""
    for line in run.stdout or ():
        said += line
        if text in line:
            break
    return said


def test_ctrl_c_stops_everything(running: subprocess.Popen[str], ports: Ports) -> None:
    said = wait_for("Ctrl-C stops everything", running)
    assert [name for name, port in asdict(ports).items() if not is_taken(port)] == [], said
    assert len(said.splitlines()) < 10, said
    assert f"http://127.0.0.1:{ports.bot}/readyz" in said

    running.send_signal(CTRL_C)

    assert running.wait(PATIENCE_SECONDS) == 0
    assert [name for name, port in asdict(ports).items() if is_taken(port)] == []
