"""Revocations that wait for Azure are all due once it answers one of them."""

from datetime import timedelta

import pytest

from domain.access.request import RequestState
from services.faults import Fault, NotPermitted, Unavailable
from services.workflow.recovery import EVERY
from tests.support.builders import CY, DANA, EVE, HOUR, MINUTE, SECOND
from tests.support.clock import ManualClock
from tests.support.replica import Replica, World

AWAY = Unavailable("fake", "no answer", outcome_unknown=False)
_MANY = 1_000


async def _revocations_that_wait(world: World, fault: Fault) -> Replica:
    """Let two people's access end while Azure fails; both then wait for minutes."""
    replica = Replica(world)
    await replica.give(DANA, "req-one")
    await replica.give(EVE, "req-two")
    world.assignments.faults.order("delete", fault, times=_MANY)
    await replica.pass_time(HOUR + 20 * MINUTE)
    world.assignments.calls.clear()
    return replica


async def _states(replica: Replica) -> set[RequestState]:
    return {(await replica.request(name)).state for name in ("req-one", "req-two")}


async def _come_round(replica: Replica, clock: ManualClock) -> None:
    """Let the time for one more look pass, and do what it made due."""
    clock.advance(EVERY)
    await replica.worker.recovery.run_once()
    await replica.worker.idle()


async def test_one_revocation_is_tried_for_all_that_wait() -> None:
    world = World()
    replica = await _revocations_that_wait(world, AWAY)

    await _come_round(replica, world.clock)
    await replica.tick()

    assert world.assignments.calls == ["delete"]


async def test_they_are_tried_in_turn() -> None:
    world = World()
    replica = await _revocations_that_wait(world, AWAY)
    before = {name: (await replica.request(name)).attempt for name in ("req-one", "req-two")}

    await _come_round(replica, world.clock)
    await _come_round(replica, world.clock)

    after = {name: (await replica.request(name)).attempt for name in before}
    assert after == {name: attempt + 1 for name, attempt in before.items()}


async def test_once_azure_answers_all_are_due_at_once() -> None:
    world = World()
    replica = await _revocations_that_wait(world, AWAY)
    world.assignments.faults.clear()

    await _come_round(replica, world.clock)
    await replica.worker.recovery.run_once()
    await replica.settle()

    assert await _states(replica) == {RequestState.REVOKED}


async def test_a_replica_that_has_just_started_hurries_what_waits_too() -> None:
    world = World()
    await _revocations_that_wait(world, AWAY)
    world.assignments.faults.clear()
    replica = Replica(world)

    await _come_round(replica, world.clock)
    await replica.worker.recovery.run_once()
    await replica.settle()

    assert await _states(replica) == {RequestState.REVOKED}


async def test_what_azure_refuses_is_not_hurried() -> None:
    world = World()
    replica = await _revocations_that_wait(world, NotPermitted("fake", "403"))
    await replica.worker.recovery.run_once()
    await replica.tick()
    world.assignments.calls.clear()

    await _come_round(replica, world.clock)
    await replica.tick()

    assert world.assignments.calls == []


async def test_access_that_has_not_ended_is_left_alone() -> None:
    world = World()
    replica = await _revocations_that_wait(world, AWAY)
    await replica.give(CY, "req-three", window=MINUTE * 6)
    world.assignments.faults.clear()
    world.clock.advance(2 * MINUTE)

    await _come_round(replica, world.clock)
    await replica.worker.recovery.run_once()
    await replica.settle()

    assert (await replica.request("req-three")).state is RequestState.ACTIVE


async def test_they_are_hurried_at_most_every_fifteen_seconds() -> None:
    world = World()
    replica = await _revocations_that_wait(world, AWAY)
    replica.worker.recovery.note(None)
    await replica.worker.recovery.run_once()
    await replica.tick()
    world.assignments.calls.clear()
    world.clock.advance(SECOND)

    replica.worker.recovery.note(AWAY)
    replica.worker.recovery.note(None)
    await replica.worker.recovery.run_once()
    await replica.tick()

    assert "delete" not in world.assignments.calls


@pytest.mark.parametrize(
    ("fault", "is_hurried"),
    [
        (Unavailable("fake", "no answer"), True),
        (Unavailable("fake", "503", status=503), True),
        (Unavailable("fake", "429", status=429), True),
        (Unavailable("fake", "429", timedelta(seconds=7), status=429), False),
    ],
)
async def test_a_service_that_says_when_to_come_back_is_believed(
    fault: Fault, *, is_hurried: bool
) -> None:
    world = World()
    replica = Replica(world)
    await replica.give(DANA, "req-one")
    replica.worker.recovery.note(None)
    await replica.worker.recovery.run_once()
    world.assignments.faults.order("delete", fault, times=_MANY)
    await replica.pass_time(HOUR + 20 * MINUTE)
    world.assignments.calls.clear()

    await _come_round(replica, world.clock)

    assert ("delete" in world.assignments.calls) is is_hurried
