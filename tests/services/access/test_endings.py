"""How people end requests, even if others act at the same time."""

import asyncio
from collections.abc import Awaitable, Callable
from datetime import timedelta

import pytest

from domain.access.request import LAST_LOOK_AFTER, TRY_LINGERS, Request, RequestState
from domain.people import Actor
from domain.refusals.decisions import NoLongerPending
from domain.refusals.endings import AlreadyEnded, TooLateToCancel, WindowOver
from domain.refusals.records import NothingToSee
from domain.refusals.refusal import Refusal
from domain.unknown_outcome import RESOURCE_MANAGER_LIFE
from services.faults import NotPermitted, Unavailable
from services.workflow.due.agenda import CLAIM
from tests.support.builders import (
    ADA,
    ASSIGNMENT,
    BO,
    CY,
    DANA,
    EVE,
    HOUR,
    MINUTE,
    SECOND,
    email_of,
    policies,
)
from tests.support.clock import NINE
from tests.support.processes import crashing_steps
from tests.support.refusing import refusing
from tests.support.replica import Replica, World, without_caution
from tests.support.tables.crashing_table import EITHER, Crash, When

Act = Callable[[Replica], Awaitable[Request]]

ADMIN = CY
DOWN = Unavailable("Azure", "503")
FORBIDDEN = NotPermitted("Azure", "403 AuthorizationFailed")
SETTLED = TRY_LINGERS + RESOURCE_MANAGER_LIFE + CLAIM
"""How long after an attempt Azure may still carry it out."""
WINDOWS = 200  # how far two turns may be apart, in single steps of the loop


async def _cancel(replica: Replica) -> Request:
    return await replica.endings.cancel(DANA, "req-one")


async def _done(replica: Replica) -> Request:
    return await replica.endings.give_back(DANA, "req-one")


async def _end(replica: Replica) -> Request:
    return await replica.endings.end(ADA, "req-one")


async def _approving(replica: Replica) -> Request:
    return await replica.approve(ADA)


async def test_a_pending_request_is_cancelled_and_everyone_involved_sees_it() -> None:
    world = World()
    replica = Replica(world)
    await replica.ask()
    await replica.settle()

    await _cancel(replica)
    await replica.settle()

    assert (await replica.request()).state is RequestState.CANCELLED
    for key in (f"approver-{ADA.object_id}", f"approver-{BO.object_id}"):
        assert world.message_sender.shown(key).head.state is RequestState.CANCELLED
    assert world.message_sender.audited() == ["requested", "cancelled"]
    assert await world.queued() == []


async def test_a_request_cancelled_twice_is_cancelled_once() -> None:
    replica = Replica(World())
    await replica.ask()

    first, second = await _cancel(replica), await _cancel(replica)

    assert first == second
    assert await replica.event_kinds() == ["requested", "cancelled"]


async def test_a_cancelled_request_can_no_longer_be_approved() -> None:
    replica = Replica(World())
    await replica.ask()
    await _cancel(replica)

    with refusing(NoLongerPending, saying="it is cancelled"):
        await replica.approve()


async def test_a_decided_request_can_no_longer_be_cancelled() -> None:
    replica = Replica(World())
    await replica.ask()
    await replica.approve()

    with refusing(TooLateToCancel, saying="revoke req-one"):
        await _cancel(replica)


@pytest.mark.parametrize("who", [DANA, ADA, ADMIN])
async def test_requester_approvers_and_admins_can_end_access_early(who: Actor) -> None:
    world = World()
    replica = Replica(world)
    await replica.give()

    await replica.endings.end(who, "req-one")
    await replica.settle()
    request = await replica.request()

    assert request.state is RequestState.REVOKED
    assert request.ended_by == who
    assert world.assignments.all() == []
    assert await world.leases() == []
    ended = ["requested", "approved", "granted", "ended_early", "revoked"]
    assert await replica.event_kinds() == ended
    assert world.message_sender.audited() == ended
    assert world.message_sender.sent_to(DANA.object_id) == ["granted", "revoked"]


async def test_access_ended_early_does_not_end_again_when_its_window_ends() -> None:
    replica = Replica(World())
    await replica.give()
    await _end(replica)

    await replica.pass_time(2 * HOUR)

    assert "ended" not in await replica.event_kinds()


