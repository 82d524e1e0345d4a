"""Overdue access: when the alarm comes, what is listed, and what people can do."""

import asyncio
from datetime import timedelta

import pytest

from domain.access.request import OVERDUE_AFTER, RequestState
from domain.reconciliation.orphan import Orphan, OrphanState
from domain.reconciliation.reconciliation import SETTLED_AFTER
from domain.refusals.endings import NothingOverdue, ReasonMissing
from domain.refusals.people import NotAnAdmin
from domain.refusals.records import NothingToSee
from domain.rotation.rotation import Rotation
from services.faults import NotPermitted, Unavailable
from tests.support.builders import ADA, ASSIGNMENT, CY, DANA, EVE, HOUR, MINUTE, SECOND
from tests.support.clock import NINE
from tests.support.replica import Replica, World

REFUSED = NotPermitted("Azure", "403 AuthorizationFailed")
FOREVER = 1_000_000
TEN = NINE + HOUR
BECAUSE = "The subscription is gone."


async def _that_cannot_end(world: World) -> Replica:
    replica = Replica(world)
    await replica.give()
    world.assignments.faults.order("delete", REFUSED, times=FOREVER)
    world.clock.advance_to(TEN)
    await replica.settle()
    return replica


async def _listed(replica: Replica) -> list[str]:
    return [one.id for one in (await replica.stuck.list()).shown]


async def _stuck_at(replica: Replica) -> timedelta:
    [stuck] = [event for event in await replica.events() if event.kind == "stuck"]
    return stuck.at - TEN


@pytest.mark.parametrize("retry_after", [None, 4 * MINUTE, 5 * MINUTE])
async def test_the_alarm_comes_at_five_minutes_and_not_with_the_next_attempt(
    retry_after: timedelta | None,
) -> None:
    world = World()
    replica = Replica(world)
    await replica.give()
    fault = Unavailable("Azure", "429", retry_after, outcome_unknown=False)
    world.assignments.faults.order("delete", fault, times=FOREVER)

    await replica.pass_time(2 * HOUR)

    assert await _stuck_at(replica) <= OVERDUE_AFTER + 5 * SECOND
    assert "stuck" in world.message_sender.sent_to(DANA.object_id)


