"""A process in a virtual loop that is stopped, goes on, or never does."""

import asyncio
import threading
import time
from datetime import timedelta

from tests.support.processes import virtual_time
from tests.support.processes.virtual_process import VirtualProcess
from tests.support.processes.virtual_time import LoopClock


async def _count_up(counted: list[int]) -> None:
    for number in range(1, 100):
        await asyncio.sleep(1)
        counted.append(number)


def test_nothing_of_a_stopped_process_runs_until_it_goes_on() -> None:
    async def main() -> tuple[list[int], list[int], list[int]]:
        process, counted = VirtualProcess(), list[int]()
        await process.run(_begin(counted))
        await asyncio.sleep(3.5)
        before = list(counted)
        process.stop()
        await asyncio.sleep(60)
        meanwhile = list(counted)
        process.go_on()
        await asyncio.sleep(1.5)
        after = list(counted)
        await process.end()
        return before, meanwhile, after

    async def _begin(counted: list[int]) -> None:
        process_tasks.append(asyncio.create_task(_count_up(counted)))

    process_tasks: list[asyncio.Task[None]] = []
    before, meanwhile, after = virtual_time.run(main())

    assert before == [1, 2, 3]
    assert meanwhile == [1, 2, 3]
    assert after == [1, 2, 3, 4, 5]  # one late timer, and the next second's


def test_what_arrives_for_a_stopped_process_is_there_when_it_goes_on() -> None:
    async def main() -> tuple[list[bytes], list[bytes], timedelta]:
        process, got, clock = VirtualProcess(), list[bytes](), LoopClock()
        writers: list[asyncio.StreamWriter] = []

        async def take(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            writers.append(writer)
            while part := await reader.read(100):
                got.append(part)

        async def serve() -> asyncio.Server:
            return await asyncio.start_server(take, "127.0.0.1", 0)

        begun = clock()
        server = await process.run(serve())
        _, writer = await asyncio.open_connection(*server.sockets[0].getsockname())
        process.stop()
        writer.write(b"hello")
        await asyncio.sleep(60)
        meanwhile = list(got)
        process.go_on()
        await asyncio.sleep(1)
        took = clock() - begun
        writer.close()
        await asyncio.sleep(1)
        for each in writers:
            each.close()
        server.close()
        await process.end()
        return meanwhile, got, took

    meanwhile, after, took = virtual_time.run(main())

    assert meanwhile == []
    assert after == [b"hello"]
    assert took == timedelta(seconds=61)


def test_a_killed_process_cleans_nothing_up() -> None:
    async def main() -> list[str]:
        process, said = VirtualProcess(), list[str]()

        async def work() -> None:
            try:
                await asyncio.sleep(5)
            finally:
                said.append("cleaned up")

        task = asyncio.create_task(process.run(work()))
        await asyncio.sleep(1)
        process.stop()
        await asyncio.sleep(3600)
        before = list(said)
        await process.end()
        await asyncio.gather(task, return_exceptions=True)
        return before

    assert virtual_time.run(main()) == []


def test_a_process_can_be_stopped_in_the_middle_of_all_that_it_would_run_next() -> None:
    async def main() -> tuple[list[str], list[str]]:
        process, said = VirtualProcess(), list[str]()

        async def stop() -> None:
            process.stop()

        async def say(text: str) -> None:
            said.append(text)

        async def begin() -> None:
            tasks.extend(asyncio.create_task(each) for each in (say("a"), stop(), say("b")))

        tasks: list[asyncio.Task[None]] = []
        await process.run(begin())
        await asyncio.sleep(1)
        before = list(said)
        process.go_on()
        await asyncio.sleep(1)
        return before, said

    before, after = virtual_time.run(main())

    assert before == ["a"]
    assert after == ["a", "b"]


def test_a_process_that_is_killed_during_a_call_in_a_thread_does_not_hold_up_time() -> None:
    async def main() -> float:
        process, loop = VirtualProcess(), asyncio.get_running_loop()
        released = threading.Event()
        calling = asyncio.create_task(process.run(asyncio.to_thread(released.wait)))
        await asyncio.sleep(0)
        await asyncio.sleep(0)
        process.stop()
        released.set()
        await asyncio.sleep(3600)
        passed = loop.time()
        await process.end()
        await asyncio.gather(calling, return_exceptions=True)
        return passed

    begun = time.monotonic()

    assert virtual_time.run(main()) == 3600
    assert time.monotonic() - begun < 30
