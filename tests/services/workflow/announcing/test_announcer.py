"""Announcements: delivered at least once, updated instead of repeated, and never blocking."""

import asyncio
from datetime import timedelta

import pytest

from domain.access.announcements import copy_key
from domain.access.request import Request, RequestState
from domain.announcement import REQUESTER_CARD
from services.faults import Unavailable
from services.workflow.announcing.announcer import RETRY_AUDIT
from services.workflow.due.agenda import CLAIM
from services.workflow.messages import MessageRef
from tests.support.builders import ADA, ASSIGNMENT, BO, DANA, HOUR, MINUTE, SECOND
from tests.support.replica import Replica, World
from tests.support.tables.crashing_table import Crash, Killed, When

TO_ADA = f"approver-{ADA.object_id}"
TO_BO = f"approver-{BO.object_id}"
DOWN = Unavailable("Teams", "503", outcome_unknown=False)
FOREVER = 1_000_000
LIFE = ["requested", "approved", "granted", "expires_soon", "ended", "revoked"]


async def test_the_outcome_follows_the_requesters_own_message_and_comes_once() -> None:
    world = World()
    replica = Replica(world)
    await replica.give()
    await replica.pass_time(2 * HOUR)

    granted = [sent.key for sent in world.message_sender.posts if sent.announcement.event]
    assert world.message_sender.outcomes() == ["granted"]
    assert granted.index("requester-000003") < granted.index("asked_in-000003")


async def test_an_outcome_that_cannot_be_posted_holds_up_nothing() -> None:
    world = World()
    world.message_sender.refused.add("asked_in-000003")
    replica = Replica(world)
    await replica.give()
    await replica.pass_time(2 * HOUR)

    assert world.message_sender.outcomes() == []
    assert world.message_sender.sent_to(DANA.object_id)[-1] == "revoked"
    assert await world.queued() == []


async def test_a_card_that_could_not_be_the_answer_is_posted_once() -> None:
    world = World()
    replica = Replica(world)
    await replica.ask()
    await replica.messages.owe("req-one", REQUESTER_CARD, world.clock())
    await replica.messages.owe("req-one", REQUESTER_CARD, world.clock())
    await replica.tick()
    await replica.tick()

    assert world.message_sender.posted().count(REQUESTER_CARD) == 1


async def test_a_card_that_answered_is_not_posted_again() -> None:
    world = World()
    replica = Replica(world)
    await replica.ask()
    await replica.messages.adopt("req-one", REQUESTER_CARD, MessageRef("url", "chat", "1"), 1)
    await replica.messages.owe("req-one", REQUESTER_CARD, world.clock())
    await replica.tick()

    assert REQUESTER_CARD not in world.message_sender.posted()


async def test_a_request_goes_to_its_approvers_and_to_the_audit_channel() -> None:
    world = World()
    replica = Replica(world)

    await replica.ask()
    await replica.tick()

    assert world.message_sender.posted() == [TO_ADA, TO_BO, "audit-000001"]


async def test_an_existing_message_is_updated_and_not_posted_again() -> None:
    world = World()
    replica = Replica(world)
    await replica.give()
    await replica.pass_time(HOUR)

    posted = world.message_sender.posted()
    assert len(set(posted)) == len(posted)
    for card in (TO_ADA, TO_BO):
        assert world.message_sender.shown(card).head.state is RequestState.ACTIVE
        assert len({sent.ref for sent in world.message_sender.updates if sent.key == card}) == 1


async def test_an_up_to_date_message_is_left_alone() -> None:
    world = World()
    replica = Replica(world)
    await replica.give()
    posts, updates = len(world.message_sender.posts), len(world.message_sender.updates)

    await replica.announcer.deliver("req-one")

    assert (posts, updates) == (len(world.message_sender.posts), len(world.message_sender.updates))


async def test_the_audit_channel_gets_each_event_in_order_in_one_thread() -> None:
    world = World()
    replica = Replica(world)
    await replica.give()
    await replica.pass_time(HOUR)

    audit = [sent for sent in world.message_sender.posts if sent.key.startswith("audit-")]
    assert world.message_sender.audited() == LIFE
    assert audit[0].thread is None
    assert {audit[0].ref} == {sent.thread for sent in audit[1:]}


