"""A move whose outcome can't be recorded, as somebody else changed its request first."""

import asyncio
from collections.abc import Awaitable, Callable
from datetime import timedelta
from typing import Any

import pytest

from domain.access.assignment import Assignment
from domain.access.request import Request, RequestState
from domain.access.transitions.changes import report_unreachable
from domain.unknown_outcome import RESOURCE_MANAGER_LIFE
from services.access.granting.leases import Leases, Release
from services.faults import NotPermitted, Unavailable
from tests.support.builders import (
    ADA,
    BO,
    CY,
    DANA,
    HOUR,
    MINUTE,
    SECOND,
    email_of,
    in_directory,
    policies,
)
from tests.support.replica import Replica, World, a_draft

REFUSED = NotPermitted("Azure", "403 AuthorizationFailed")
DOWN = Unavailable("Azure", "503")
LATE = 60 * SECOND


class Hanging:
    """The first of some calls, which hangs, and fails, and is carried out a minute later."""

    def __init__(self, world: World, monkeypatch: pytest.MonkeyPatch, call: str) -> None:
        self._call: Callable[..., Awaitable[Any]] = getattr(world.assignments, call)
        self._assignments, self._name = world.assignments, call
        self._has_begun = asyncio.Event()
        self._goes_on = asyncio.Event()
        monkeypatch.setattr(world.assignments, call, self._first_hangs)

    async def begun(self) -> None:
        await asyncio.wait_for(self._has_begun.wait(), 2)

    def fail(self) -> None:
        self._goes_on.set()

    async def _first_hangs(self, assignment: Assignment, *more: Any) -> Any:
        if self._has_begun.is_set():
            return await self._call(assignment, *more)
        self._has_begun.set()
        await self._goes_on.wait()
        self._assignments.land_later(self._name, assignment, LATE, *more)
        raise Unavailable("Azure", "no answer in time")


async def _review(world: World, by: Replica) -> None:
    world.clock.advance(3 * SECOND)
    await by.reviews.review(ADA, "req-one", "ok")


async def _report(world: World, by: Replica) -> None:
    world.clock.advance(3 * SECOND)
    stored = (await by.snapshot()).stored
    assert isinstance(stored.head, Request)
    change = report_unreachable(stored.head, in_directory(BO), world.clock())
    await by.engine.record(stored, change)


def _a_world() -> World:
    return World(rules=policies(break_glass=(email_of(DANA),)))


async def _take(replica: Replica) -> None:
    await replica.access.break_glass(DANA, a_draft(window=None), [in_directory(CY)])


@pytest.mark.parametrize("record", [_review, _report])
@pytest.mark.parametrize("is_other", [True, False])
async def test_an_unanswered_grant_is_remembered_whatever_is_recorded_meanwhile(
    record: Callable[[World, Replica], Awaitable[None]],
    monkeypatch: pytest.MonkeyPatch,
    *,
    is_other: bool,
) -> None:
    world = _a_world()
    one, two = Replica(world), Replica(world)
    create = Hanging(world, monkeypatch, "create")
    await _take(one)
    await create.begun()

    await record(world, two if is_other else one)
    await two.worker.idle()
    create.fail()
    await one.worker.idle()
    granted = await one.request()
    await two.endings.give_back(DANA, "req-one")
    await two.settle()
    ended = await one.request()
    await one.pass_time(LATE + MINUTE)

    assert granted.state is RequestState.ACTIVE
    assert ended.state is RequestState.REVOKING
    assert (await one.request()).state is RequestState.REVOKED
    assert world.assignments.names() == []


