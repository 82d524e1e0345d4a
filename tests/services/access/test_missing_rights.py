"""New permissions take minutes to take effect: a grant waits for them, and says so."""

from datetime import timedelta

from domain.access.request import GRANT_PATIENCE, RequestState
from domain.reasons import facts_of_reason
from domain.unknown_outcome import SHOWN_AFTER
from services.faults import NotPermitted
from tests.support.builders import DANA, MINUTE, SECOND
from tests.support.clock import NINE
from tests.support.refusing import failure_of
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


async def test_a_grant_is_made_once_the_bot_has_the_permission() -> None:
    world = World()
    world.assignments.faults.order("create", FORBIDDEN, times=5)
    replica = await _approved(world)

    await replica.settle()
    waiting = await replica.request()
    await replica.pass_time(2 * MINUTE)

    assert waiting.state is RequestState.GRANTING
    assert (await replica.request()).state is RequestState.ACTIVE
    assert (await replica.request()).answer is None


async def test_the_wait_is_announced_once_to_the_audit_channel_and_the_requester() -> None:
    world = World()
    world.assignments.faults.order("create", FORBIDDEN, times=5)
    replica = await _approved(world)

    await replica.settle()
    await replica.pass_time(2 * MINUTE)
    [told] = [one for one in await replica.events() if one.kind == "not_permitted_yet"]

    assert told.facts == {
        "until": (NINE + timedelta(minutes=10)).isoformat(),
        "status": 403,
        "code": "AuthorizationFailed",
    }
    assert world.message_sender.sent_to(DANA.object_id) == ["not_permitted_yet", "granted"]
    assert world.message_sender.audited().count("not_permitted_yet") == 1


async def test_after_ten_minutes_it_fails_with_that_cause() -> None:
    world = World()
    for operation in ("create", "delete"):
        world.assignments.faults.order(operation, FORBIDDEN, times=FOREVER)
    replica = await _approved(world)

    await replica.pass_time(GRANT_PATIENCE - SECOND)
    before = (await replica.request()).state
    await replica.pass_time(SHOWN_AFTER + MINUTE)
    request = await replica.request()

    assert before is RequestState.GRANTING
    assert request.state is RequestState.FAILED
    assert failure_of(request) == (
        "Azure didn't let me create the role assignment within 10 minutes: I don't have "
        "permission. An admin has to look into it."
    )
    assert request.failure
    for event in (await replica.events())[-2:]:
        assert event.facts == {
            **facts_of_reason(request.failure),
            "status": 403,
            "code": "AuthorizationFailed",
        }
    assert await world.leases() == []


async def test_a_forbidden_revocation_does_not_wait_for_new_permissions() -> None:
    world = World()
    replica = Replica(world)
    await replica.give()
    world.assignments.faults.order("delete", FORBIDDEN, times=3)

    await replica.pass_time(timedelta(hours=2))

    assert "not_permitted_yet" not in await replica.event_kinds()
