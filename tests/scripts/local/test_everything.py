"""`run` prints a line for each step, then what to do, and no more."""

import threading
from collections.abc import Sequence
from itertools import accumulate, repeat
from pathlib import Path

import pytest

from scripts.faults import Fault
from scripts.local import everything, opening, probes, stage
from scripts.local.children import Program
from scripts.local.ports import Ports
from scripts.local.progress import Progress
from scripts.nodejs import Node

STARTED = ["azurite", "sandbox", "bot", "playground-dana", "playground-avery"]
FIRST = "Then type, as Dana Developer:  request secret demo-api-key for 2m because smoke test"


class Children:
    """Children that are ready at once; `stop_at` and `fail_at` are names of programs."""

    stop_at = ""
    fail_at = ""
    started: Sequence[str] = ()

    def __init__(self, logs: Path, stopping: threading.Event) -> None:
        del logs
        self._stopping = stopping
        type(self).started = ()

    def start(self, program: Program) -> None:
        if program.name == self.fail_at:
            raise Fault(f"{program.name} exited with code 1")
        type(self).started = (*self.started, program.name)
        if program.name == self.stop_at:
            self._stopping.set()

    def show(self) -> None:
        """Show nothing."""

    def watch(self) -> None:
        """Return, as if asked to stop."""

    def stop(self) -> None:
        """Stop nothing."""


@pytest.fixture
def children(monkeypatch: pytest.MonkeyPatch) -> type[Children]:
    class Made(Children):
        """Children of one test."""

    monkeypatch.setattr(stage, "Children", Made)
    monkeypatch.setattr(probes, "post", lambda _: None)
    monkeypatch.setattr(everything, "_stop_on_signals", threading.Event)
    ports = Ports.free()
    monkeypatch.setattr(Ports, "from_environment", lambda _: ports)
    monkeypatch.setattr(Ports, "free", lambda: ports)
    return Made


@pytest.fixture
def opened(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Return the pages that were opened, on a machine with a display."""
    pages: list[str] = []

    def open_pages(addresses: Sequence[str], _: object) -> bool:
        pages.extend(addresses)
        return True

    monkeypatch.setattr(opening, "is_wanted", lambda _: True)
    monkeypatch.setattr(opening, "open_pages", open_pages)
    return pages


def run(folder: Path, *, browser: bool = False) -> None:
    seconds = accumulate(repeat(1.25))
    progress = Progress(clock=lambda: next(seconds))
    progress.done("Set up")
    everything.run(Node("node", ("npm",)), folder, progress, browser=browser)


def test_it_prints_each_step_with_its_seconds_and_addresses_in_less_than_ten_lines(
    children: type[Children], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    run(tmp_path)

    ports = Ports.free()
    dana, avery = f"http://localhost:{ports.developer}", f"http://localhost:{ports.approver}"
    assert capsys.readouterr().out.splitlines() == [
        "Set up      1.2 s",
        "Tables      1.2 s",
        f"Azure       1.2 s  http://localhost:{ports.identity}",
        f"Bot         1.2 s  http://127.0.0.1:{ports.bot}/readyz",
        f"Windows     1.2 s  {dana} as Dana Developer and {avery} as Avery Approver",
        f"Latchkey is running, on this machine only. Open the pages above side by side. {FIRST}",
        f"Logs: {tmp_path / 'logs'}. Ctrl-C stops everything.",
        "",
        "Stopping …",
    ]
    assert list(children.started) == STARTED


def test_it_opens_the_three_pages_with_the_developers_window_in_front(
    children: type[Children],
    opened: list[str],
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
) -> None:
    del children
    run(tmp_path, browser=True)

    ports = Ports.free()
    assert opened == [
        f"http://localhost:{ports.identity}",
        f"http://localhost:{ports.approver}",
        f"http://localhost:{ports.developer}",
    ]
    assert "The pages open in your browser." in capsys.readouterr().out


def test_it_opens_nothing_if_asked_not_to(
    children: type[Children], opened: list[str], tmp_path: Path
) -> None:
    del children
    run(tmp_path, browser=False)

    assert opened == []


def test_once_asked_to_stop_it_reports_no_step_and_opens_nothing(
    children: type[Children],
    opened: list[str],
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
) -> None:
    children.stop_at = "sandbox"

    run(tmp_path, browser=True)

    printed = capsys.readouterr().out.splitlines()
    assert [line.partition(" ")[0] for line in printed] == ["Set", "Tables", "", "Stopping"]
    assert opened == []


def test_a_failing_part_is_reported_and_the_steps_after_it_are_not(
    children: type[Children], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    children.fail_at = "bot"

    with pytest.raises(Fault, match="bot exited with code 1"):
        run(tmp_path)

    assert "Bot " not in capsys.readouterr().out
