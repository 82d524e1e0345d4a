"""Child processes that are started in order, watched, and stopped with all their descendants."""

import re
import signal
import subprocess
import sys
import threading
import time
from collections import deque
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import IO

from scripts.faults import Fault

POLL_SECONDS = 0.1
STOP_SECONDS = 10.0
SAY_SECONDS = 10.0
# On a cold machine with a busy disk, Node alone was seen to need minutes before its first line.
PATIENCE_SECONDS = 600.0
TAIL_LINES = 20
# What a person wants to see at once: trouble, and what happens to requests and rotations.
_NOTABLE = re.compile(r"\b(WARNING|ERROR|CRITICAL)\b|^Traceback |\blatchkey\.events\b")


@dataclass(frozen=True)
class Program:
    """What to start, and how to tell that it is ready."""

    name: str
    command: tuple[str, ...]
    environment: Mapping[str, str]
    directory: Path
    is_ready: Callable[[], bool]
    waits_for: str = "it to be ready"
    """What ``is_ready`` looks for, to complete "waiting for …"."""
    patience_seconds: float = PATIENCE_SECONDS


class Child:
    """A started program: a process group of its own, and a log file that takes its output."""

    def __init__(self, program: Program, log: Path) -> None:
        """Start the program; its lines go to the log, the notable ones to the terminal as well."""
        self.name = program.name
        self.log = log
        self._tail: deque[str] = deque(maxlen=TAIL_LINES)
        self._process = subprocess.Popen(
            program.command,
            cwd=program.directory,
            env=program.environment,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            encoding="utf-8",
            errors="replace",
            creationflags=_NEW_GROUP_ON_WINDOWS,
            start_new_session=True,  # elsewhere
        )
        self._reader = threading.Thread(
            target=self._read, args=(self._process.stdout,), name=f"{self.name}-log", daemon=True
        )
        self._reader.start()

    @property
    def pid(self) -> int:
        return self._process.pid

    def exit_code(self) -> int | None:
        """Return the exit code, or None while it runs."""
        return self._process.poll()

    def tail(self) -> str:
        """Return the last lines that it wrote, indented."""
        if self.exit_code() is not None:
            self._reader.join(timeout=1)  # what it said last may be on its way
        return "\n".join(f"    {line}" for line in self._tail)

    def stop(self) -> None:
        """End the process and all its descendants: asked first, then made to."""
        _ask_group_to_stop(self._process)
        deadline = time.monotonic() + STOP_SECONDS
        while _group_lives(self._process) and time.monotonic() < deadline:
            time.sleep(POLL_SECONDS / 2)
        _kill_group(self._process)
        self._process.wait()
        self._reader.join(timeout=1)

    def _read(self, output: IO[str]) -> None:
        with output, self.log.open("w", encoding="utf-8") as log:
            for line in output:
                log.write(line)
                log.flush()
                self._tail.append(line.rstrip())
                if _NOTABLE.search(line):
                    print(f"[{self.name}] {line.rstrip()}", flush=True)


class Children:
    """Programs that live and die together."""

    def __init__(
        self,
        logs: Path,
        stopping: threading.Event,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        """Take the folder for the logs, and the event that tells starting and watching to end.

        ``clock`` counts the seconds that a program is waited for.
        """
        self._logs = logs
        self._stopping = stopping
        self._clock = clock
        self._running: list[Child] = []

    def start(self, program: Program) -> None:
        """Start a program and wait until it is ready; raise Fault if it dies or takes too long.

        As long as it lives it is waited for with patience, and a line every ten seconds says so.
        """
        if self._stopping.is_set():
            return
        self._logs.mkdir(parents=True, exist_ok=True)
        child = Child(program, self._logs / f"{program.name}.log")
        self._running.append(child)
        began = self._clock()
        say_at = began + SAY_SECONDS
        while not program.is_ready():
            self._require_alive(child)
            now = self._clock()
            if now - began > program.patience_seconds:
                raise _fault(child, f"was not ready after {program.patience_seconds:g} seconds")
            if now >= say_at:
                print(_waiting(child, program, now - began), flush=True)
                say_at = now + SAY_SECONDS
            if self._stopping.wait(POLL_SECONDS):
                return

    def watch(self) -> None:
        """Return once told to stop; raise Fault as soon as one of them dies."""
        while not self._stopping.wait(POLL_SECONDS):
            for child in self._running:
                self._require_alive(child)

    def stop(self) -> None:
        """Stop all, the last started first, so that each still finds what it depends on."""
        while self._running:
            self._running.pop().stop()

    @staticmethod
    def _require_alive(child: Child) -> None:
        code = child.exit_code()
        if code is not None:
            raise _fault(child, f"has ended with exit code {code}")


def _waiting(child: Child, program: Program, seconds: float) -> str:
    return f"[{child.name}] {seconds:.0f} s: it runs; still waiting for {program.waits_for}"


def _fault(child: Child, what: str) -> Fault:
    return Fault(f"{child.name} {what}. Its last lines, from {child.log}:\n{child.tail()}")


if sys.platform == "win32":
    _NEW_GROUP_ON_WINDOWS = subprocess.CREATE_NEW_PROCESS_GROUP

    def _ask_group_to_stop(process: subprocess.Popen[str]) -> None:
        with suppress(OSError):
            process.send_signal(signal.CTRL_BREAK_EVENT)

    def _group_lives(process: subprocess.Popen[str]) -> bool:
        return process.poll() is None

    def _kill_group(process: subprocess.Popen[str]) -> None:
        kill_tree = ("taskkill", "/F", "/T", "/PID", str(process.pid))
        subprocess.run(kill_tree, capture_output=True, check=False)

else:
    import os

    _NEW_GROUP_ON_WINDOWS = 0

    def _ask_group_to_stop(process: subprocess.Popen[str]) -> None:
        _signal_group(process, signal.SIGTERM)

    def _group_lives(process: subprocess.Popen[str]) -> bool:
        process.poll()  # else the dead leader stays in the group as a zombie
        return _signal_group(process, 0)

    def _kill_group(process: subprocess.Popen[str]) -> None:
        _signal_group(process, signal.SIGKILL)

    def _signal_group(process: subprocess.Popen[str], number: int) -> bool:
        """Signal every process of the group; tell whether there was one."""
        try:
            os.killpg(process.pid, number)
        except (ProcessLookupError, PermissionError):  # macOS says the latter of a group of zombies
            return False
        return True
