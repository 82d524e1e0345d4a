"""New permissions take minutes to take effect: a grant waits for them, and says so."""

from datetime import timedelta

from domain.access import GRANT_PATIENCE, RequestState
from services.access_holds import SHOWN_AFTER
from services.faults import NotPermitted
from tests.support.builders import DANA, MINUTE, SECOND
from tests.support.clock import NINE
from tests.support.house import House, World

FOREVER = 1_000_000
FORBIDDEN = NotPermitted(
    "Azure", "403 AuthorizationFailed: not yet", status=403, code="AuthorizationFailed"
)


async def _approved(world: World) -> House:
    house = House(world)
    await house.ask()
    await house.approve()
    return house


async def test_a_grant_is_made_once_the_bot_has_the_permission() -> None:
    world = World()
    world.assignments.faults.order("create", FORBIDDEN, times=5)
    house = await _approved(world)

    await house.settle()
    waiting = await house.request()
    await house.pass_time(2 * MINUTE)

    assert RequestState.GRANTING is waiting.state
    assert RequestState.ACTIVE is (await house.request()).state
    assert (await house.request()).answer is None


async def test_the_wait_is_announced_once_to_the_audit_channel_and_the_requester() -> None:
    world = World()
    world.assignments.faults.order("create", FORBIDDEN, times=5)
    house = await _approved(world)

    await house.settle()
    await house.pass_time(2 * MINUTE)
    [told] = [one for one in await house.events() if one.kind == "not permitted yet"]

    assert told.facts == {
        "until": (NINE + timedelta(minutes=10)).isoformat(),
        "status": 403,
        "code": "AuthorizationFailed",
    }
    assert world.courier.told(DANA.object_id) == ["not permitted yet", "granted"]
    assert world.courier.audited().count("not permitted yet") == 1


async def test_after_ten_minutes_it_fails_with_that_cause() -> None:
    world = World()
    for operation in ("create", "delete"):
        world.assignments.faults.order(operation, FORBIDDEN, times=FOREVER)
    house = await _approved(world)

    await house.pass_time(GRANT_PATIENCE - SECOND)
    before = (await house.request()).state
    await house.pass_time(SHOWN_AFTER + MINUTE)
    request = await house.request()

    assert RequestState.GRANTING is before
    assert RequestState.FAILED is request.state
    assert request.failure == (
        "Azure did not let me make the role assignment within 10 minutes: I lack the permission. "
        "An admin has to look at it."
    )
    for event in (await house.events())[-2:]:
        assert event.facts == {
            "reason": request.failure,
            "status": 403,
            "code": "AuthorizationFailed",
        }
    assert await world.leases() == []


async def test_a_forbidden_revocation_does_not_wait_for_new_permissions() -> None:
    world = World()
    house = House(world)
    await house.give()
    world.assignments.faults.order("delete", FORBIDDEN, times=3)

    await house.pass_time(timedelta(hours=2))

    assert "not permitted yet" not in await house.event_kinds()
