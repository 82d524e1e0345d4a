"""The background worker, and how it stops."""

import asyncio
import logging
from collections.abc import Sequence
from datetime import timedelta

import pytest

from domain.access.request import RequestState
from domain.announcement import Announcement
from domain.rotation.schedule import ScheduledRotation
from domain.workflow import Change
from services.faults import Unavailable
from services.storage.table import Operation, Row, Table
from services.workflow.codec import Head
from services.workflow.due.agenda import CLAIM
from services.workflow.due.shard_board import ShardBoard
from services.workflow.lanes import PLACES, Lane
from services.workflow.messages import MessageRef
from tests.support.builders import ADA, BO, DANA, EVE, MINUTE
from tests.support.replica import Replica, World
from tests.support.rotation.builders import a_schedule
from tests.support.runs import NOON, Runs
from tests.support.tables.crashing_table import Crash, Killed, When
from tests.support.tables.memory_table import MemoryTable, in_one_page


@pytest.fixture
def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    """Poll for due work without a pause."""
    monkeypatch.setattr("services.workflow.worker.POLL", timedelta(milliseconds=1))


@pytest.fixture
def patient(monkeypatch: pytest.MonkeyPatch) -> None:
    """Poll for due work once, at the start."""
    monkeypatch.setattr("services.workflow.worker.POLL", timedelta(hours=1))


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

    pages = in_one_page

    async def transact(self, partition: str, operations: Sequence[Operation]) -> list[str]:
        return await self._table.transact(partition, operations)


async def _let_others_run() -> None:
    for _ in range(200):
        await asyncio.sleep(0)


async def test_a_click_is_processed_without_waiting_for_a_poll() -> None:
    replica = Replica(World())
    await replica.ask()
    await replica.approve()

    await replica.worker.idle()

    assert (await replica.request()).state is RequestState.ACTIVE


async def test_a_click_is_announced_without_waiting_for_a_poll(patient: None) -> None:
    world = World()
    replica = Replica(world)
    working = asyncio.create_task(replica.worker.run())
    await asyncio.sleep(0)

    async with asyncio.timeout(5):
        await replica.ask()
        await world.message_sender.until_audited("requested")
        await replica.approve()
        await world.message_sender.until_audited("granted")
        await replica.worker.stop()
        await working

    assert world.message_sender.audited() == ["requested", "approved", "granted"]


