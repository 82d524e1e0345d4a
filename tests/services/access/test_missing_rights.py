"""Rights that are new take minutes to take effect: a grant waits for them, and says so."""

from datetime import timedelta

from domain.access.request import GRANT_PATIENCE, RequestState
from domain.unknown_outcome import SHOWN_AFTER
from services.faults import NotPermitted
from tests.support.builders import DANA, MINUTE, SECOND
from tests.support.clock import NINE
from tests.support.replica import Replica, World

FOREVER = 1_000_000
FORBIDDEN = NotPermitted(
    "Azure", "403 AuthorizationFailed: not yet", status=403, code="AuthorizationFailed"
)


async def _approved(world: World) -> Replica:
    replica = Replica(world)
    await replica.ask()
    await replica.approve()
    return replica


async def test_a_grant_that_the_bot_may_not_make_yet_is_made_once_it_may() -> None:
    world = World()
    world.assignments.faults.order("create", FORBIDDEN, times=5)
    replica = await _approved(world)

    await replica.settle()
    waiting = await replica.request()
    await replica.pass_time(2 * MINUTE)

    assert RequestState.GRANTING is waiting.state
    assert RequestState.ACTIVE is (await replica.request()).state
    assert (await replica.request()).answer is None


async def test_its_waiting_is_told_once_to_the_audit_channel_and_to_whoever_asked() -> None:
    world = World()
    world.assignments.faults.order("create", FORBIDDEN, times=5)
    replica = await _approved(world)

    await replica.settle()
    await replica.pass_time(2 * MINUTE)
    [told] = [one for one in await replica.events() if one.kind == "not permitted yet"]

    assert told.facts == {
        "until": (NINE + timedelta(minutes=10)).isoformat(),
        "status": 403,
        "code": "AuthorizationFailed",
    }
    assert world.message_sender.told(DANA.object_id) == ["not permitted yet", "granted"]
    assert world.message_sender.audited().count("not permitted yet") == 1


async def test_after_ten_minutes_it_fails_with_that_cause() -> None:
    world = World()
    for operation in ("create", "delete"):
        world.assignments.faults.order(operation, FORBIDDEN, times=FOREVER)
    replica = await _approved(world)

    await replica.pass_time(GRANT_PATIENCE - SECOND)
    before = (await replica.request()).state
    await replica.pass_time(SHOWN_AFTER + MINUTE)
    request = await replica.request()

    assert RequestState.GRANTING is before
    assert RequestState.FAILED is request.state
    assert request.failure == (
        "Azure did not let me make the role assignment within 10 minutes: I lack the permission. "
        "An admin has to look at it."
    )
    for event in (await replica.events())[-2:]:
        assert event.facts == {
            "reason": request.failure,
            "status": 403,
            "code": "AuthorizationFailed",
        }
    assert await world.leases() == []


async def test_a_revocation_that_is_not_permitted_is_no_matter_of_new_rights() -> None:
    world = World()
    replica = Replica(world)
    await replica.give()
    world.assignments.faults.order("delete", FORBIDDEN, times=3)

    await replica.pass_time(timedelta(hours=2))

    assert "not permitted yet" not in await replica.event_kinds()
