"""The list of failed revocations."""

from dataclasses import replace

from domain.access.request import Request
from domain.reconciliation.orphan import Orphan
from domain.reconciliation.reconciliation import SETTLED_AFTER
from services.faults import NotPermitted
from services.operations.stuck import MOST, Stuck
from tests.support.builders import ASSIGNMENT, DANA, EVE, HOUR, MINUTE, in_directory
from tests.support.replica import Replica, World

REFUSED = NotPermitted("Azure", "403 AuthorizationFailed")


async def test_without_stuck_access_the_list_is_empty() -> None:
    replica = Replica(World())
    await replica.give()

    found = await Stuck(replica.workflows, replica.core.attention, replica.clock).list()

    assert (found.shown, found.more) == ((), 0)


async def test_failing_revocations_and_orphans_are_listed_with_their_cause() -> None:
    world = World()
    world.assignments.plant(ASSIGNMENT, ASSIGNMENT.id, "Latchkey req-lost: access")
    world.clock.advance(SETTLED_AFTER)
    world.assignments.faults.order("delete", REFUSED, times=1_000)
    replica = Replica(world)
    await replica.reconcile.begin()
    await replica.give(EVE)
    await replica.pass_time(HOUR + 10 * MINUTE)

    found = await Stuck(replica.workflows, replica.core.attention, replica.clock).list()

    assert {type(one) for one in found.shown} == {Request, Orphan}
    for one in found.shown:
        assert isinstance(one, Request | Orphan)
        assert one.cause == "403 AuthorizationFailed"
        assert one.attempt > 1


async def test_ended_access_is_no_longer_listed() -> None:
    world = World()
    replica = Replica(world)
    await replica.give(DANA)
    world.assignments.faults.order("delete", REFUSED, times=1_000)
    await replica.pass_time(HOUR + 10 * MINUTE)
    world.assignments.faults.clear()
    await replica.pass_time(10 * MINUTE)

    assert (
        await Stuck(replica.workflows, replica.core.attention, replica.clock).list()
    ).shown == ()


async def test_some_of_very_many_are_shown_and_the_rest_counted() -> None:
    world = World()
    replica = Replica(world)
    for number in range(MOST + 3):
        person = replace(DANA, object_id=f"11111111-0000-4000-8000-{number:012}")
        world.people.add(in_directory(person))
        await replica.give(person, f"req-{number}")
    world.assignments.faults.order("delete", REFUSED, times=1_000)
    await replica.pass_time(HOUR + 10 * MINUTE)

    stuck = Stuck(replica.workflows, replica.core.attention, replica.clock)
    found = await stuck.list()
    rest = await stuck.list(start=MOST)
    beyond = await stuck.list(start=MOST + 3)

    assert (found.before, len(found.shown), found.more) == (0, MOST, 3)
    assert (rest.before, len(rest.shown), rest.more) == (MOST, 3, 0)
    assert {one.id for one in rest.shown}.isdisjoint(one.id for one in found.shown)
    assert beyond == found
