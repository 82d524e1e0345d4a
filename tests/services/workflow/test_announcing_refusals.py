"""What Teams refuses for good: it silences nothing else, and is delivered in another way."""

from domain.access.request import RequestState
from services.workflow.announcing import RETRY_AUDIT
from tests.support.builders import ADA, BO, DANA, HOUR, MINUTE, policies
from tests.support.replica import Replica, World

TO_ADA = f"approver-{ADA.object_id}"
TO_BO = f"approver-{BO.object_id}"
LIFE = ["requested", "approved", "granted", "expires soon", "ended", "revoked"]


def _two_needed() -> World:
    return World(rules=policies(min_approvals=2))


async def test_the_trail_goes_on_in_a_new_thread_once_its_own_is_gone() -> None:
    world = World()
    replica = Replica(world)
    await replica.ask()
    await replica.settle()
    world.message_sender.gone.add(world.message_sender.shown("audit-000001").ref.conversation_id)

    await replica.approve()
    await replica.settle()

    first, second, third = (
        sent for sent in world.message_sender.posts if sent.key.startswith("audit-")
    )
    assert first.ref.conversation_id != second.ref.conversation_id
    assert second.ref.conversation_id == third.ref.conversation_id
    assert [row for row in await world.queued() if row.startswith("outbox~")] == []


async def test_what_comes_later_stays_in_the_new_thread() -> None:
    world = World()
    replica = Replica(world)
    await replica.give()
    old = world.message_sender.shown("audit-000001").ref.conversation_id
    world.message_sender.gone.add(old)
    await replica.pass_time(HOUR)

    audit = [sent for sent in world.message_sender.posts if sent.key.startswith("audit-")]
    assert world.message_sender.audited() == LIFE
    assert len({sent.ref.conversation_id for sent in audit[3:]}) == 1
    assert old not in {sent.ref.conversation_id for sent in audit[3:]}


async def test_an_audit_message_that_is_refused_for_good_keeps_no_other_one_waiting() -> None:
    world = World()
    world.message_sender.refused.add("audit-000001")
    replica = Replica(world)

    await replica.give()
    await replica.pass_time(HOUR)

    assert world.message_sender.audited() == LIFE[1:]


async def test_an_audit_message_that_is_refused_for_good_is_not_dropped_in_silence() -> None:
    world = World()
    world.message_sender.refused.add("audit-000001")
    replica = Replica(world)
    await replica.ask()
    await replica.settle()

    [row] = [row for row in await world.queued() if row.startswith("outbox~")]
    assert f"{world.clock() + RETRY_AUDIT:%H:%M:%S}" in row


async def test_a_message_to_a_person_that_is_refused_for_good_keeps_no_other_one_waiting() -> None:
    world = World()
    world.message_sender.refused.add("requester-000003")  # that it is granted
    replica = Replica(world)

    await replica.give()
    await replica.pass_time(HOUR)

    assert world.message_sender.told(DANA.object_id) == ["expires soon", "revoked"]
    assert await world.queued() == []


async def test_an_approvers_card_that_is_gone_is_posted_again_while_it_can_be_decided() -> None:
    world = _two_needed()
    replica = Replica(world)
    await replica.ask()
    await replica.settle()
    world.message_sender.gone.add(world.message_sender.shown(TO_BO).ref.activity_id)

    await replica.approve(ADA)
    await replica.settle()

    assert world.message_sender.posted().count(TO_BO) == 2
    assert world.message_sender.shown(TO_BO).head == await replica.request()


async def test_an_approvers_card_that_is_gone_is_not_posted_again_once_it_is_decided() -> None:
    world = World()
    replica = Replica(world)
    await replica.ask()
    await replica.settle()
    world.message_sender.gone.add(world.message_sender.shown(TO_BO).ref.activity_id)

    await replica.approve(ADA)
    await replica.settle()

    assert world.message_sender.posted().count(TO_BO) == 1
    assert [row for row in await world.queued() if row.startswith("outbox~")] == []


async def test_an_approver_who_removed_the_app_meanwhile_is_replaced_by_the_channel() -> None:
    world = _two_needed()
    replica = Replica(world)
    await replica.ask()
    await replica.settle()
    world.message_sender.unreachable.add(BO.object_id)

    await replica.approve(ADA)
    await replica.settle()

    assert "approvers-channel" in world.message_sender.posted()
    assert "unreachable" in await replica.event_kinds()


async def test_the_card_in_the_channel_is_posted_again_where_somebody_deleted_it() -> None:
    world = _two_needed()
    world.message_sender.unreachable.add(BO.object_id)
    replica = Replica(world)
    await replica.ask()
    await replica.settle()
    world.message_sender.gone.add(world.message_sender.shown("approvers-channel").ref.activity_id)

    await replica.approve(ADA)
    await replica.settle()

    assert world.message_sender.posted().count("approvers-channel") == 2


async def test_a_requesters_message_that_is_gone_is_not_posted_again() -> None:
    world = World()
    replica = Replica(world)
    await replica.give()
    world.message_sender.gone.add(world.message_sender.shown("requester-000003").ref.activity_id)

    await replica.pass_time(2 * HOUR)

    assert (await replica.request()).state is RequestState.REVOKED
    assert world.message_sender.posted().count("requester-000003") == 1
    assert await world.queued() == []


async def test_the_trail_waits_while_the_bot_is_out_of_the_team_and_people_are_told_meanwhile() -> (
    None
):
    world = World()
    world.message_sender.unreachable.add("audit")
    replica = Replica(world)

    await replica.give()
    told = world.message_sender.told(DANA.object_id)
    world.message_sender.unreachable.clear()
    await replica.pass_time(10 * MINUTE)

    assert told == ["granted"]
    assert world.message_sender.audited() == LIFE[:3]
    assert (await replica.request()).state is RequestState.ACTIVE
