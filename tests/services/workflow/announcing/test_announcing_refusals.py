"""Messages that Teams permanently refuses: they block no others and are delivered another way."""

from domain.access.request import RequestState
from services.workflow.announcing.announcer import RETRY_AUDIT
from tests.support.builders import ADA, BO, DANA, HOUR, MINUTE, policies
from tests.support.replica import Replica, World

TO_BO = f"approver-{BO.object_id}"
LIFE = ["requested", "approved", "granted", "expires_soon", "ended", "revoked"]


def _two_needed() -> World:
    return World(rules=policies(min_approvals=2))


async def test_the_audit_trail_continues_in_a_new_thread_if_its_own_is_gone() -> None:
    world = World()
    replica = Replica(world)
    await replica.ask()
    await replica.settle()
    world.message_sender.gone.add(world.message_sender.shown("audit-000001").ref.conversation_id)

    await replica.approve()
    await replica.settle()

    first, second = (sent for sent in world.message_sender.posts if sent.key.startswith("audit-"))
    assert first.ref.conversation_id != second.ref.conversation_id
    assert world.message_sender.audited() == ["requested", "approved", "granted"]
    assert [row for row in await world.queued() if row.startswith("outbox~")] == []


async def test_later_messages_stay_in_the_new_thread() -> None:
    world = _two_needed()
    replica = Replica(world)
    await replica.ask()
    await replica.settle()
    old = world.message_sender.shown("audit-000001").ref.conversation_id
    world.message_sender.gone.add(old)
    for approver in (ADA, BO):
        await replica.approve(approver)
        await replica.settle()
    await replica.pass_time(HOUR)

    _, *later = (sent for sent in world.message_sender.posts if sent.key.startswith("audit-"))
    assert world.message_sender.audited()[-1] == "revoked"
    assert len(later) == 3
    assert len({sent.ref.conversation_id for sent in later}) == 1
    assert old not in {sent.ref.conversation_id for sent in later}


async def test_a_permanently_refused_audit_message_does_not_hold_up_others() -> None:
    world = World()
    world.message_sender.refused.add("audit-000001")
    replica = Replica(world)

    await replica.give()
    await replica.pass_time(HOUR)

    assert world.message_sender.audited() == LIFE[1:]


async def test_of_events_refused_as_one_message_only_the_refused_one_is_missing() -> None:
    world = World()
    world.message_sender.refused.add("audit-000002")
    replica = Replica(world)
    await replica.ask()
    await replica.settle()

    await replica.approve()
    await replica.settle()

    assert world.message_sender.audited() == ["requested", "granted"]


async def test_a_permanently_refused_audit_message_is_not_dropped_silently() -> None:
    world = World()
    world.message_sender.refused.add("audit-000001")
    replica = Replica(world)
    await replica.ask()
    await replica.settle()

    [row] = [row for row in await world.queued() if row.startswith("outbox~")]
    assert f"{world.clock() + RETRY_AUDIT:%H:%M:%S}" in row


async def test_a_permanently_refused_personal_message_does_not_hold_up_others() -> None:
    world = World()
    world.message_sender.refused.add("requester-000003")  # the granted message
    replica = Replica(world)

    await replica.give()
    await replica.pass_time(HOUR)

    assert world.message_sender.sent_to(DANA.object_id) == ["expires_soon", "revoked"]
    assert await world.queued() == []


async def test_a_deleted_approvers_card_is_posted_again_while_the_request_is_open() -> None:
    world = _two_needed()
    replica = Replica(world)
    await replica.ask()
    await replica.settle()
    world.message_sender.gone.add(world.message_sender.shown(TO_BO).ref.activity_id)

    await replica.approve(ADA)
    await replica.settle()

    assert world.message_sender.posted().count(TO_BO) == 2
    assert world.message_sender.shown(TO_BO).head == await replica.request()


async def test_a_deleted_approvers_card_is_not_posted_again_after_the_decision() -> None:
    world = World()
    replica = Replica(world)
    await replica.ask()
    await replica.settle()
    world.message_sender.gone.add(world.message_sender.shown(TO_BO).ref.activity_id)

    await replica.approve(ADA)
    await replica.settle()

    assert world.message_sender.posted().count(TO_BO) == 1
    assert [row for row in await world.queued() if row.startswith("outbox~")] == []


async def test_for_an_approver_who_removed_the_app_the_channel_gets_the_card() -> None:
    world = _two_needed()
    replica = Replica(world)
    await replica.ask()
    await replica.settle()
    world.message_sender.unreachable.add(BO.object_id)

    await replica.approve(ADA)
    await replica.settle()

    assert "approvers-channel" in world.message_sender.posted()
    assert "unreachable" in await replica.event_kinds()


async def test_a_deleted_card_in_the_channel_is_posted_again() -> None:
    world = _two_needed()
    world.message_sender.unreachable.add(BO.object_id)
    replica = Replica(world)
    await replica.ask()
    await replica.settle()
    world.message_sender.gone.add(world.message_sender.shown("approvers-channel").ref.activity_id)

    await replica.approve(ADA)
    await replica.settle()

    assert world.message_sender.posted().count("approvers-channel") == 2


async def test_a_deleted_requesters_message_is_not_posted_again() -> None:
    world = World()
    replica = Replica(world)
    await replica.give()
    world.message_sender.gone.add(world.message_sender.shown("requester-000003").ref.activity_id)

    await replica.pass_time(2 * HOUR)

    assert (await replica.request()).state is RequestState.REVOKED
    assert world.message_sender.posted().count("requester-000003") == 1
    assert await world.queued() == []


async def test_while_the_bot_is_out_of_the_team_audit_messages_wait_and_personal_ones_do_not() -> (
    None
):
    world = World()
    world.message_sender.unreachable.add("audit")
    replica = Replica(world)

    await replica.give()
    told = world.message_sender.sent_to(DANA.object_id)
    world.message_sender.unreachable.clear()
    await replica.pass_time(10 * MINUTE)

    assert told == ["granted"]
    assert world.message_sender.audited() == LIFE[:3]
    assert (await replica.request()).state is RequestState.ACTIVE
