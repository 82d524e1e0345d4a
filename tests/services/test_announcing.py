"""Announcements: delivered at least once, updated instead of repeated, and never blocking."""

import asyncio
from datetime import timedelta

import pytest

from domain.access import RequestState
from domain.announcements import REQUESTER_CARD, copy_key
from services.agenda import CLAIM
from services.announcing import RETRY_AUDIT
from services.faults import Unavailable
from services.messages import MessageRef
from tests.support.builders import ADA, ASSIGNMENT, BO, DANA, HOUR, MINUTE, SECOND
from tests.support.crashing_table import Crash, Killed, When
from tests.support.house import House, World

TO_ADA = f"approver-{ADA.object_id}"
TO_BO = f"approver-{BO.object_id}"
DOWN = Unavailable("Teams", "503")
FOREVER = 1_000_000
LIFE = ["requested", "approved", "granted", "expires soon", "ended", "revoked"]


async def test_a_request_goes_to_its_approvers_and_to_the_audit_channel() -> None:
    world = World()
    house = House(world)

    await house.ask()
    await house.tick()

    assert world.courier.posted() == [TO_ADA, TO_BO, "audit-000001"]


async def test_an_existing_message_is_updated_and_not_posted_again() -> None:
    world = World()
    house = House(world)
    await house.give()
    await house.pass_time(HOUR)

    posted = world.courier.posted()
    assert len(set(posted)) == len(posted)
    for card in (TO_ADA, TO_BO):
        assert RequestState.REVOKED is world.courier.shown(card).head.state
        assert len({sent.ref for sent in world.courier.updates if sent.key == card}) == 1


async def test_an_up_to_date_message_is_left_alone() -> None:
    world = World()
    house = House(world)
    await house.give()
    posts, updates = len(world.courier.posts), len(world.courier.updates)

    await house.announcer.deliver("req-one")

    assert (posts, updates) == (len(world.courier.posts), len(world.courier.updates))


async def test_the_audit_channel_gets_each_event_in_order_in_one_thread() -> None:
    world = World()
    house = House(world)
    await house.give()
    await house.pass_time(HOUR)

    audit = [sent for sent in world.courier.posts if sent.key.startswith("audit-")]
    assert world.courier.audited() == LIFE
    assert audit[0].thread is None
    assert {audit[0].ref} == {sent.thread for sent in audit[1:]}


async def test_simultaneous_events_go_into_one_thread() -> None:
    world = World()
    house = House(world)
    await house.ask()
    await house.deny()

    await house.tick()

    first, second = (sent for sent in world.courier.posts if sent.key.startswith("audit-"))
    assert first.ref == second.thread


async def test_the_requester_gets_messages_when_access_is_granted_and_revoked() -> None:
    world = World()
    house = House(world)
    await house.give()
    await house.pass_time(HOUR)

    assert world.courier.told(DANA.object_id) == ["granted", "expires soon", "revoked"]


async def test_the_card_that_answered_the_request_is_updated_in_place() -> None:
    world = World()
    house = House(world)
    await house.ask()
    ref = MessageRef("https://teams.example", "to-dana", "the-answer")
    await house.messages.adopt("req-one", REQUESTER_CARD, ref, 1)

    await house.approve()
    await house.settle()

    assert world.courier.shown(REQUESTER_CARD).ref == ref
    assert RequestState.ACTIVE is world.courier.shown(REQUESTER_CARD).head.state
    assert REQUESTER_CARD not in world.courier.posted()


async def test_a_card_someone_asked_to_see_is_updated_in_place() -> None:
    world = World()
    house = House(world)
    await house.ask()
    await house.settle()
    key = copy_key(BO.object_id, decides=True)
    ref = MessageRef("https://teams.example", "to-bo", "the-copy")
    await house.messages.move("req-one", key, ref)

    await house.approve()
    await house.settle()

    assert world.courier.shown(key).ref == ref
    assert RequestState.ACTIVE is world.courier.shown(key).head.state
    assert key not in world.courier.posted()


@pytest.mark.parametrize("when", list(When))
@pytest.mark.parametrize("operation", ["post", "update"])
async def test_a_failed_message_is_resent(operation: str, when: When) -> None:
    world = World()
    house = House(world)
    world.courier.faults.order(operation, DOWN, when=when, times=3)

    await house.ask()
    await house.pass_time(MINUTE)
    await house.approve()
    await house.pass_time(MINUTE)

    assert set(world.courier.audited()) == {"requested", "approved", "granted"}
    assert RequestState.ACTIVE is world.courier.shown(TO_ADA).head.state
    assert [row for row in await world.queued() if row.startswith("outbox~")] == []


async def test_teams_being_down_all_day_delays_no_revocation() -> None:
    world = World()
    house = House(world)
    for operation in ("post", "update"):
        world.courier.faults.order(operation, DOWN, times=FOREVER)

    await house.give()
    given = world.assignments.names()
    await house.pass_time(HOUR)
    after = await house.request(), world.assignments.names()
    await house.pass_time(23 * HOUR)
    silence = list(world.courier.posts)
    world.courier.faults.clear()
    await house.pass_time(10 * MINUTE)

    assert [ASSIGNMENT.id] == given
    assert RequestState.REVOKED is after[0].state
    assert after[1] == []
    assert silence == []
    assert world.courier.audited() == LIFE
    assert await world.queued() == []