async def test_events_announced_together_are_one_audit_message_with_each_ones_hash() -> None:
    world = World()
    replica = Replica(world)
    await replica.ask()
    await replica.deny()

    await replica.tick()

    [one] = (sent for sent in world.message_sender.posts if sent.key.startswith("audit-"))
    snapshot = await replica.snapshot()
    rows = [snapshot.messages[f"audit-{number:06d}"] for number in (1, 2)]
    assert world.message_sender.audited() == ["requested", "denied"]
    assert [part.hash for part in one.announcement.parts] == list(snapshot.hashes)
    assert [(row.ref, row.revision) for row in rows] == [(one.ref, 1), (one.ref, 2)]


async def test_an_alarm_is_an_audit_message_of_its_own() -> None:
    world = World()
    world.message_sender.unreachable.add(ADA.object_id)
    replica = Replica(world)
    await replica.ask()

    await replica.settle()

    audit = [sent for sent in world.message_sender.posts if sent.key.startswith("audit-")]
    assert world.message_sender.audited() == ["requested", "unreachable"]
    assert [len(sent.announcement.parts) for sent in audit] == [1, 1]
    assert audit[1].thread == audit[0].ref


async def test_the_warning_before_the_end_is_audited_with_the_end() -> None:
    world = World()
    replica = Replica(world)
    await replica.give()

    await replica.pass_time(HOUR - MINUTE)
    warned = world.message_sender.audited()
    await replica.pass_time(MINUTE)

    assert world.message_sender.sent_to(DANA.object_id) == ["granted", "expires_soon", "revoked"]
    assert warned == LIFE[:3]
    assert world.message_sender.audited() == LIFE


async def test_a_long_backlog_goes_out_in_several_messages() -> None:
    world = World()
    world.message_sender.unreachable.add("audit")
    replica = Replica(world)
    await replica.give()
    await replica.pass_time(HOUR)

    world.message_sender.unreachable.clear()
    await replica.pass_time(RETRY_AUDIT)

    audit = [sent for sent in world.message_sender.posts if sent.key.startswith("audit-")]
    assert world.message_sender.audited() == LIFE
    assert [len(sent.announcement.parts) for sent in audit] == [4, 2]


async def test_a_message_with_several_events_is_updated_as_a_whole() -> None:
    world = World()
    replica = Replica(world)
    await replica.ask()
    await replica.deny()
    await replica.settle()

    await replica.messages.mark_stale("req-one", "audit-000001", world.clock())
    await replica.settle()

    [update] = (sent for sent in world.message_sender.updates if sent.key.startswith("audit-"))
    assert update.ref == world.message_sender.shown("audit-000001").ref
    assert [part.key for part in update.announcement.parts] == ["audit-000001", "audit-000002"]
    assert await world.queued() == []


async def test_the_requester_gets_messages_when_access_is_granted_and_revoked() -> None:
    world = World()
    replica = Replica(world)
    await replica.give()
    await replica.pass_time(HOUR)

    assert world.message_sender.sent_to(DANA.object_id) == ["granted", "expires_soon", "revoked"]


def updates_of_the_answer(world: World) -> list[tuple[MessageRef, RequestState]]:
    """Return where the card that answered the request was updated, and what it then showed."""
    updates = [one for one in world.message_sender.updates if one.key == REQUESTER_CARD]
    return [(one.ref, one.head.state) for one in updates if isinstance(one.head, Request)]


@pytest.mark.parametrize(
    ("service_url", "conversation"),
    [
        pytest.param("https://teams.example", "19:a-channel", id="in a channel"),
        pytest.param("http://localhost:56150/_connector", "to-dana", id="in the Playground"),
    ],
)
async def test_a_card_that_does_not_refresh_is_updated_in_place_at_each_step(
    service_url: str, conversation: str
) -> None:
    world = World()
    replica = Replica(world)
    await replica.ask()
    ref = MessageRef(service_url, conversation, "the-answer")
    await replica.messages.adopt("req-one", REQUESTER_CARD, ref, 1)

    await replica.approve()
    await replica.settle()
    await replica.pass_time(HOUR)

    assert updates_of_the_answer(world) == [
        (ref, RequestState.ACTIVE),
        (ref, RequestState.REVOKED),
    ]
    assert REQUESTER_CARD not in world.message_sender.posted()


