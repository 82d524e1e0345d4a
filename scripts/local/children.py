"""Start child processes in order, watch them, and stop them with all their descendants."""

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
# On a cold machine with a busy disk, Node alone has taken minutes to print its first line.
PATIENCE_SECONDS = 600.0
TAIL_LINES = 20
# Lines to show right away; and those to show once all are ready: until then, they warn of what is
# missing because it starts later.
_PROBLEM = re.compile(r"\b(ERROR|CRITICAL)\b")
_NOTABLE = re.compile(r"\bWARNING\b|\blatchkey\.events\b")
# A traceback goes on until the next record of the log, with the error itself as its last line.
_TRACEBACK = re.compile(r"^Traceback ")
_RECORD = re.compile(r"^(\d{4}-\d{2}-\d{2} |\{)")


@dataclass(frozen=True)
class Program:
    """What to start, and how to check that it is ready."""

    name: str
    command: tuple[str, ...]
    environment: Mapping[str, str]
    directory: Path
    is_ready: Callable[[], bool]
    waits_for: str = "it to be ready"
    """What ``is_ready`` checks, to complete "waiting for …"."""
    patience_seconds: float = PATIENCE_SECONDS


class Child:
    """A started program, with its own process group and a log file for its output."""

    def __init__(self, program: Program, log: Path, is_showing: Callable[[], bool]) -> None:
        """Start the program; its output goes to the log.

        Problems also go to the terminal; once `is_showing`, other notable lines do too.
        """
        self.name = program.name
        self.log = log
        self._is_showing = is_showing
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
        """Return the exit code, or None while it is running."""
        return self._process.poll()

    def tail(self) -> str:
        """Return its last lines of output, indented."""
        if self.exit_code() is not None:
            self._reader.join(timeout=1)  # its last output may still be on its way
        return "\n".join(f"    {line}" for line in self._tail)

    def stop(self) -> None:
        """Stop the process and all its descendants, first politely, then by force."""
        _ask_group_to_stop(self._process)
        deadline = time.monotonic() + STOP_SECONDS
        while _group_lives(self._process) and time.monotonic() < deadline:
            time.sleep(POLL_SECONDS / 2)
        _kill_group(self._process)
        self._process.wait()
        self._reader.join(timeout=1)

    def _read(self, output: IO[str]) -> None:
        in_traceback = False
        with output, self.log.open("w", encoding="utf-8") as log:
            for line in output:
                log.write(line)
                log.flush()
                self._tail.append(line.rstrip())
                if _TRACEBACK.search(line):
                    in_traceback = True
                elif _RECORD.search(line):
                    in_traceback = False
                if in_traceback or self._is_to_show(line):
                    print(f"[{self.name}] {line.rstrip()}", flush=True)

    def _is_to_show(self, line: str) -> bool:
        is_notable = self._is_showing() and _NOTABLE.search(line)
        return bool(_PROBLEM.search(line) or is_notable)


class Children:
    """Programs that start and stop together."""

    def __init__(
        self,
        logs: Path,
        stopping: threading.Event,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        """Take the log folder and the event that stops starting and watching.

        ``clock`` measures how long a program takes to get ready, in seconds.
        """
        self._logs = logs
        self._stopping = stopping
        self._clock = clock
        self._running: list[Child] = []
        self._showing = threading.Event()

    def show(self) -> None:
        """From now on, show warnings and what happens to requests and rotations."""
        self._showing.set()

    def start(self, program: Program) -> None:
        """Start a program and wait until it is ready; raise Fault if it exits or takes too long.

        While it is starting, a line every ten seconds shows what it is waiting for.
        """
        if self._stopping.is_set():
            return
        self._logs.mkdir(parents=True, exist_ok=True)
        child = Child(program, self._logs / f"{program.name}.log", self._showing.is_set)
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
        """Return once asked to stop; raise Fault as soon as one of them exits."""
        while not self._stopping.wait(POLL_SECONDS):
            for child in self._running:
                self._require_alive(child)

    def stop(self) -> None:
        """Stop all, last started first, so that each still finds what it depends on."""
        while self._running:
            self._running.pop().stop()

    @staticmethod
    def _require_alive(child: Child) -> None:
        code = child.exit_code()
        if code is not None:
            raise _fault(child, f"exited with code {code}")


def _waiting(child: Child, program: Program, seconds: float) -> str:
    return f"[{child.name}] {seconds:.0f} s: running, still waiting for {program.waits_for}"


def _fault(child: Child, what: str) -> Fault:
    return Fault(f"{child.name} {what}. Last lines from {child.log}:\n{child.tail()}")


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
        process.poll()  # otherwise the dead leader stays in the group as a zombie
        return _signal_group(process, 0)

    def _kill_group(process: subprocess.Popen[str]) -> None:
        _signal_group(process, signal.SIGKILL)

    def _signal_group(process: subprocess.Popen[str], number: int) -> bool:
        """Signal every process in the group; return whether there was one."""
        try:
            os.killpg(process.pid, number)
        except (
            ProcessLookupError,
            PermissionError,
        ):  # on macOS for a group of zombies
            return False
        return True