@pytest.mark.parametrize(
    "act",
    [
        lambda replica: replica.endings.cancel(EVE, "req-one"),
        lambda replica: replica.endings.end(EVE, "req-one"),
        lambda replica: replica.endings.give_back(EVE, "req-one"),
        lambda replica: replica.endings.find_endable(EVE, "req-one"),
        lambda replica: replica.endings.cancel(DANA, "req-none"),
        lambda replica: replica.endings.end(DANA, "req-none"),
        lambda replica: replica.endings.give_back(DANA, "req-none"),
        lambda replica: replica.endings.find_endable(DANA, "req-none"),
    ],
)
async def test_others_get_the_same_answer_as_for_a_missing_request(act: Act) -> None:
    replica = Replica(World())
    await replica.give()

    with pytest.raises(NothingToSee):
        await act(replica)


async def test_showing_what_can_be_ended_changes_nothing() -> None:
    world = World()
    replica = Replica(world)
    given = await replica.give()
    await replica.settle()
    world.table.forget_counts()

    shown = await replica.endings.find_endable(BO, "req-one")

    assert given == shown
    assert world.table.transactions == 0


async def test_a_second_click_gets_the_same_answer_and_someone_else_sees_who_was_first() -> None:
    replica = Replica(World())
    await replica.give()

    first, second = await _end(replica), await _end(replica)

    assert first == second
    with refusing(AlreadyEnded, saying="by Ada Approver on 2 Mar 2026, 09:00 UTC"):
        await _done(replica)
    assert (await replica.event_kinds()).count("ended_early") == 1


async def test_a_click_after_the_window_ended_is_answered_so() -> None:
    replica = Replica(World())
    await replica.give()
    await replica.pass_time(HOUR)

    with pytest.raises(WindowOver):
        await _done(replica)


async def test_the_assignment_stays_while_another_grant_shares_it() -> None:
    world = World()
    replica = Replica(world)
    await replica.give()
    await replica.give(request_id="req-two", window=2 * HOUR)

    await _done(replica)
    await replica.settle()
    during = world.assignments.names()
    await replica.pass_time(2 * HOUR)

    assert [ASSIGNMENT.id] == during
    assert world.assignments.names() == []


async def test_a_grant_azure_does_not_make_can_be_given_up() -> None:
    world = World()
    world.assignments.faults.order("create", DOWN, times=1_000_000)
    replica = Replica(world)
    await replica.ask()
    await replica.approve()
    await replica.settle()

    await _done(replica)
    await replica.pass_time(SETTLED)
    request = await replica.request()

    assert request.state is RequestState.REVOKED
    events = await replica.events()
    assert [e.kind for e in events] == [
        "requested",
        "approved",
        "ended_early",
        "watched",
        "revoked",
    ]
    assert events[-1].facts["granted"] is False
    assert await world.leases() == []


async def test_an_abandoned_grants_assignment_does_not_count_as_gone_while_reads_lag() -> None:
    world = World()
    world.assignments.lag = 50 * SECOND
    world.assignments.faults.order("create", DOWN, when=When.AFTER)
    world.assignments.faults.order("delete", FORBIDDEN, times=1_000_000)
    replica = Replica(world)
    await replica.ask()
    await replica.approve()
    await replica.settle()

    await _done(replica)
    await replica.pass_time(TRY_LINGERS + SECOND)
    meanwhile = (await replica.request()).state
    world.assignments.faults.clear()
    await replica.pass_time(HOUR)

    assert meanwhile is RequestState.REVOKING
    assert (await replica.request()).state is RequestState.REVOKED
    assert world.assignments.all() == []


@pytest.mark.parametrize("when", EITHER)
async def test_an_attempt_in_progress_when_its_grant_ends_leaves_nothing(when: When) -> None:
    world = World()
    replica, other = Replica(world), Replica(world)
    world.assignments.hang()
    await replica.ask()
    await replica.approve()
    for _ in range(WINDOWS):
        await asyncio.sleep(0)
    began = "create" in world.assignments.calls

    await _done(other)
    if when is When.AFTER:
        world.assignments.go_on()
    await replica.worker.run_once()
    world.assignments.go_on()
    await replica.settle()
    await other.settle()
    await other.pass_time(SETTLED)

    assert began
    assert (await replica.request()).state is RequestState.REVOKED
    assert world.assignments.names() == []
    assert await world.leases() == []