@pytest.mark.parametrize(
    ("shown", "updates"),
    [
        pytest.param(1, [], id="a card that shows the request"),
        pytest.param(0, [RequestState.ACTIVE], id="a form that doesn't show it yet"),
    ],
)
async def test_a_card_that_refreshes_itself_is_updated_until_it_shows_the_request(
    shown: int, updates: list[RequestState]
) -> None:
    world = World()
    replica = Replica(world)
    await replica.ask()
    ref = MessageRef("https://teams.example", "to-dana", "the-answer")
    await replica.messages.adopt("req-one", REQUESTER_CARD, ref, shown)

    await replica.approve()
    await replica.settle()
    await replica.pass_time(HOUR)

    assert updates_of_the_answer(world) == [(ref, state) for state in updates]


async def test_a_card_someone_asked_to_see_is_updated_in_place() -> None:
    world = World()
    replica = Replica(world)
    await replica.ask()
    await replica.settle()
    key = copy_key(BO.object_id, decides=True)
    ref = MessageRef("https://teams.example", "to-bo", "the-copy")
    await replica.messages.move("req-one", key, ref)

    await replica.approve()
    await replica.settle()

    assert world.message_sender.shown(key).ref == ref
    assert world.message_sender.shown(key).head.state is RequestState.ACTIVE
    assert key not in world.message_sender.posted()


@pytest.mark.parametrize("when", list(When))
@pytest.mark.parametrize("operation", ["post", "update"])
async def test_a_failed_message_is_resent(operation: str, when: When) -> None:
    world = World()
    replica = Replica(world)
    world.message_sender.faults.order(operation, DOWN, when=when, times=3)

    await replica.ask()
    await replica.pass_time(MINUTE)
    await replica.approve()
    await replica.pass_time(MINUTE)

    assert set(world.message_sender.audited()) == {"requested", "approved", "granted"}
    assert world.message_sender.shown(TO_ADA).head.state is RequestState.ACTIVE
    assert [row for row in await world.queued() if row.startswith("outbox~")] == []


async def test_teams_being_down_all_day_delays_no_revocation() -> None:
    world = World()
    replica = Replica(world)
    for operation in ("post", "update"):
        world.message_sender.faults.order(operation, DOWN, times=FOREVER)

    await replica.give()
    given = world.assignments.names()
    await replica.pass_time(HOUR)
    after = await replica.request(), world.assignments.names()
    await replica.pass_time(23 * HOUR)
    silence = list(world.message_sender.posts)
    world.message_sender.faults.clear()
    await replica.pass_time(10 * MINUTE)

    assert [ASSIGNMENT.id] == given
    assert after[0].state is RequestState.REVOKED
    assert after[1] == []
    assert silence == []
    assert world.message_sender.audited() == LIFE
    assert await world.queued() == []


async def test_teams_retry_after_is_honoured() -> None:
    world = World()
    replica = Replica(world)
    throttled = Unavailable("Teams", "429", retry_after=timedelta(seconds=40))
    world.message_sender.faults.order("post", throttled, times=3)

    await replica.ask()
    await replica.pass_time(39 * SECOND)
    before = world.message_sender.posted()
    await replica.pass_time(SECOND)

    assert before == []
    assert world.message_sender.posted() == [TO_ADA, TO_BO, "audit-000001"]


async def test_an_unreachable_approvers_card_goes_to_the_channel_and_the_requester_knows() -> None:
    world = World()
    world.message_sender.unreachable.add(ADA.object_id)
    replica = Replica(world)

    await replica.ask()
    await replica.settle()

    unreachable = (await replica.events())[-1]
    assert await replica.event_kinds() == ["requested", "unreachable"]
    assert unreachable.facts == {"approver": ADA.object_id, "name": "Ada Approver"}
    assert "approvers-channel" in world.message_sender.posted()
    assert TO_BO in world.message_sender.posted()
    assert world.message_sender.sent_to(DANA.object_id) == ["unreachable"]


async def test_the_card_in_the_channel_is_updated_like_any_other() -> None:
    world = World()
    world.message_sender.unreachable.add(ADA.object_id)
    replica = Replica(world)

    await replica.give()

    assert world.message_sender.shown("approvers-channel").head.state is RequestState.ACTIVE