async def test_a_crash_in_the_middle_of_a_grant_is_noticed_whatever_is_recorded_meanwhile(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    world = _a_world()
    doomed, other = Replica(world), Replica(world)
    create = Hanging(world, monkeypatch, "create")
    await _take(doomed)
    await create.begun()

    await _review(world, other)
    await other.settle()
    left = await other.request()
    await other.pass_time(30 * SECOND)

    assert left.state is RequestState.GRANTING
    interrupted = await other.request()
    assert (interrupted.state, interrupted.unanswered) == (RequestState.ACTIVE, 1)


async def test_an_unanswered_deletion_is_remembered_whatever_is_recorded_meanwhile(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    world = _a_world()
    one = Replica(world)
    await _take(one)
    await one.pass_time(5 * MINUTE)
    delete = Hanging(world, monkeypatch, "delete")
    await one.endings.give_back(DANA, "req-one")
    await delete.begun()

    await _review(world, one)
    delete.fail()
    await one.settle()
    await one.give(DANA, "req-two")
    waiting = await one.request("req-two")
    await one.pass_time(RESOURCE_MANAGER_LIFE + MINUTE)

    assert waiting.state is RequestState.GRANTING
    assert (await one.request("req-two")).state is RequestState.ACTIVE
    assert len(world.assignments.names()) == 1


@pytest.mark.parametrize(
    ("early", "behind"),
    [
        (3 * SECOND / 1000, timedelta()),
        (SECOND / 2, timedelta()),
        (timedelta(), 300 * SECOND / 1000),
    ],
)
async def test_what_a_try_makes_that_begins_while_the_grant_is_ended_is_removed(
    early: timedelta, behind: timedelta, monkeypatch: pytest.MonkeyPatch
) -> None:
    world = World()
    one, two = Replica(world), Replica(world)
    world.assignments.faults.order("create", REFUSED, times=1)
    await one.ask()
    await one.approve()
    await one.settle()
    retry_at = (await one.request()).retry_at
    assert retry_at
    world.clock.advance_to(retry_at - early)
    monkeypatch.setattr(one.endings, "_clock", lambda: world.clock() - behind)
    begun, goes_on, tries = asyncio.Event(), asyncio.Event(), list[asyncio.Task[None]]()
    locks, record = world.controls.locks, one.engine.record

    async def slow_locks(vault_id: str) -> Any:
        begun.set()
        await goes_on.wait()
        return await locks(vault_id)

    async def slow_record(*args: Any, **more: Any) -> Any:
        if not tries:
            world.clock.advance(2 * early)
            with monkeypatch.context() as slow:
                slow.setattr(world.controls, "locks", slow_locks)
                tries.append(asyncio.create_task(two.worker.run_once()))
                await begun.wait()
        return await record(*args, **more)

    monkeypatch.setattr(one.engine, "record", slow_record)
    await one.endings.give_back(DANA, "req-one")
    await one.worker.idle()
    world.clock.advance(SECOND)
    goes_on.set()
    await tries[0]
    await one.settle()
    watched = (await one.request()).state
    await one.pass_time(3 * MINUTE)

    assert watched is RequestState.REVOKING
    assert (await one.request()).state is RequestState.REVOKED
    assert (world.assignments.names(), await world.leases()) == ([], [])


async def test_access_made_after_its_request_has_ended_is_removed_at_once(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    world = World()
    one, two = Replica(world), Replica(world)
    await one.ask()
    create = world.assignments.create

    async def create_at_last(assignment: Assignment, description: str) -> None:
        monkeypatch.setattr(world.assignments, "create", create)
        await two.endings.give_back(DANA, "req-one")
        await two.pass_time(10 * MINUTE)
        assert (await two.request()).state is RequestState.REVOKED
        await create(assignment, description)

    monkeypatch.setattr(world.assignments, "create", create_at_last)
    await one.approve()
    await one.settle()
    await one.pass_time(MINUTE)

    assert (world.assignments.names(), await world.leases()) == ([], [])


async def test_closed_access_leaves_no_later_grant_to_a_deletion_under_way() -> None:
    world = World()
    one = Replica(world)
    await one.give()
    world.assignments.carry_out_late("delete", LATE, times=1)
    world.clock.advance(10 * MINUTE)
    await one.endings.give_back(DANA, "req-one")
    await one.tick()

    await one.overdue.close(CY, "req-one", "removed by hand")
    await one.give(DANA, "req-two")
    waiting = await one.request("req-two")
    await one.pass_time(2 * MINUTE)

    assert waiting.state is RequestState.GRANTING
    assert (await one.request("req-two")).state is RequestState.ACTIVE
    assert len(world.assignments.names()) == 1


async def test_a_try_that_outlives_the_closing_blocks_nothing(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    world = World()
    one, two = Replica(world), Replica(world)
    await one.give()
    world.assignments.faults.order("delete", DOWN, times=1_000_000)
    await one.pass_time(HOUR + 10 * MINUTE)
    retry_at = (await one.request()).retry_at
    assert retry_at
    world.clock.advance_to(retry_at)
    begun, goes_on = asyncio.Event(), asyncio.Event()
    release = Leases.release

    async def slow(*args: Any) -> Release:
        begun.set()
        await goes_on.wait()
        return await release(*args)

    monkeypatch.setattr(Leases, "release", slow)
    trying = asyncio.create_task(two.worker.run_once())
    await begun.wait()
    await one.overdue.close(CY, "req-one", "it can't be removed")
    goes_on.set()
    await trying
    world.assignments.faults.clear()
    await one.reconcile.begin()
    await one.pass_time(2 * HOUR)

    assert (world.assignments.names(), await world.leases()) == ([], [])


async def _leased_after_the_end(world: World) -> tuple[Replica, Assignment]:
    replica = Replica(world)
    ended = await replica.give()
    await replica.endings.give_back(DANA, "req-one")
    await replica.settle()
    [assignment] = ended.assignments
    await replica.leases.acquire(assignment, "req-one")
    return replica, assignment


async def test_a_lease_that_outlived_its_request_holds_nothing() -> None:
    world = World()
    one, assignment = await _leased_after_the_end(world)
    await world.assignments.create(assignment, "Latchkey req-one: access to demo-api-key")
    world.clock.advance(HOUR)

    await one.reconcile.begin()
    await one.pass_time(MINUTE)

    assert (world.assignments.names(), await world.leases()) == ([], [])


async def test_a_deletion_that_outlived_its_request_holds_up_nobody() -> None:
    world = World()
    one, assignment = await _leased_after_the_end(world)
    await one.leases.release(assignment, "req-one")

    await one.reconcile.begin()
    await one.pass_time(MINUTE)

    assert await world.leases() == []
    assert (await one.give(request_id="req-two")).state is RequestState.ACTIVE