@pytest.mark.parametrize("delay", range(12))
async def test_of_an_approval_and_a_cancellation_at_once_one_wins(delay: int) -> None:
    world = World()
    replica, other = Replica(world), Replica(world)
    await replica.ask()
    await replica.settle()

    answers = await asyncio.gather(
        _after(delay, _cancel(replica)), _approving(other), return_exceptions=True
    )
    await replica.settle()
    await other.settle()

    events = await replica.event_kinds()
    won, lost = (
        [answer for answer in answers if isinstance(answer, Request)],
        [answer for answer in answers if isinstance(answer, Refusal)],
    )
    assert (len(won), len(lost)) == (1, 1)
    assert ("cancelled" in events) != ("approved" in events)
    assert bool(world.assignments.names()) == ("approved" in events)


@pytest.mark.parametrize("delay", range(12))
async def test_of_an_early_end_and_the_end_of_the_window_at_once_one_wins(delay: int) -> None:
    world = World()
    replica, other = Replica(world), Replica(world)
    await replica.give()
    world.clock.advance_to(NINE + HOUR)

    answer, _ = await asyncio.gather(
        _after(delay, _done(replica)), other.settle(), return_exceptions=True
    )
    await replica.settle()
    await other.settle()
    await other.pass_time(MINUTE)

    events = await replica.event_kinds()
    assert ("ended" in events) != ("ended_early" in events)
    assert isinstance(answer, Request) == ("ended_early" in events)
    assert events.count("revoked") == 1
    assert world.assignments.names() == []
    assert await world.leases() == []


async def test_two_people_who_end_the_same_access_at_once_end_it_once() -> None:
    world = World()
    replica, other = Replica(world), Replica(world)
    await replica.give()

    answers = await asyncio.gather(_done(replica), _end(other), return_exceptions=True)
    await replica.settle()

    assert sorted(type(answer).__name__ for answer in answers) == ["AlreadyEnded", "Request"]
    assert (await replica.event_kinds()).count("ended_early") == 1


def _granting(world: World) -> None:
    """Let no attempt be answered, so that the grant is still being tried when it is ended."""
    world.assignments.faults.order("create", DOWN, when=When.AFTER, times=1_000_000)


LIVES: dict[str, tuple[Act, Callable[[World], None], timedelta]] = {
    "cancelled": (_cancel, lambda world: None, timedelta()),
    "done": (_done, lambda world: None, MINUTE),
    "ended": (_end, lambda world: None, MINUTE),
    "ended while it was being granted": (_end, _granting, MINUTE),
}


@pytest.mark.parametrize("when", EITHER)
@pytest.mark.parametrize("name", LIVES)
async def test_wherever_the_process_crashes_ended_access_is_gone(name: str, when: When) -> None:
    whole = Crash()
    expected = await _ending(name, whole)

    assert whole.points > 2
    for point in range(1, whole.points + 1):
        assert await _ending(name, Crash(point, when)) == expected, f"died {when} point {point}"


async def _ending(name: str, crash: Crash) -> tuple[object, ...]:
    """Run until something is ended by a process that may crash; return the outcome."""
    act, prepare, patience = LIVES[name]
    world = World(rules=policies(approvers=(email_of(ADA), email_of(BO))))
    prepare(world)
    replica = Replica(world)
    await replica.ask()
    if act is not _cancel:
        await replica.approve()
    await replica.settle()
    replica = await crashing_steps.take(
        (act, Replica.settle, lambda one: one.pass_time(patience + SETTLED + LAST_LOOK_AFTER)),
        Replica(world, crash),
        lambda: Replica(world),
        world.clock,
    )
    return (
        (await replica.request()).state,
        without_caution(await replica.event_kinds()),
        world.assignments.names(),
        await world.leases(),
        await world.queued(),
        set(without_caution(world.message_sender.audited())),
    )


async def _after(steps: int, act: Awaitable[Request]) -> Request:
    for _ in range(steps):
        await asyncio.sleep(0)
    return await act
