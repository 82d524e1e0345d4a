"""Send turns over several connections; each sends its next once the last is answered."""

import asyncio
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass

import aiohttp

PATIENCE = aiohttp.ClientTimeout(total=600)


@dataclass(frozen=True)
class Run:
    """The result of a load: how long each turn took and the total, in seconds."""

    latencies: tuple[float, ...]
    elapsed: float

    @property
    def rate(self) -> float:
        """Return turns per second."""
        return len(self.latencies) / self.elapsed


class Load:
    """Post bodies to one address with one token, as Teams does."""

    def __init__(self, url: str, token: str) -> None:
        self._url = url
        self._headers = {"Authorization": f"Bearer {token}", "Content-Type": "application/json"}

    async def run(
        self,
        bodies: Iterator[bytes],
        connections: int,
        seconds: float,
        is_good: Callable[[int, bytes], bool],
    ) -> Run:
        """Send bodies for this long, or until they run out, and wait for every answer.

        Each connection sends at least one turn. Raises AssertionError for a bad answer: how fast
        a bot refuses says nothing.
        """
        latencies: list[float] = []
        connector = aiohttp.TCPConnector(limit=0)
        async with aiohttp.ClientSession(connector=connector, timeout=PATIENCE) as session:
            started = time.perf_counter()

            async def send_on() -> None:
                for body in bodies:
                    sent = time.perf_counter()
                    async with session.post(self._url, data=body, headers=self._headers) as answer:
                        said = await answer.read()
                    latencies.append(time.perf_counter() - sent)
                    assert is_good(answer.status, said), f"{answer.status} {said[:200]!r}"
                    if time.perf_counter() - started >= seconds:
                        return

            async with asyncio.TaskGroup() as sending:
                for _ in range(connections):
                    sending.create_task(send_on())
            return Run(tuple(latencies), time.perf_counter() - started)
