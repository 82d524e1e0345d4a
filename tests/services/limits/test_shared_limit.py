"""Replicas that share a limit: how much they send together, and what goes first.

These tests run in virtual time.
"""

import asyncio
from collections import Counter
from collections.abc import Coroutine, Sequence
from datetime import timedelta
from typing import Any

import pytest

from bot.transport.outbound.pacing import bot_rate
from domain.shared_rate import Rate
from services.answer_time import answered_within, seconds_left_to_record
from services.faults import Unavailable
from services.limits.pools import PARTITION, Pools
from services.limits.shared_limit import HANDFUL, LimitUsedUp, SharedLimit, Urgency
from services.storage.table import Operation, Row, Table
from tests.support.processes import virtual_time
from tests.support.processes.virtual_time import LoopClock
from tests.support.tables.memory_table import MemoryTable

RATE = Rate(size=200, per_second=10)
PATIENCE = timedelta(seconds=5)


class CountedTable(MemoryTable):
    """A table that counts its transactions, and can be away."""

    def __init__(self) -> None:
        super().__init__()
        self.transactions = 0
        self.is_away = False

    async def get(self, partition: str, key: str) -> Row | None:
        if self.is_away:
            raise Unavailable("Tables", "503")
        await asyncio.sleep(0.02)
        return await super().get(partition, key)

    async def transact(self, partition: str, operations: Sequence[Operation]) -> list[str]:
        assert partition == PARTITION
        self.transactions += 1
        return await super().transact(partition, operations)


class Service:
    """What the limit is about; it counts the requests, and when the last one came."""

    def __init__(self) -> None:
        self.taken: Counter[str] = Counter()
        self.at: list[float] = []

    def take(self, name: str) -> None:
        self.taken[name] += 1
        self.at.append(asyncio.get_running_loop().time())


def a_limit(table: Table, name: str, rate: Rate = RATE) -> SharedLimit:
    loop = asyncio.get_running_loop()
    return SharedLimit(
        "arm",
        rate,
        Pools(table, name),
        clock=LoopClock(),
        monotonic=loop.time,
        sleep=asyncio.sleep,
    )


async def send_all(
    limit: SharedLimit, service: Service, name: str, count: float, at_once: int = 16
) -> None:
    """Send requests, some at once; one that has waited too long tries again."""
    left = [None] * int(count)

    async def send() -> None:
        while left:
            left.pop()
            while True:
                try:
                    await limit.take(Urgency.USUAL, PATIENCE)
                except LimitUsedUp:
                    continue
                break
            service.take(name)

    await asyncio.gather(*(send() for _ in range(at_once)))


def run(main: Coroutine[Any, Any, Any]) -> Any:
    return virtual_time.run(main)


def test_whoever_sends_little_asks_nobody() -> None:
    async def main() -> int:
        table = CountedTable()
        limit = a_limit(table, "one")
        for _ in range(20):
            for _ in range(int(HANDFUL) - 3):
                await limit.take(Urgency.USUAL, PATIENCE)
            await asyncio.sleep(60)
        await limit.close()
        return table.transactions

    assert run(main()) == 0


def test_one_replica_alone_gets_nearly_everything() -> None:
    async def main() -> float:
        limit, service = a_limit(CountedTable(), "one"), Service()
        await send_all(limit, service, "one", 1_000)
        await limit.close()
        return service.at[-1] - service.at[0]

    seconds = run(main())

    assert 0.9 * 80 <= seconds <= 1.1 * 80


@pytest.mark.parametrize("seconds_between", [0.1, 0.3, 0.5, 0.7, 1.0, 2.0])
def test_nobody_waits_for_long_after_a_busy_moment_whatever_is_leased_for_it(
    seconds_between: float,
) -> None:
    """A small share of a small bucket holds less than one request, and would let none through."""
    waited: list[float] = []

    async def main() -> None:
        loop = asyncio.get_running_loop()
        limit = a_limit(MemoryTable(), "one", bot_rate())
        await send_all(limit, Service(), "one", 2 * HANDFUL)
        for _ in range(60):
            before = loop.time()
            await limit.take(Urgency.USUAL, PATIENCE)
            waited.append(loop.time() - before)
            await asyncio.sleep(seconds_between)
        await limit.close()

    run(main())

    assert max(waited) < 0.5


