"""A bot in its own process and on its own core."""

import asyncio
import json
import os
import subprocess
import sys
import time
from collections.abc import Mapping
from dataclasses import dataclass
from http import HTTPStatus
from pathlib import Path

import aiohttp
import psutil

from bench.setup import cores
from scripts import paths
from scripts.local import settings
from scripts.local.ports import free_ports, is_taken
from tests.support.processes.process import START_SECONDS, until

_QUIET_SHARE = 0.1
_LOOK_SECONDS = 0.3
_BUSY_SECONDS = 180.0
"""How long a start or an end may take on a busy machine."""


@dataclass(frozen=True)
class Holdings:
    """What a program holds, as it counts itself."""

    tasks: int
    """Tasks of asyncio."""
    blocks: int
    """Blocks of memory that Python's objects take. What they have left in between isn't one."""


class Contender:
    """One program that answers `POST /api/messages`."""

    def __init__(
        self,
        module: str,
        environment: Mapping[str, str],
        logs: Path,
        name: str = "",
        *,
        alone: bool = True,
    ) -> None:
        """Take a program; if ``alone``, it has the first core for itself."""
        [self._port] = free_ports(1)
        self.url = f"http://127.0.0.1:{self._port}/api/messages"
        self._module = module
        self._alone = alone
        self._log = logs / f"{name or module}.log"
        self._environment = {
            **settings.common(os.environ),
            **environment,
            "HOST": "127.0.0.1",
            "PORT": str(self._port),
        }
        self._process: asyncio.subprocess.Process | None = None

    async def start(self) -> None:
        """Start it and wait until it listens and is idle."""
        await self.launch()
        await until(self._listens, START_SECONDS)
        await self.come_to_rest()

    async def start_until_ready(self) -> float:
        """Start it and wait until it reports ready; return how many seconds that took."""
        begun = time.perf_counter()
        await self.launch()
        await until(self._is_ready, _BUSY_SECONDS)
        return time.perf_counter() - begun

    async def launch(self) -> None:
        """Start its process."""
        with self._log.open("wb") as log:
            self._process = await asyncio.create_subprocess_exec(
                *(sys.executable, "-m", self._module),
                cwd=paths.ROOT,
                env=self._environment,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
            )
        if self._alone:
            cores.pin(self._process.pid, cores.MEASURED)

    async def stop(self) -> None:
        """Ask it to stop and wait until it has."""
        if self._process and self._process.returncode is None:
            self._process.terminate()
            await asyncio.wait_for(self._process.wait(), _BUSY_SECONDS)

    async def come_to_rest(self) -> None:
        """Wait until it is idle, so that one turn's leftover work doesn't slow down the next."""
        while True:
            before = self.cpu_seconds()
            await asyncio.sleep(_LOOK_SECONDS)
            if self.cpu_seconds() - before < _QUIET_SHARE * _LOOK_SECONDS:
                return

    def cpu_seconds(self) -> float:
        """Return the processor time used so far."""
        times = self.usage().cpu_times()
        return float(times.user + times.system)

    def memory(self) -> int:
        """Return its resident memory in bytes."""
        return int(self.usage().memory_info().rss)

    async def holdings(self) -> Holdings:
        """Return what it holds, if it is the program that says so."""
        return Holdings(**json.loads(await self._page("holdings")))

    def usage(self) -> psutil.Process:
        """Return what the system knows about its process."""
        assert self._process
        return psutil.Process(self._process.pid)

    def _listens(self) -> bool:
        assert self._process
        if self._process.returncode is not None:
            raise RuntimeError(f"{self._module} exited:\n{self._log.read_text()}")
        return is_taken(self._port)

    async def _is_ready(self) -> bool:
        return self._listens() and bool(await self._page("readyz"))

    async def _page(self, name: str) -> str:
        """Return one of its pages; empty unless it answers with 200."""
        address = f"http://127.0.0.1:{self._port}/{name}"
        async with aiohttp.ClientSession() as session, session.get(address) as answer:
            return await answer.text() if answer.status == HTTPStatus.OK else ""
