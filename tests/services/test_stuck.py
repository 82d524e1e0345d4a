"""The list of failed revocations."""

from dataclasses import replace

from domain.access import Request
from domain.orphan import Orphan
from domain.reconciliation import SETTLED_AFTER
from services.faults import NotPermitted
from services.stuck import MOST, Stuck
from tests.support.builders import ASSIGNMENT, DANA, EVE, HOUR, MINUTE, in_directory
from tests.support.house import House, World

REFUSED = NotPermitted("Azure", "403 AuthorizationFailed")


async def test_without_stuck_access_the_list_is_empty() -> None:
    house = House(World())
    await house.give()

    found = await Stuck(house.workflows, house.agenda, house.clock).list()

    assert (found.shown, found.more) == ((), 0)


async def test_failing_revocations_and_orphans_are_listed_with_their_cause() -> None:
    world = World()
    world.assignments.plant(ASSIGNMENT, ASSIGNMENT.id, "Latchkey req-lost: access")
    world.clock.advance(SETTLED_AFTER)
    world.assignments.faults.order("delete", REFUSED, times=1_000)
    house = House(world)
    await house.reconcile.begin()
    await house.give(EVE)
    await house.pass_time(HOUR + 10 * MINUTE)

    found = await Stuck(house.workflows, house.agenda, house.clock).list()

    assert {Request, Orphan} == {type(one) for one in found.shown}
    for one in found.shown:
        assert isinstance(one, Request | Orphan)
        assert one.cause == "403 AuthorizationFailed"
        assert one.attempt > 1


async def test_ended_access_is_no_longer_listed() -> None:
    world = World()
    house = House(world)
    await house.give(DANA)
    world.assignments.faults.order("delete", REFUSED, times=1_000)
    await house.pass_time(HOUR + 10 * MINUTE)
    world.assignments.faults.clear()
    await house.pass_time(10 * MINUTE)

    assert (await Stuck(house.workflows, house.agenda, house.clock).list()).shown == ()


async def test_some_of_very_many_are_shown_and_the_rest_counted() -> None:
    world = World()
    house = House(world)
    for number in range(MOST + 3):
        person = replace(DANA, object_id=f"11111111-0000-4000-8000-{number:012}")
        world.people.add(in_directory(person))
        await house.give(person, f"req-{number}")
    world.assignments.faults.order("delete", REFUSED, times=1_000)
    await house.pass_time(HOUR + 10 * MINUTE)

    found = await Stuck(house.workflows, house.agenda, house.clock).list()

    assert (len(found.shown), found.more) == (MOST, 3)
