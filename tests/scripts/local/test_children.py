"""Children are started in order, watched, and stopped with all their descendants."""

import sys
import threading
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from scripts.faults import Fault
from scripts.local import children
from scripts.local.children import Children, Program
from scripts.local.ports import free_ports, is_taken

LISTEN = "import socket; server = socket.create_server(('127.0.0.1', {port}));"
DEAF = "import signal; signal.signal(signal.SIGTERM, signal.SIG_IGN);"
FOR_EVER = "import time; time.sleep(600)"


@pytest.fixture
def stopping() -> threading.Event:
    return threading.Event()


@pytest.fixture
def family(tmp_path: Path, stopping: threading.Event) -> Iterator[Children]:
    family = Children(tmp_path, stopping)
    yield family
    family.stop()


@pytest.fixture
def port() -> int:
    (port,) = free_ports(1)
    return port


def a_program(
    code: str,
    *,
    is_ready: Callable[[], bool] = lambda: True,
    patience_seconds: float = 30,
) -> Program:
    return Program(
        name="clock",
        command=(sys.executable, "-c", code),
        environment={},
        directory=Path.cwd(),
        is_ready=is_ready,
        patience_seconds=patience_seconds,
    )


def parent_of(code: str) -> str:
    return f"import subprocess, sys; subprocess.run([sys.executable, '-c', {code!r}])"


def test_stopping_ends_the_grandchildren_too(family: Children, port: int) -> None:
    grandchild = LISTEN.format(port=port) + FOR_EVER
    family.start(a_program(parent_of(grandchild), is_ready=lambda: is_taken(port)))

    family.stop()

    assert not is_taken(port)


@pytest.mark.skipif(sys.platform == "win32", reason="a process can't ignore termination there")
def test_a_grandchild_that_ignores_the_signal_is_killed(
    family: Children, port: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(children, "STOP_SECONDS", 0.2)
    grandchild = DEAF + LISTEN.format(port=port) + FOR_EVER
    family.start(a_program(parent_of(grandchild), is_ready=lambda: is_taken(port)))

    family.stop()

    assert not is_taken(port)


def test_a_program_that_exits_at_the_start_is_reported_with_its_last_lines(
    family: Children,
) -> None:
    dying = a_program("import sys; sys.exit('no such vault')", is_ready=lambda: False)

    with pytest.raises(Fault, match=r"clock exited with code 1[^$]*no such vault"):
        family.start(dying)


def test_a_program_that_is_not_ready_in_time_is_reported(family: Children) -> None:
    slow = a_program(FOR_EVER, is_ready=lambda: False, patience_seconds=0)

    with pytest.raises(Fault, match="clock was not ready after 0 seconds"):
        family.start(slow)


def test_a_slow_program_is_waited_for_with_a_line_every_ten_seconds(
    tmp_path: Path,
    stopping: threading.Event,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(children, "POLL_SECONDS", 0.001)
    seconds = iter(range(0, 10_000, 4))
    looks = iter([False] * 60 + [True])  # four minutes, as seen on a cold machine
    family = Children(tmp_path, stopping, clock=lambda: float(next(seconds)))
    slow = Program(
        name="playground-dana",
        command=(sys.executable, "-c", FOR_EVER),
        environment={},
        directory=Path.cwd(),
        is_ready=lambda: next(looks),
        waits_for="its page at http://localhost:56150",
    )

    try:
        family.start(slow)
    finally:
        family.stop()

    said = capsys.readouterr().out.splitlines()
    assert said[:2] == [
        "[playground-dana] 12 s: running, still waiting for its page at http://localhost:56150",
        "[playground-dana] 24 s: running, still waiting for its page at http://localhost:56150",
    ]
    assert len(said) == 20


def test_waiting_stops_when_the_program_exits(tmp_path: Path, stopping: threading.Event) -> None:
    family = Children(tmp_path, stopping, clock=lambda: 0.0)

    with pytest.raises(Fault, match="clock exited with code 4"):
        family.start(a_program("import sys; sys.exit(4)", is_ready=lambda: False))


def test_a_program_that_exits_later_ends_the_watch(family: Children) -> None:
    family.start(a_program("import sys; sys.exit(3)"))

    with pytest.raises(Fault, match="clock exited with code 3"):
        family.watch()


def test_waiting_ends_when_asked_to_stop(family: Children, stopping: threading.Event) -> None:
    def is_ready() -> bool:
        stopping.set()
        return False

    family.start(a_program(FOR_EVER, is_ready=is_ready))

    family.watch()  # returns: it is neither waited for nor counted as dead


def test_nothing_is_started_once_asked_to_stop(
    family: Children, stopping: threading.Event, tmp_path: Path
) -> None:
    stopping.set()

    family.start(a_program(FOR_EVER))

    assert list(tmp_path.iterdir()) == []


def test_output_goes_to_the_log_and_notable_lines_to_the_terminal(
    family: Children, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    log = tmp_path / "clock.log"
    writing = "print('quiet\\n12:00 WARNING vault is slow', flush=True);"
    family.show()
    family.start(
        a_program(writing + FOR_EVER, is_ready=lambda: log.exists() and "slow" in log.read_text())
    )

    family.stop()

    assert log.read_text() == "quiet\n12:00 WARNING vault is slow\n"
    assert capsys.readouterr().out == "[clock] 12:00 WARNING vault is slow\n"


def test_while_the_others_start_only_problems_go_to_the_terminal(
    family: Children, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    log = tmp_path / "clock.log"
    writing = "print('12:00 WARNING no window yet\\n12:01 ERROR no vault', flush=True);"
    family.start(
        a_program(writing + FOR_EVER, is_ready=lambda: log.exists() and "vault" in log.read_text())
    )

    family.stop()

    assert "no window yet" in log.read_text()
    assert capsys.readouterr().out == "[clock] 12:01 ERROR no vault\n"


def test_a_traceback_goes_to_the_terminal_whole(
    family: Children, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    log = tmp_path / "clock.log"
    lines = (
        "2026-11-27 12:00:00,001 ERROR bot turn failed",
        "Traceback (most recent call last):",
        '  File "clock.py", line 1, in <module>',
        "KeyError: 12",
        "",
        "During handling of the above exception, another exception occurred:",
        "",
        "Traceback (most recent call last):",
        "ValueError: late",
        "2026-11-27 12:00:01,000 INFO bot quiet",
        "the end",
    )
    text = "\n".join(lines)
    family.start(
        a_program(
            f"print({text!r}, flush=True);" + FOR_EVER,
            is_ready=lambda: log.exists() and "the end" in log.read_text(),
        )
    )

    family.stop()

    shown = "".join(f"[clock] {line}".rstrip() + "\n" for line in lines[:-2])
    assert "".join(line.rstrip() + "\n" for line in capsys.readouterr().out.splitlines()) == shown