async def test_a_hanging_attempt_does_not_delay_the_alarm(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """A move can take 15 s; one that starts just before the alarm is due ends with it."""
    world = World()
    replica = await _that_cannot_end(world)
    await replica.pass_time(OVERDUE_AFTER - SECOND - (world.clock() - TEN))
    await replica.overdue.try_now(ADA, "req-one")
    await replica.worker.idle()
    world.assignments.hang()

    began = asyncio.get_running_loop().time()
    await replica.overdue.try_now(ADA, "req-one")
    await replica.worker.idle()
    took = asyncio.get_running_loop().time() - began

    assert (await replica.request()).may_vanish_until is not None
    assert took < 5


async def test_overdue_access_is_listed_from_the_first_minute() -> None:
    world = World()
    replica = await _that_cannot_end(world)

    await replica.pass_time(MINUTE)

    assert await _listed(replica) == ["req-one"]
    assert (await replica.request()).state is RequestState.REVOKING


async def test_access_no_worker_has_ended_is_listed_too() -> None:
    replica = Replica(World())
    await replica.give()

    replica.clock.advance_to(TEN + MINUTE)

    assert await _listed(replica) == ["req-one"]


async def test_active_access_is_not_listed() -> None:
    replica = Replica(World())
    await replica.give()

    assert await _listed(replica) == []


async def test_a_requested_retry_happens_now() -> None:
    world = World()
    replica = await _that_cannot_end(world)
    await replica.pass_time(20 * MINUTE)
    world.assignments.faults.clear()

    await replica.overdue.try_now(DANA, "req-one")
    await replica.settle()

    assert (await replica.request()).state is RequestState.REVOKED
    assert "retried" in await replica.event_kinds()


async def test_asking_for_a_retry_twice_counts_once() -> None:
    world = World()
    replica = await _that_cannot_end(world)
    await replica.pass_time(20 * MINUTE)
    world.assignments.faults.clear()

    await replica.overdue.try_now(ADA, "req-one")
    await replica.overdue.try_now(ADA, "req-one")
    await replica.settle()

    assert (await replica.event_kinds()).count("retried") == 1


async def test_active_access_cannot_be_retried() -> None:
    replica = Replica(World())
    await replica.give()

    with pytest.raises(NothingOverdue):
        await replica.overdue.try_now(ADA, "req-one")


async def test_a_stranger_cannot_request_a_retry_and_learns_nothing() -> None:
    replica = await _that_cannot_end(World())

    with pytest.raises(NothingToSee):
        await replica.overdue.try_now(EVE, "req-one")


async def test_an_admin_closes_access_that_can_never_be_removed_with_a_reason() -> None:
    world = World()
    replica = await _that_cannot_end(world)
    await replica.pass_time(10 * MINUTE)

    await replica.overdue.close(CY, "req-one", BECAUSE)
    await replica.settle()
    request = await replica.request()
    [closed] = [event for event in await replica.events() if event.kind == "closed"]

    assert request.state is RequestState.CLOSED
    assert (closed.actor, closed.facts["reason"]) == (CY, BECAUSE)
    assert "revoked" not in await replica.event_kinds()
    assert await _listed(replica) == []
    assert await world.queued() == []
    assert "closed" in world.message_sender.sent_to(DANA.object_id)
    assert "closed" in world.message_sender.audited()


async def test_closed_access_that_still_exists_is_found_and_removed() -> None:
    world = World()
    replica = await _that_cannot_end(world)
    await replica.overdue.close(CY, "req-one", BECAUSE)
    world.assignments.faults.clear()

    await replica.reconcile.begin()
    await replica.pass_time(SETTLED_AFTER + HOUR)

    assert world.assignments.names() == []


async def test_closed_access_holds_up_a_later_grant_only_while_a_deletion_may_be_under_way() -> (
    None
):
    world = World()
    replica = await _that_cannot_end(world)
    await replica.overdue.close(CY, "req-one", BECAUSE)

    at_once = await replica.give(request_id="req-two")
    await replica.pass_time(2 * MINUTE)

    assert at_once.state is RequestState.GRANTING
    assert (await replica.request("req-two")).state is RequestState.ACTIVE


async def test_closing_twice_counts_once() -> None:
    replica = await _that_cannot_end(World())

    await replica.overdue.close(CY, "req-one", BECAUSE)
    await replica.overdue.close(CY, "req-one", "Another reason.")

    assert (await replica.event_kinds()).count("closed") == 1


@pytest.mark.parametrize("reason", ["", "  \n ", "\u3164"])
async def test_nothing_is_closed_without_a_reason(reason: str) -> None:
    replica = await _that_cannot_end(World())

    with pytest.raises(ReasonMissing):
        await replica.overdue.close(CY, "req-one", reason)


async def test_only_admins_can_close() -> None:
    replica = await _that_cannot_end(World())

    with pytest.raises(NotAnAdmin):
        await replica.overdue.close(ADA, "req-one", BECAUSE)


async def test_active_access_cannot_be_closed() -> None:
    replica = Replica(World())
    await replica.give()

    with pytest.raises(NothingOverdue):
        await replica.overdue.close(CY, "req-one", BECAUSE)


async def _orphan_that_cannot_end(world: World) -> tuple[Replica, str]:
    world.assignments.plant(ASSIGNMENT, ASSIGNMENT.id, "Latchkey req-lost: access")
    world.clock.advance(SETTLED_AFTER)
    world.assignments.faults.order("delete", REFUSED, times=FOREVER)
    replica = Replica(world)
    await replica.reconcile.begin()
    await replica.settle()
    [listed] = (await replica.stuck.list()).shown
    assert not isinstance(listed, Rotation)
    return replica, listed.id


async def _orphan(replica: Replica, orphan_id: str) -> Orphan:
    stored = await replica.workflows.load_as(Orphan, orphan_id)
    assert stored
    return stored.head


async def test_an_orphan_raises_its_alarm_at_five_minutes() -> None:
    world = World()
    replica, orphan_id = await _orphan_that_cannot_end(world)
    found_at = (await _orphan(replica, orphan_id)).found_at

    await replica.pass_time(OVERDUE_AFTER + 5 * SECOND - (world.clock() - found_at))

    assert (await _orphan(replica, orphan_id)).state is OrphanState.STUCK


async def test_an_orphan_can_be_retried_and_closed_like_any_access() -> None:
    world = World()
    replica, orphan_id = await _orphan_that_cannot_end(world)

    await replica.overdue.try_now(CY, orphan_id)
    await replica.settle()
    await replica.overdue.close(CY, orphan_id, BECAUSE)
    await replica.settle()

    assert (await _orphan(replica, orphan_id)).state is OrphanState.CLOSED
    assert await _listed(replica) == []


async def test_only_admins_see_an_orphan() -> None:
    replica, orphan_id = await _orphan_that_cannot_end(World())

    with pytest.raises(NothingToSee):
        await replica.overdue.try_now(DANA, orphan_id)
