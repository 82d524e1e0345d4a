"""The background worker, and how it stops."""

import asyncio
import logging
from collections.abc import Sequence
from datetime import timedelta

import pytest

from domain.access import RequestState
from domain.announcements import Announcement
from services.agenda import CLAIM
from services.codec import Head
from services.faults import Unavailable
from services.messages import MessageRef
from services.table import Operation, Row, Table
from tests.support.builders import ADA, BO, DANA, EVE, MINUTE
from tests.support.crashing_table import Crash, Killed, When
from tests.support.house import House, World
from tests.support.memory_table import MemoryTable


@pytest.fixture
def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    """Poll for due work without a pause."""
    monkeypatch.setattr("services.worker.POLL", timedelta(milliseconds=1))


@pytest.fixture
def patient(monkeypatch: pytest.MonkeyPatch) -> None:
    """Poll for due work once, at the start."""
    monkeypatch.setattr("services.worker.POLL", timedelta(hours=1))


class BrokenTable:
    """A table that fails for a while."""

    def __init__(self, table: Table) -> None:
        self._table = table
        self.failures = 0
        self.broken_reads = 0
        self.healed = asyncio.Event()

    async def get(self, partition: str, key: str) -> Row | None:
        return await self._table.get(partition, key)

    async def range(
        self, partition: str, start: str, stop: str, limit: int | None = None
    ) -> list[Row]:
        if self.broken_reads:
            self.broken_reads -= 1
            self.failures += 1
            raise Unavailable("Tables", "503")
        return await self._table.range(partition, start, stop, limit)

    async def transact(self, partition: str, operations: Sequence[Operation]) -> list[str]:
        return await self._table.transact(partition, operations)


async def _let_others_run() -> None:
    for _ in range(200):
        await asyncio.sleep(0)


async def test_a_click_is_processed_without_waiting_for_a_poll() -> None:
    house = House(World())
    await house.ask()
    await house.approve()

    await house.worker.idle()

    assert RequestState.ACTIVE is (await house.request()).state


async def test_a_click_is_announced_without_waiting_for_a_poll(patient: None) -> None:
    world = World()
    house = House(world)
    working = asyncio.create_task(house.worker.run())
    await asyncio.sleep(0)

    async with asyncio.timeout(5):
        await house.ask()
        await world.courier.until_audited("requested")
        await house.approve()
        await world.courier.until_audited("granted")
        await house.worker.stop()
        await working

    assert world.courier.audited() == ["requested", "approved", "granted"]


async def test_an_approval_is_announced_while_azure_is_slow(patient: None) -> None:
    world = World()
    world.assignments.hang()
    house = House(world)
    await house.ask()
    await house.settle()
    working = asyncio.create_task(house.worker.run())
    await _let_others_run()

    async with asyncio.timeout(5):
        await house.approve()
        await world.courier.until_audited("approved")
        meanwhile = world.courier.audited()
        world.assignments.go_on()
        await house.worker.stop()
        await working

    assert meanwhile == ["requested", "approved"]


async def test_a_hanging_conversation_does_not_hold_up_others(patient: None) -> None:
    world = World()
    house = House(world)
    post = world.courier.post

    async def hang(announcement: Announcement, head: Head, thread: MessageRef | None) -> MessageRef:
        if head.id == "req-one":
            await asyncio.Event().wait()
        return await post(announcement, head, thread)

    world.courier.post = hang  # type: ignore[method-assign]
    working = asyncio.create_task(house.worker.run())
    await asyncio.sleep(0)

    async with asyncio.timeout(5):
        await house.ask()
        await _let_others_run()  # until it hangs
        await house.ask(EVE, "req-two")
        await world.courier.until_audited("requested")
    working.cancel()
    await asyncio.gather(working, return_exceptions=True)

    assert world.courier.audited() == ["requested"]


async def test_due_work_is_announced_without_waiting_for_a_poll(patient: None) -> None:
    world = World()
    house = House(world)
    await house.give()
    world.clock.advance(hours=1)
    world.table.hold()
    working = asyncio.create_task(house.worker.run())

    async with asyncio.timeout(5):
        await world.table.held(1)
        await _let_others_run()  # until the outbox has found nothing and waits
        world.table.let_go()
        await world.courier.until_audited("revoked")
        await house.worker.stop()
        await working

    assert RequestState.REVOKED is (await house.request()).state


async def test_a_replica_works_until_it_is_stopped(impatient: None) -> None:
    world = World()
    house = House(world)
    await house.give()
    working = asyncio.create_task(house.worker.run())

    world.clock.advance(hours=1)
    async with asyncio.timeout(5):
        await world.assignments.deleted.wait()
        await house.worker.stop()
        await working

    assert RequestState.REVOKED is (await house.request()).state