async def test_an_approval_is_announced_while_azure_is_slow(
    patient: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("services.workflow.worker.TOGETHER", timedelta())
    world = World()
    world.assignments.hang()
    replica = Replica(world)
    await replica.ask()
    await replica.settle()
    working = asyncio.create_task(replica.worker.run())
    await _let_others_run()

    async with asyncio.timeout(5):
        await replica.approve()
        await world.message_sender.until_audited("approved")
        meanwhile = world.message_sender.audited()
        world.assignments.go_on()
        await replica.worker.stop()
        await working

    assert meanwhile == ["requested", "approved"]


async def test_a_hanging_conversation_does_not_hold_up_others(patient: None) -> None:
    world = World()
    replica = Replica(world)
    post = world.message_sender.post

    async def hang(announcement: Announcement, head: Head, thread: MessageRef | None) -> MessageRef:
        if head.id == "req-one":
            await asyncio.Event().wait()
        return await post(announcement, head, thread)

    world.message_sender.post = hang  # type: ignore[method-assign]  # hangs in its place
    working = asyncio.create_task(replica.worker.run())
    await asyncio.sleep(0)

    async with asyncio.timeout(5):
        await replica.ask()
        await _let_others_run()  # until it hangs
        await replica.ask(EVE, "req-two")
        await world.message_sender.until_audited("requested")
    working.cancel()
    await asyncio.gather(working, return_exceptions=True)

    assert world.message_sender.audited() == ["requested"]


async def test_due_work_is_announced_without_waiting_for_a_poll(patient: None) -> None:
    world = World()
    replica = Replica(world)
    await replica.give()
    world.clock.advance(hours=1)
    world.table.hold()
    working = asyncio.create_task(replica.worker.run())

    async with asyncio.timeout(5):
        await world.table.held(1)
        await _let_others_run()  # until the outbox has found nothing and waits
        world.table.let_go()
        await world.message_sender.until_audited("revoked")
        await replica.worker.stop()
        await working

    assert (await replica.request()).state is RequestState.REVOKED


async def test_a_replica_works_until_it_is_stopped(impatient: None) -> None:
    world = World()
    replica = Replica(world)
    await replica.give()
    working = asyncio.create_task(replica.worker.run())

    world.clock.advance(hours=1)
    async with asyncio.timeout(5):
        await world.assignments.deleted.wait()
        await replica.worker.stop()
        await working

    assert (await replica.request()).state is RequestState.REVOKED


async def test_a_failed_poll_is_logged_in_one_line_and_followed_by_the_next_one(
    impatient: None, caplog: pytest.LogCaptureFixture
) -> None:
    table = BrokenTable(MemoryTable())
    world = World(table)
    replica = Replica(world)
    await replica.give()
    world.clock.advance(hours=1)
    table.broken_reads = 40
    working = asyncio.create_task(replica.worker.run())

    async with asyncio.timeout(5):
        await world.assignments.deleted.wait()
        await replica.worker.stop()
        await working

    assert (await replica.request()).state is RequestState.REVOKED
    assert table.failures == 40
    assert "a look at the agenda failed; the next one follows: Tables: 503" in caplog.messages
    assert [record for record in caplog.records if record.exc_info] == []


async def test_an_unreadable_workflow_does_not_stop_the_others(
    caplog: pytest.LogCaptureFixture,
) -> None:
    world = World()
    replica = Replica(world)
    await replica.give(DANA, "req-one")
    await replica.give(EVE, "req-two")
    world.clock.advance(hours=1)
    await world.garble("req-one")

    await replica.tick()

    assert (await replica.request("req-two")).state is RequestState.REVOKED
    [said] = [one for one in caplog.records if "failed; it falls due again" in one.getMessage()]
    assert said.exc_info is not None
    assert [facts.assignment.principal_id for facts in world.assignments.all()] == [DANA.object_id]


async def test_an_unreadable_workflow_is_due_again() -> None:
    world = World()
    replica = Replica(world)
    await replica.give()
    await replica.pass_time(MINUTE)
    mend = await world.garble("req-one")
    world.clock.advance(hours=1)

    await replica.tick()
    await mend()
    world.clock.advance(CLAIM)
    await replica.settle()

    assert (await replica.request()).state is RequestState.REVOKED


async def test_two_replicas_share_the_work_and_do_each_thing_once() -> None:
    world = World()
    replica, other = Replica(world), Replica(world)
    people = [DANA, EVE, ADA]
    for number, person in enumerate(people):
        await replica.ask(person, f"req-{number}")
        await replica.access.approve(ADA if person is not ADA else BO, f"req-{number}")
    await replica.settle()
    world.assignments.calls.clear()
    world.clock.advance(hours=1)

    await asyncio.gather(replica.tick(), other.tick())

    assert world.assignments.all() == []
    assert world.assignments.calls.count("delete") == len(people)
    for number in range(len(people)):
        kinds = await replica.event_kinds(f"req-{number}")
        assert kinds.count("revoked") == 1
    audited = [sent.ref for sent in world.message_sender.posts]
    assert len(set(audited)) == len(audited)


async def test_work_claimed_by_a_dead_replica_is_done_by_another_after_the_claim_expires() -> None:
    world = World()
    await Replica(world).give()
    world.clock.advance(hours=1)
    dying = Replica(world, Crash(1, When.AFTER))
    with pytest.raises(Killed):
        await dying.tick()

    replica = Replica(world)
    await replica.tick()
    meanwhile = (await replica.request()).state
    tried_meanwhile = world.assignments.calls.count("delete")
    world.clock.advance(CLAIM)
    await replica.settle()

    assert (meanwhile, tried_meanwhile) == (RequestState.REVOKING, 0)
    assert (await replica.request()).state is RequestState.REVOKED


async def test_a_failed_kick_is_retried_by_the_worker(
    caplog: pytest.LogCaptureFixture,
) -> None:
    world = World()
    replica = Replica(world)
    await replica.ask()
    await replica.approve()
    mend = await world.garble("req-one")

    await replica.worker.idle()
    await mend()
    world.clock.advance(CLAIM)
    await replica.settle()

    assert "req-one: could not be advanced now" in caplog.messages
    assert (await replica.request()).state is RequestState.ACTIVE


async def test_what_was_put_back_is_done_without_waiting_for_a_poll(patient: None) -> None:
    world = World()
    replica, other = Replica(world), Replica(world)
    await other.ask()
    working = asyncio.create_task(replica.worker.run())
    await _let_others_run()
    other.engine.hand_over()
    await other.approve()  # and leave the grant to anyone

    replica.worker.advance_soon("req-one")
    async with asyncio.timeout(5):
        await world.message_sender.until_audited("granted")
        await replica.worker.stop()
        await working

    assert (await replica.request()).state is RequestState.ACTIVE


async def test_stopping_hands_over_what_was_claimed_and_not_begun() -> None:
    world, names = World(), [f"sch-{number}" for number in range(40)]
    replica, other = Replica(world), Replica(world)
    kind, others = Runs(replica.clock), Runs(replica.clock)
    replica.engine.register(ScheduledRotation, kind)
    other.engine.register(ScheduledRotation, others)
    for name in names:
        await replica.engine.open(Change(a_schedule(id=name, run_at=NOON)))
    world.clock.advance_to(NOON)

    await _stopped_at_its_first_writes(replica, PLACES[Lane.ROTATION])
    await other.tick()

    assert kind.ran == []
    assert sorted(head.id for head in others.ran) == sorted(names)


async def test_stopping_finishes_what_is_being_recorded_and_leaves_the_rest() -> None:
    world = World()
    replica = Replica(world)
    for number in range(40):
        await replica.ask(request_id=f"req-{number}")
    await replica.settle()
    world.clock.advance(hours=8)

    await _stopped_at_its_first_writes(replica, PLACES[Lane.REST])
    left = [(await replica.request(f"req-{number}")).state for number in range(40)]
    await Replica(world).tick()
    done = [(await replica.request(f"req-{number}")).state for number in range(40)]

    assert left.count(RequestState.LAPSED) == PLACES[Lane.REST]
    assert done == [RequestState.LAPSED] * 40


async def _stopped_at_its_first_writes(replica: Replica, count: int) -> None:
    """Let a replica work until it has begun so many transactions, and then stop."""
    table = replica.world.table
    table.hold()
    working = asyncio.create_task(replica.worker.run())
    await table.held(count)
    stopping = asyncio.create_task(replica.worker.stop())
    await asyncio.sleep(0)
    table.let_go()
    async with asyncio.timeout(5):
        await stopping
        await working


async def test_stopping_finishes_the_move_under_way_and_hands_over_the_next(
    patient: None,
) -> None:
    world = World()
    replica, other = Replica(world), Replica(world)
    await replica.ask()
    await replica.ask(EVE, "req-two")
    await replica.settle()
    world.assignments.hang()
    working = asyncio.create_task(replica.worker.run())
    await replica.approve()
    await _let_others_run()  # until Azure hangs

    stopping = asyncio.create_task(replica.worker.stop())
    await _let_others_run()
    await replica.approve(request_id="req-two")  # the turn under way
    is_stopped = stopping.done()
    world.assignments.go_on()
    async with asyncio.timeout(5):
        await stopping
        await working
    finished = (await replica.request()).state
    left = (await replica.request("req-two")).state
    await other.tick()

    assert not is_stopped
    assert (finished, left) == (RequestState.ACTIVE, RequestState.GRANTING)
    assert (await replica.request("req-two")).state is RequestState.ACTIVE


async def test_a_replica_that_stops_leaves_the_others_only_once_it_has_nothing_under_way(
    patient: None,
) -> None:
    world = World()
    replica, board = Replica(world), ShardBoard(world.table)
    await replica.ask()
    await replica.settle()
    world.assignments.hang()
    working = asyncio.create_task(replica.worker.run())
    await replica.approve()
    await _let_others_run()  # until Azure hangs

    stopping = asyncio.create_task(replica.worker.stop())
    await _let_others_run()
    before = [one.is_leaving for one in (await board.read()).members.values()]
    world.assignments.go_on()
    async with asyncio.timeout(5):
        await stopping
        await working

    assert before == [True]
    assert (await board.read()).members == {}


async def test_stopping_hands_over_a_move_that_was_about_to_begin(patient: None) -> None:
    world = World()
    replica, other = Replica(world), Replica(world)
    await replica.ask()
    await replica.settle()

    await replica.approve()
    await replica.worker.stop()
    left = (await replica.request()).state
    await other.tick()

    assert left is RequestState.GRANTING
    assert (await replica.request()).state is RequestState.ACTIVE


async def test_stopping_finishes_the_messages_under_way_and_hands_over_the_next() -> None:
    world = World()
    world.message_sender.unreachable.add(ADA.object_id)
    replica, other = Replica(world), Replica(world)
    post, posting, go_on = world.message_sender.post, asyncio.Event(), asyncio.Event()

    async def hang(announcement: Announcement, head: Head, thread: MessageRef | None) -> MessageRef:
        posting.set()
        await go_on.wait()
        return await post(announcement, head, thread)

    world.message_sender.post = hang  # type: ignore[method-assign]  # hangs in its place
    working = asyncio.create_task(replica.worker.run())
    await replica.ask()
    async with asyncio.timeout(5):
        await posting.wait()
        stopping = asyncio.create_task(replica.worker.stop())
        await _let_others_run()
        go_on.set()
        await stopping
        await working
    sent = len(world.message_sender.posts)
    world.clock.advance(seconds=1)
    await other.tick()

    keys = [one.key for one in world.message_sender.posts]
    assert keys[:sent] == [f"approver-{BO.object_id}", "audit-000001"]
    assert "approvers-channel" in keys[sent:]
    assert len(set(keys)) == len(keys)


async def test_an_idle_worker_stops_at_once() -> None:
    replica = Replica(World())
    working = asyncio.create_task(replica.worker.run())
    await asyncio.sleep(0)

    async with asyncio.timeout(5):
        await replica.worker.stop()
        await working


async def test_a_cancelled_worker_is_cancelled(caplog: pytest.LogCaptureFixture) -> None:
    replica = Replica(World())
    working = asyncio.create_task(replica.worker.run())
    await asyncio.sleep(0)

    working.cancel()
    with pytest.raises(asyncio.CancelledError):
        await working

    assert not [record for record in caplog.records if record.levelno >= logging.ERROR]
