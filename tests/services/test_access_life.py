"""The life of an access request, from submission to the read-back after its end."""

from domain.access import RequestState
from tests.support.builders import ASSIGNMENT, HOUR, MINUTE
from tests.support.clock import NINE
from tests.support.house import House, World


async def test_access_is_requested_approved_granted_and_revoked() -> None:
    world = World()
    house = House(world)

    await house.ask()
    await house.settle()
    pending = await house.request()
    world.clock.advance(minutes=5)
    await house.approve()
    await house.settle()
    active = await house.request()
    during = world.assignments.names()
    await house.pass_time(HOUR)
    after = await house.request()

    assert RequestState.PENDING is pending.state
    assert RequestState.ACTIVE is active.state
    assert active.granted.expires_at == NINE + 5 * MINUTE + HOUR
    assert [ASSIGNMENT.id] == during
    assert RequestState.REVOKED is after.state
    assert world.assignments.all() == []
    assert await house.event_kinds() == [
        "requested",
        "approved",
        "granted",
        "expires soon",
        "ended",
        "revoked",
    ]
    assert await world.queued() == []
    assert await world.leases() == []
