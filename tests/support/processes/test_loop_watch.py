"""The loop watch detects blocking, and nothing else."""

import asyncio
import time
import urllib.request

import pytest
import requests

from tests.support.processes.loop_watch import BlockingCall, watched_loop

NOBODY = "http://127.0.0.1:9"


async def burn(seconds: float) -> None:
    """Use this much processor time, however busy the machine is."""
    until = time.thread_time() + seconds
    while time.thread_time() < until:
        pass


async def test_work_that_keeps_the_loop_busy_is_detected_with_its_step() -> None:
    with watched_loop() as watch:
        watch.now = "a short step"
        await asyncio.create_task(burn(0.001))
        watch.now = "a long step"
        await asyncio.create_task(burn(0.06))
        watch.now = "another short step"
        await asyncio.create_task(burn(0.001))

    assert watch.longest > 0.05
    assert watch.during == "a long step"


async def test_sleeping_is_refused() -> None:
    with watched_loop() as watch, pytest.raises(BlockingCall):
        time.sleep(0.06)  # noqa: ASYNC251 - the very mistake

    assert watch.blocking_calls == ["time.sleep(0.06)"]


async def test_synchronous_clients_are_refused() -> None:
    with watched_loop() as watch:
        with pytest.raises(BlockingCall):
            requests.get(NOBODY, timeout=1)  # noqa: ASYNC210 - what is refused - the very mistake
        with pytest.raises(BlockingCall):
            urllib.request.urlopen(NOBODY)  # noqa: ASYNC210 - what is refused

    assert len(watch.blocking_calls) == 2


async def test_asyncio_can_connect_and_threads_can_wait() -> None:
    async def hang_up(_: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.close()

    server = await asyncio.start_server(hang_up, "127.0.0.1", 0)
    port = server.sockets[0].getsockname()[1]
    with watched_loop() as watch:
        _, writer = await asyncio.open_connection("localhost", port)
        await asyncio.to_thread(time.sleep, 0)
    writer.close()
    server.close()

    assert watch.blocking_calls == []