async def test_a_failed_poll_is_logged_and_followed_by_the_next_one(
    impatient: None, caplog: pytest.LogCaptureFixture
) -> None:
    table = BrokenTable(MemoryTable())
    world = World(table)
    house = House(world)
    await house.give()
    world.clock.advance(hours=1)
    table.broken_reads = 40
    working = asyncio.create_task(house.worker.run())

    async with asyncio.timeout(5):
        await world.assignments.deleted.wait()
        await house.worker.stop()
        await working

    assert RequestState.REVOKED is (await house.request()).state
    assert table.failures == 40
    assert "a round of the agenda failed; the next one follows" in caplog.messages


async def test_an_unreadable_workflow_does_not_stop_the_others(
    caplog: pytest.LogCaptureFixture,
) -> None:
    world = World()
    house = House(world)
    await house.give(DANA, "req-one")
    await house.give(EVE, "req-two")
    world.clock.advance(hours=1)
    await world.garble("req-one")

    await house.tick()

    assert RequestState.REVOKED is (await house.request("req-two")).state
    assert any("failed; it falls due again" in message for message in caplog.messages)
    assert [facts.assignment.principal_id for facts in world.assignments.all()] == [DANA.object_id]


async def test_an_unreadable_workflow_is_due_again() -> None:
    world = World()
    house = House(world)
    await house.give()
    await house.pass_time(MINUTE)
    mend = await world.garble("req-one")
    world.clock.advance(hours=1)

    await house.tick()
    await mend()
    world.clock.advance(CLAIM)
    await house.settle()

    assert RequestState.REVOKED is (await house.request()).state


async def test_two_replicas_share_the_work_and_do_each_thing_once() -> None:
    world = World()
    house, other = House(world), House(world)
    people = [DANA, EVE, ADA]
    for number, person in enumerate(people):
        await house.ask(person, f"req-{number}")
        await house.access.approve(ADA if person is not ADA else BO, f"req-{number}")
    await house.settle()
    world.assignments.calls.clear()
    world.clock.advance(hours=1)

    await asyncio.gather(house.tick(), other.tick())

    assert world.assignments.all() == []
    assert world.assignments.calls.count("delete") == len(people)
    for number in range(len(people)):
        kinds = await house.event_kinds(f"req-{number}")
        assert kinds.count("revoked") == 1
    audited = [sent.ref for sent in world.courier.posts]
    assert len(set(audited)) == len(audited)


async def test_work_claimed_by_a_dead_replica_is_done_by_another_after_the_claim_expires() -> None:
    world = World()
    await House(world).give()
    world.clock.advance(hours=1)
    dying = House(world, Crash(1, When.AFTER))
    with pytest.raises(Killed):
        await dying.tick()

    house = House(world)
    await house.tick()
    meanwhile = (await house.request()).state
    world.clock.advance(CLAIM)
    await house.settle()

    assert RequestState.ACTIVE is meanwhile
    assert RequestState.REVOKED is (await house.request()).state


async def test_a_failed_kick_is_retried_by_the_worker(
    caplog: pytest.LogCaptureFixture,
) -> None:
    world = World()
    house = House(world)
    await house.ask()
    await house.approve()
    mend = await world.garble("req-one")

    await house.worker.idle()
    await mend()
    world.clock.advance(CLAIM)
    await house.settle()

    assert "req-one: could not be moved on now" in caplog.messages
    assert RequestState.ACTIVE is (await house.request()).state


async def test_stopping_finishes_current_work_and_starts_nothing_new() -> None:
    world = World()
    house = House(world)
    for number in range(40):
        await house.ask(request_id=f"req-{number}")
    await house.settle()
    world.clock.advance(hours=8)
    world.table.hold()
    working = asyncio.create_task(house.worker.run())

    await world.table.held(16)
    stopping = asyncio.create_task(house.worker.stop())
    await asyncio.sleep(0)
    world.table.let_go()
    async with asyncio.timeout(5):
        await stopping
        await working

    lapsed = [
        number
        for number in range(40)
        if (await house.request(f"req-{number}")).state is RequestState.LAPSED
    ]
    assert len(lapsed) == 16


async def test_an_idle_worker_stops_at_once() -> None:
    house = House(World())
    working = asyncio.create_task(house.worker.run())
    await asyncio.sleep(0)

    async with asyncio.timeout(5):
        await house.worker.stop()
        await working


async def test_a_cancelled_worker_is_cancelled(caplog: pytest.LogCaptureFixture) -> None:
    house = House(World())
    working = asyncio.create_task(house.worker.run())
    await asyncio.sleep(0)

    working.cancel()
    with pytest.raises(asyncio.CancelledError):
        await working

    assert not [record for record in caplog.records if record.levelno >= logging.ERROR]