async def test_teams_retry_after_is_honoured() -> None:
    world = World()
    house = House(world)
    throttled = Unavailable("Teams", "429", retry_after=timedelta(seconds=40))
    world.courier.faults.order("post", throttled, times=3)

    await house.ask()
    await house.pass_time(39 * SECOND)
    before = world.courier.posted()
    await house.pass_time(SECOND)

    assert before == []
    assert world.courier.posted() == [TO_ADA, TO_BO, "audit-000001"]


async def test_an_unreachable_approvers_card_goes_to_the_channel_and_the_requester_knows() -> None:
    world = World()
    world.courier.unreachable.add(ADA.object_id)
    house = House(world)

    await house.ask()
    await house.settle()

    unreachable = (await house.events())[-1]
    assert await house.event_kinds() == ["requested", "unreachable"]
    assert unreachable.facts == {"approver": ADA.object_id, "name": "Ada Approver"}
    assert "approvers-channel" in world.courier.posted()
    assert TO_BO in world.courier.posted()
    assert world.courier.told(DANA.object_id) == ["unreachable"]


async def test_the_card_in_the_channel_is_updated_like_any_other() -> None:
    world = World()
    world.courier.unreachable.add(ADA.object_id)
    house = House(world)

    await house.give()

    assert RequestState.ACTIVE is world.courier.shown("approvers-channel").head.state


async def test_an_unreachable_approver_is_reported_once_and_not_retried() -> None:
    world = World()
    world.courier.unreachable.update({ADA.object_id, BO.object_id})
    house = House(world)
    await house.ask()
    await house.settle()

    world.courier.unreachable.clear()
    await house.pass_time(HOUR)

    assert await house.event_kinds() == ["requested", "unreachable", "unreachable"]
    assert world.courier.posted().count("approvers-channel") == 1
    assert TO_ADA not in world.courier.posted()


async def test_an_unreachable_requester_blocks_nothing() -> None:
    world = World()
    world.courier.unreachable.add(DANA.object_id)
    house = House(world)

    await house.give()
    await house.pass_time(HOUR)

    assert world.courier.audited() == LIFE
    assert await world.queued() == []


async def test_the_audit_trail_is_never_given_up() -> None:
    world = World()
    world.courier.unreachable.add("audit")
    house = House(world)
    await house.give()
    await house.pass_time(2 * HOUR)

    before = world.courier.audited()
    world.courier.unreachable.clear()
    await house.pass_time(10 * MINUTE)

    assert before == []
    assert world.courier.audited() == LIFE
    assert await world.queued() == []


async def test_an_unreachable_audit_channel_is_retried_sparingly() -> None:
    world = World()
    world.courier.unreachable.add("audit")
    house = House(world)
    await house.ask()
    await house.settle()

    [row] = [row for row in await world.queued() if row.startswith("outbox~")]
    assert f"{world.clock() + RETRY_AUDIT:%H:%M:%S}" in row


async def test_a_deleted_message_is_not_updated_forever() -> None:
    world = World()
    house = House(world)
    await house.ask()
    await house.settle()
    world.courier.unreachable.add(ADA.object_id)

    await house.approve()
    await house.settle()

    assert await house.event_kinds() == ["requested", "approved", "granted"]
    assert [row for row in await world.queued() if row.startswith("outbox~")] == []


async def test_a_message_that_cannot_be_drawn_does_not_stop_the_others() -> None:
    world = World()
    house = House(world)
    world.courier.faults.order("post", KeyError("a bug in a card"), times=2)

    await house.ask()
    await house.tick()
    others = world.courier.posted()
    await house.pass_time(MINUTE)

    assert others == ["audit-000001"]
    assert world.courier.posted()[1:] == [TO_ADA, TO_BO]


async def test_a_request_decided_meanwhile_is_sent_to_no_one() -> None:
    world = World()
    house = House(world)
    world.courier.faults.order("post", DOWN, times=3)
    await house.ask()
    await house.tick()

    await house.deny()
    await house.pass_time(MINUTE)

    assert TO_ADA not in world.courier.posted()
    assert world.courier.audited() == ["requested", "denied"]


async def test_two_replicas_post_each_message_once() -> None:
    world = World()
    house, other = House(world), House(world)
    await house.ask()

    await asyncio.gather(
        house.announcer.deliver("req-one"),
        other.announcer.deliver("req-one"),
    )

    assert sorted(world.courier.posted()) == sorted([TO_ADA, TO_BO, "audit-000001"])


async def test_what_a_dead_replica_was_about_to_post_is_posted_after_its_claim_expires() -> None:
    world = World()
    await House(world).ask()
    # The outbox row, the workflow and the message are claimed; the post would be next.
    dying = House(world, Crash(3, When.AFTER))
    with pytest.raises(Killed):
        await dying.tick()
    house = House(world)

    await house.settle()
    meanwhile = world.courier.posted()
    world.clock.advance(CLAIM)
    await house.settle()

    assert TO_ADA not in meanwhile
    assert world.courier.posted() == [TO_ADA, TO_BO, "audit-000001"]


async def test_nothing_is_announced_about_a_missing_workflow() -> None:
    world = World()

    assert await House(world).announcer.deliver("req-none") is None
    assert world.courier.posts == []
