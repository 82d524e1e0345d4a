"""Messages that Teams permanently refuses: they block no others and are delivered another way."""

from domain.access import RequestState
from services.announcing import RETRY_AUDIT
from tests.support.builders import ADA, BO, DANA, HOUR, MINUTE, policies
from tests.support.house import House, World

TO_ADA = f"approver-{ADA.object_id}"
TO_BO = f"approver-{BO.object_id}"
LIFE = ["requested", "approved", "granted", "expires soon", "ended", "revoked"]


def _two_needed() -> World:
    return World(rules=policies(min_approvals=2))


async def test_the_audit_trail_continues_in_a_new_thread_if_its_own_is_gone() -> None:
    world = World()
    house = House(world)
    await house.ask()
    await house.settle()
    world.courier.gone.add(world.courier.shown("audit-000001").ref.conversation_id)

    await house.approve()
    await house.settle()

    first, second, third = (sent for sent in world.courier.posts if sent.key.startswith("audit-"))
    assert first.ref.conversation_id != second.ref.conversation_id
    assert second.ref.conversation_id == third.ref.conversation_id
    assert [row for row in await world.queued() if row.startswith("outbox~")] == []


async def test_later_messages_stay_in_the_new_thread() -> None:
    world = World()
    house = House(world)
    await house.give()
    old = world.courier.shown("audit-000001").ref.conversation_id
    world.courier.gone.add(old)
    await house.pass_time(HOUR)

    audit = [sent for sent in world.courier.posts if sent.key.startswith("audit-")]
    assert world.courier.audited() == LIFE
    assert len({sent.ref.conversation_id for sent in audit[3:]}) == 1
    assert old not in {sent.ref.conversation_id for sent in audit[3:]}


async def test_a_permanently_refused_audit_message_does_not_hold_up_others() -> None:
    world = World()
    world.courier.refused.add("audit-000001")
    house = House(world)

    await house.give()
    await house.pass_time(HOUR)

    assert world.courier.audited() == LIFE[1:]


async def test_a_permanently_refused_audit_message_is_not_dropped_silently() -> None:
    world = World()
    world.courier.refused.add("audit-000001")
    house = House(world)
    await house.ask()
    await house.settle()

    [row] = [row for row in await world.queued() if row.startswith("outbox~")]
    assert f"{world.clock() + RETRY_AUDIT:%H:%M:%S}" in row


async def test_a_permanently_refused_personal_message_does_not_hold_up_others() -> None:
    world = World()
    world.courier.refused.add("requester-000003")  # the granted message
    house = House(world)

    await house.give()
    await house.pass_time(HOUR)

    assert world.courier.told(DANA.object_id) == ["expires soon", "revoked"]
    assert await world.queued() == []


async def test_a_deleted_approvers_card_is_posted_again_while_the_request_is_open() -> None:
    world = _two_needed()
    house = House(world)
    await house.ask()
    await house.settle()
    world.courier.gone.add(world.courier.shown(TO_BO).ref.activity_id)

    await house.approve(ADA)
    await house.settle()

    assert world.courier.posted().count(TO_BO) == 2
    assert world.courier.shown(TO_BO).head == await house.request()


async def test_a_deleted_approvers_card_is_not_posted_again_after_the_decision() -> None:
    world = World()
    house = House(world)
    await house.ask()
    await house.settle()
    world.courier.gone.add(world.courier.shown(TO_BO).ref.activity_id)

    await house.approve(ADA)
    await house.settle()

    assert world.courier.posted().count(TO_BO) == 1
    assert [row for row in await world.queued() if row.startswith("outbox~")] == []


async def test_for_an_approver_who_removed_the_app_the_channel_gets_the_card() -> None:
    world = _two_needed()
    house = House(world)
    await house.ask()
    await house.settle()
    world.courier.unreachable.add(BO.object_id)

    await house.approve(ADA)
    await house.settle()

    assert "approvers-channel" in world.courier.posted()
    assert "unreachable" in await house.event_kinds()


async def test_a_deleted_card_in_the_channel_is_posted_again() -> None:
    world = _two_needed()
    world.courier.unreachable.add(BO.object_id)
    house = House(world)
    await house.ask()
    await house.settle()
    world.courier.gone.add(world.courier.shown("approvers-channel").ref.activity_id)

    await house.approve(ADA)
    await house.settle()

    assert world.courier.posted().count("approvers-channel") == 2


async def test_a_deleted_requesters_message_is_not_posted_again() -> None:
    world = World()
    house = House(world)
    await house.give()
    world.courier.gone.add(world.courier.shown("requester-000003").ref.activity_id)

    await house.pass_time(2 * HOUR)

    assert RequestState.REVOKED is (await house.request()).state
    assert world.courier.posted().count("requester-000003") == 1
    assert await world.queued() == []


async def test_while_the_bot_is_out_of_the_team_audit_messages_wait_and_personal_ones_do_not() -> (
    None
):
    world = World()
    world.courier.unreachable.add("audit")
    house = House(world)

    await house.give()
    told = world.courier.told(DANA.object_id)
    world.courier.unreachable.clear()
    await house.pass_time(10 * MINUTE)

    assert told == ["granted"]
    assert world.courier.audited() == LIFE[:3]
    assert RequestState.ACTIVE is (await house.request()).state
