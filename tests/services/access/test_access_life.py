"""The life of an access request, from submission to the read-back after its end."""

from domain.access.request import RequestState
from tests.support.builders import ASSIGNMENT, HOUR, MINUTE
from tests.support.clock import NINE
from tests.support.replica import Replica, World


async def test_access_is_requested_approved_granted_and_revoked() -> None:
    world = World()
    replica = Replica(world)

    await replica.ask()
    await replica.settle()
    pending = await replica.request()
    world.clock.advance(minutes=5)
    await replica.approve()
    await replica.settle()
    active = await replica.request()
    during = world.assignments.names()
    await replica.pass_time(HOUR)
    after = await replica.request()

    assert pending.state is RequestState.PENDING
    assert active.state is RequestState.ACTIVE
    assert active.granted.expires_at == NINE + 5 * MINUTE + HOUR
    assert [ASSIGNMENT.id] == during
    assert after.state is RequestState.REVOKED
    assert world.assignments.all() == []
    assert await replica.event_kinds() == [
        "requested",
        "approved",
        "granted",
        "expires_soon",
        "ended",
        "revoked",
    ]
    assert await world.queued() == []
    assert await world.leases() == []