@pytest.mark.parametrize("replicas", [2, 10])
def test_several_replicas_send_no_more_than_the_limit_allows(replicas: int) -> None:
    async def main() -> tuple[list[float], Counter[str], int]:
        table, service = CountedTable(), Service()
        limits = [a_limit(table, f"r{number}") for number in range(replicas)]
        await asyncio.gather(
            *(
                send_all(limit, service, f"r{number}", 1_000 // replicas)
                for number, limit in enumerate(limits)
            )
        )
        for limit in limits:
            await limit.close()
        return service.at, service.taken, table.transactions

    at, taken, transactions = run(main())

    seconds = at[-1] - at[0]
    most = max(
        sum(start <= one < start + 10 for one in at) - RATE.size - 100 for start in range(0, 90, 5)
    )
    assert seconds <= 1.15 * 80
    assert most <= replicas * (HANDFUL + 2)  # what each sends before it has a lease
    assert sum(taken.values()) == 1_000 // replicas * replicas
    assert transactions <= seconds * replicas


def test_the_busy_one_gets_what_the_other_one_does_not_use() -> None:
    async def main() -> Counter[str]:
        table, service = CountedTable(), Service()
        busy, quiet = a_limit(table, "busy"), a_limit(table, "quiet")

        async def now_and_then() -> None:
            while True:
                await quiet.take(Urgency.USUAL, PATIENCE)
                service.take("quiet")
                await asyncio.sleep(3)

        other = asyncio.create_task(now_and_then())
        sending = asyncio.create_task(send_all(busy, service, "busy", 5_000))
        await asyncio.sleep(100)
        taken = Counter(service.taken)
        for task in (other, sending):
            task.cancel()
        await asyncio.gather(other, sending, return_exceptions=True)
        await busy.close()
        await quiet.close()
        return taken

    taken = run(main())

    assert taken["busy"] >= 0.9 * (200 + 1_000)
    assert taken["quiet"] == 34


def test_the_most_urgent_goes_first() -> None:
    async def main() -> list[str]:
        limit, order = a_limit(CountedTable(), "one"), list[str]()
        await send_all(limit, Service(), "one", RATE.size + 2 * HANDFUL)

        async def send(urgency: Urgency) -> None:
            await limit.take(urgency, PATIENCE)
            order.append(urgency.name)

        await asyncio.gather(
            *(send(urgency) for urgency in (*[Urgency.LAST] * 3, *[Urgency.FIRST] * 3)),
            send(Urgency.USUAL),
        )
        await limit.close()
        return order

    order = run(main())

    assert order == ["FIRST"] * 3 + ["USUAL"] + ["LAST"] * 3


def test_without_the_table_a_small_share_is_left() -> None:
    async def main() -> int:
        table, service = CountedTable(), Service()
        table.is_away = True
        limit = a_limit(table, "one")
        sending = asyncio.create_task(send_all(limit, service, "one", 1_000))
        await asyncio.sleep(100)
        sending.cancel()
        await asyncio.gather(sending, return_exceptions=True)
        await limit.close()
        return service.taken["one"]

    sent = run(main())

    assert HANDFUL + 45 <= sent <= HANDFUL + 51


def test_what_waits_too_long_is_told_when_to_come_back() -> None:
    async def main() -> timedelta:
        table = CountedTable()
        table.is_away = True
        limit = a_limit(table, "one")
        for _ in range(int(HANDFUL)):
            await limit.take(Urgency.USUAL, PATIENCE)
        try:
            await asyncio.gather(*(limit.take(Urgency.USUAL, PATIENCE) for _ in range(20)))
        except LimitUsedUp as refused:
            await limit.close()
            return refused.wait
        raise AssertionError("everything was sent")

    wait = run(main())

    assert wait > timedelta(seconds=10)


def test_after_a_refusal_nothing_is_sent_until_the_bucket_has_filled_up() -> None:
    async def main() -> float:
        limit = a_limit(CountedTable(), "one")
        loop = asyncio.get_running_loop()
        limit.is_spent()
        begun = loop.time()
        await limit.take(Urgency.FIRST, PATIENCE)
        await limit.close()
        return loop.time() - begun

    assert run(main()) > 0


def test_a_share_is_leased_for_all_whichever_turn_needs_it_first() -> None:
    left: list[float | None] = []

    class SeenTable(CountedTable):
        async def transact(self, partition: str, operations: Sequence[Operation]) -> list[str]:
            left.append(seconds_left_to_record())
            return await super().transact(partition, operations)

    async def main() -> None:
        limit = a_limit(SeenTable(), "one")
        with answered_within(-60):
            await send_all(limit, Service(), "one", RATE.size)
        await limit.close()

    virtual_time.run(main())

    assert left
    assert set(left) == {None}
