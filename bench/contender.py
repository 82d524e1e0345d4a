"""A bot in its own process and on its own core."""

import asyncio
import os
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path

import psutil

from bench import cores
from scripts import paths, settings
from scripts.ports import free_ports, is_taken
from tests.support.process import END_SECONDS, START_SECONDS, until

_QUIET_SHARE = 0.1
_LOOK_SECONDS = 0.3


class Contender:
    """One program that answers `POST /api/messages`."""

    def __init__(self, module: str, environment: Mapping[str, str], logs: Path) -> None:
        [self._port] = free_ports(1)
        self.url = f"http://127.0.0.1:{self._port}/api/messages"
        self._module = module
        self._log = logs / f"{module}.log"
        self._environment = {
            **settings.common(os.environ),
            **environment,
            "HOST": "127.0.0.1",
            "PORT": str(self._port),
        }
        self._process: asyncio.subprocess.Process | None = None

    async def start(self) -> None:
        """Start it on the first core and wait until it listens."""
        with self._log.open("wb") as log:
            self._process = await asyncio.create_subprocess_exec(
                *(sys.executable, "-m", self._module),
                cwd=paths.ROOT,
                env=self._environment,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
            )
        cores.pin(self._process.pid, cores.MEASURED)
        await until(self._listens, START_SECONDS)
        await self.come_to_rest()

    async def stop(self) -> None:
        """Ask it to stop and wait until it has."""
        assert self._process
        if self._process.returncode is None:
            self._process.terminate()
            await asyncio.wait_for(self._process.wait(), END_SECONDS)

    async def come_to_rest(self) -> None:
        """Wait until it is idle, so that one turn's leftover work doesn't slow down the next."""
        while True:
            before = self.cpu_seconds()
            await asyncio.sleep(_LOOK_SECONDS)
            if self.cpu_seconds() - before < _QUIET_SHARE * _LOOK_SECONDS:
                return

    def cpu_seconds(self) -> float:
        """Return the processor time used so far."""
        times = self._usage().cpu_times()
        return float(times.user + times.system)

    def memory(self) -> int:
        """Return its resident memory in bytes."""
        return int(self._usage().memory_info().rss)

    def _usage(self) -> psutil.Process:
        assert self._process
        return psutil.Process(self._process.pid)

    def _listens(self) -> bool:
        assert self._process
        if self._process.returncode is not None:
            raise RuntimeError(f"{self._module} exited:\n{self._log.read_text()}")
        return is_taken(self._port)
