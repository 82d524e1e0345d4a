"""What Teams refuses for good: it silences nothing else, and is delivered in another way."""

from domain.access import RequestState
from services.announcing import RETRY_AUDIT
from tests.support.builders import ADA, BO, DANA, HOUR, MINUTE, policies
from tests.support.house import House, World

TO_ADA = f"approver-{ADA.object_id}"
TO_BO = f"approver-{BO.object_id}"
LIFE = ["requested", "approved", "granted", "expires soon", "ended", "revoked"]


def _two_needed() -> World:
    return World(rules=policies(min_approvals=2))


async def test_the_trail_goes_on_in_a_new_thread_once_its_own_is_gone() -> None:
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


async def test_what_comes_later_stays_in_the_new_thread() -> None:
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


async def test_an_audit_message_that_is_refused_for_good_keeps_no_other_one_waiting() -> None:
    world = World()
    world.courier.refused.add("audit-000001")
    house = House(world)

    await house.give()
    await house.pass_time(HOUR)

    assert world.courier.audited() == LIFE[1:]


async def test_an_audit_message_that_is_refused_for_good_is_not_dropped_in_silence() -> None:
    world = World()
    world.courier.refused.add("audit-000001")
    house = House(world)
    await house.ask()
    await house.settle()

    [row] = [row for row in await world.queued() if row.startswith("outbox~")]
    assert f"{world.clock() + RETRY_AUDIT:%H:%M:%S}" in row


async def test_a_message_to_a_person_that_is_refused_for_good_keeps_no_other_one_waiting() -> None:
    world = World()
    world.courier.refused.add("requester-000003")  # that it is granted
    house = House(world)

    await house.give()
    await house.pass_time(HOUR)

    assert world.courier.told(DANA.object_id) == ["expires soon", "revoked"]
    assert await world.queued() == []


async def test_an_approvers_card_that_is_gone_is_posted_again_while_it_can_be_decided() -> None:
    world = _two_needed()
    house = House(world)
    await house.ask()
    await house.settle()
    world.courier.gone.add(world.courier.shown(TO_BO).ref.activity_id)

    await house.approve(ADA)
    await house.settle()

    assert world.courier.posted().count(TO_BO) == 2
    assert world.courier.shown(TO_BO).head == await house.request()


async def test_an_approvers_card_that_is_gone_is_not_posted_again_once_it_is_decided() -> None:
    world = World()
    house = House(world)
    await house.ask()
    await house.settle()
    world.courier.gone.add(world.courier.shown(TO_BO).ref.activity_id)

    await house.approve(ADA)
    await house.settle()

    assert world.courier.posted().count(TO_BO) == 1
    assert [row for row in await world.queued() if row.startswith("outbox~")] == []


async def test_an_approver_who_removed_the_app_meanwhile_is_replaced_by_the_channel() -> None:
    world = _two_needed()
    house = House(world)
    await house.ask()
    await house.settle()
    world.courier.unreachable.add(BO.object_id)

    await house.approve(ADA)
    await house.settle()

    assert "approvers-channel" in world.courier.posted()
    assert "unreachable" in await house.event_kinds()


async def test_the_card_in_the_channel_is_posted_again_where_somebody_deleted_it() -> None:
    world = _two_needed()
    world.courier.unreachable.add(BO.object_id)
    house = House(world)
    await house.ask()
    await house.settle()
    world.courier.gone.add(world.courier.shown("approvers-channel").ref.activity_id)

    await house.approve(ADA)
    await house.settle()

    assert world.courier.posted().count("approvers-channel") == 2


async def test_a_requesters_message_that_is_gone_is_not_posted_again() -> None:
    world = World()
    house = House(world)
    await house.give()
    world.courier.gone.add(world.courier.shown("requester-000003").ref.activity_id)

    await house.pass_time(2 * HOUR)

    assert RequestState.REVOKED is (await house.request()).state
    assert world.courier.posted().count("requester-000003") == 1
    assert await world.queued() == []


async def test_the_trail_waits_while_the_bot_is_out_of_the_team_and_people_are_told_meanwhile() -> (
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