async def test_an_unreachable_approver_is_reported_once_and_not_retried() -> None:
    world = World()
    world.message_sender.unreachable.update({ADA.object_id, BO.object_id})
    replica = Replica(world)
    await replica.ask()
    await replica.settle()

    world.message_sender.unreachable.clear()
    await replica.pass_time(HOUR)

    assert await replica.event_kinds() == ["requested", "unreachable", "unreachable"]
    assert world.message_sender.posted().count("approvers-channel") == 1
    assert TO_ADA not in world.message_sender.posted()


async def test_an_unreachable_requester_blocks_nothing() -> None:
    world = World()
    world.message_sender.unreachable.add(DANA.object_id)
    replica = Replica(world)

    await replica.give()
    await replica.pass_time(HOUR)

    assert world.message_sender.audited() == LIFE
    assert await world.queued() == []


async def test_the_audit_trail_is_never_given_up() -> None:
    world = World()
    world.message_sender.unreachable.add("audit")
    replica = Replica(world)
    await replica.give()
    await replica.pass_time(2 * HOUR)

    before = world.message_sender.audited()
    world.message_sender.unreachable.clear()
    await replica.pass_time(10 * MINUTE)

    assert before == []
    assert world.message_sender.audited() == LIFE
    assert await world.queued() == []


async def test_an_unreachable_audit_channel_is_retried_sparingly() -> None:
    world = World()
    world.message_sender.unreachable.add("audit")
    replica = Replica(world)
    await replica.ask()
    await replica.settle()

    [row] = [row for row in await world.queued() if row.startswith("outbox~")]
    assert f"{world.clock() + RETRY_AUDIT:%H:%M:%S}" in row


async def test_a_deleted_message_is_not_updated_forever() -> None:
    world = World()
    replica = Replica(world)
    await replica.ask()
    await replica.settle()
    world.message_sender.unreachable.add(ADA.object_id)

    await replica.approve()
    await replica.settle()

    assert await replica.event_kinds() == ["requested", "approved", "granted"]
    assert [row for row in await world.queued() if row.startswith("outbox~")] == []


async def test_a_message_that_cannot_be_drawn_does_not_stop_the_others() -> None:
    world = World()
    replica = Replica(world)
    world.message_sender.faults.order("post", KeyError("a bug in a card"), times=2)

    await replica.ask()
    await replica.tick()
    others = world.message_sender.posted()
    await replica.pass_time(MINUTE)

    assert others == ["audit-000001"]
    assert world.message_sender.posted()[1:] == [TO_ADA, TO_BO]


async def test_a_request_decided_meanwhile_is_sent_to_no_one() -> None:
    world = World()
    replica = Replica(world)
    world.message_sender.faults.order("post", DOWN, times=3)
    await replica.ask()
    await replica.tick()

    await replica.deny()
    await replica.pass_time(MINUTE)

    assert TO_ADA not in world.message_sender.posted()
    assert world.message_sender.audited() == ["requested", "denied"]


async def test_two_replicas_post_each_message_once() -> None:
    world = World()
    replica, other = Replica(world), Replica(world)
    await replica.ask()

    await asyncio.gather(
        replica.announcer.deliver("req-one"),
        other.announcer.deliver("req-one"),
    )

    assert sorted(world.message_sender.posted()) == sorted([TO_ADA, TO_BO, "audit-000001"])


async def test_what_a_dead_replica_was_about_to_post_is_posted_after_its_claim_expires() -> None:
    world = World()
    await Replica(world).ask()
    # The outbox row, the workflow and the message are claimed at once; the post would be next.
    dying = Replica(world, Crash(1, When.AFTER))
    with pytest.raises(Killed):
        await dying.tick()
    replica = Replica(world)

    await replica.settle()
    meanwhile = world.message_sender.posted()
    world.clock.advance(CLAIM)
    await replica.settle()

    assert TO_ADA not in meanwhile
    assert world.message_sender.posted() == [TO_ADA, TO_BO, "audit-000001"]


async def test_nothing_is_announced_about_a_missing_workflow() -> None:
    world = World()

    assert await Replica(world).announcer.deliver("req-none") is None
    assert world.message_sender.posts == []
