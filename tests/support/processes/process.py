"""The real program in its own process, which can be killed."""

import asyncio
import os
import signal
import subprocess
import sys
from collections.abc import Awaitable, Callable, Mapping, Sequence
from http import HTTPStatus
from inspect import isawaitable
from pathlib import Path

import aiohttp

from scripts import paths
from scripts.local import settings
from scripts.local.ports import free_ports
from tests.support.people import People
from tests.support.sandbox import Sandbox
from tests.support.teams import Teams

POLL_SECONDS = 0.05
START_SECONDS = 30.0
END_SECONDS = 20.0


async def until(holds: Callable[[], Awaitable[bool] | bool], seconds: float) -> None:
    """Poll until a condition holds; raise TimeoutError if it never does."""
    async with asyncio.timeout(seconds):
        while True:
            held = holds()
            if await held if isawaitable(held) else held:
                return
            await asyncio.sleep(POLL_SECONDS)


class Process(People):
    """`python app.py` in the environment of a deployment, on the machine's own clock."""

    def __init__(
        self,
        teams: Teams,
        sandbox: Sandbox,
        environment: Mapping[str, str],
        log: Path,
        program: Sequence[str] = ("app.py",),
        directory: Path = paths.ROOT,
        inherited: Mapping[str, str] | None = None,
    ) -> None:
        """Take a module for Python to run instead of the program itself, if any.

        It runs in `directory`, and inherits this process's variables, or just those given.
        """
        super().__init__(teams, sandbox)
        self._program = program
        [port] = free_ports(1)
        self.url = f"http://127.0.0.1:{port}"
        self._log = log
        self._directory = directory
        self._environment = {
            **(settings.common(os.environ) if inherited is None else inherited),
            **environment,
            "HOST": "127.0.0.1",
            "PORT": str(port),
        }
        self._process: asyncio.subprocess.Process | None = None

    async def start(self, within_seconds: float = START_SECONDS) -> None:
        """Start it and wait until it reports ready."""
        with self._log.open("ab") as log:
            self._process = await asyncio.create_subprocess_exec(
                *(sys.executable, *self._program),
                cwd=self._directory,
                env=self._environment,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
            )
        await until(self._is_ready, within_seconds)

    async def end(self) -> int:
        """Ask it to stop, as a deployment does; return how it ended."""
        assert self._process
        self._process.terminate()
        return await asyncio.wait_for(self._process.wait(), END_SECONDS)

    def pause(self) -> None:
        """Let it stand still, as a suspended machine does."""
        assert self._process
        self._process.send_signal(signal.SIGSTOP)

    def go_on(self) -> None:
        """Let a paused one go on as if nothing had been."""
        assert self._process
        self._process.send_signal(signal.SIGCONT)

    async def kill(self) -> int:
        """Kill it without warning, as a power cut does; return how it ended."""
        assert self._process
        if self._process.returncode is None:
            self._process.kill()
        return await self._process.wait()

    async def _is_ready(self) -> bool:
        assert self._process
        if self._process.returncode is not None:
            raise RuntimeError(f"it exited:\n{self._log.read_text()}")
        try:
            async with (
                aiohttp.ClientSession() as session,
                session.get(f"{self.url}/readyz") as response,
            ):
                return response.status == HTTPStatus.OK
        except aiohttp.ClientError:
            return False
