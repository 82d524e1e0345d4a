"""Break-glass access, and the review that follows it."""

from datetime import timedelta
from typing import Any

import pytest

from domain.access.request import Request, RequestState
from domain.people import Actor, Group
from domain.refusals.decisions import (
    AccountGone,
    NoLongerPending,
    NotAnApprover,
    NothingToReview,
    OwnReview,
)
from domain.refusals.requests import (
    DurationOutOfBounds,
    JustificationMissing,
    MayNotBreakGlass,
    NobodyCanApprove,
)
from services.faults import NotPermitted
from services.operations.stuck import Stuck
from tests.support.builders import (
    ADA,
    BO,
    CY,
    DANA,
    EVE,
    HOUR,
    MINUTE,
    email_of,
    in_directory,
    policies,
)
from tests.support.refusing import refusing
from tests.support.replica import Replica, World, a_draft

DAY = timedelta(days=1)


def a_world(**changes: Any) -> World:
    """Build a world whose policy lets Dana use break-glass access for half an hour."""
    return World(rules=policies(**({"break_glass": (email_of(DANA),)} | changes)))


async def break_glass(replica: Replica, actor: Any = DANA, **draft: Any) -> Request:
    draft = {"window": None} | draft
    return await replica.access.break_glass(actor, a_draft(**draft), [in_directory(CY)])


async def review(replica: Replica, actor: Any = ADA) -> Request:
    return await replica.reviews.review(actor, "req-one", "was an incident")


async def test_access_begins_at_once_and_ends_after_the_short_window() -> None:
    world = a_world()
    replica = Replica(world)

    await break_glass(replica)
    await replica.settle()
    granted = len(world.assignments.all())
    await replica.pass_time(30 * MINUTE)

    assert granted == 1
    assert world.assignments.all() == []
    assert (await replica.request()).state is RequestState.REVOKED


async def test_approvers_admins_and_the_audit_channel_get_a_message_at_once() -> None:
    world = a_world()
    replica = Replica(world)

    await break_glass(replica)
    await replica.settle()

    assert set(world.message_sender.posted()) >= {
        "audit-000001",
        f"approver-{ADA.object_id}-000001",
        f"approver-{BO.object_id}-000001",
        f"admin-{CY.object_id}-000001",
    }
    assert not [key for key in world.message_sender.posted() if key == f"approver-{ADA.object_id}"]


async def test_someone_not_in_the_policy_is_refused_and_announced() -> None:
    world = a_world()
    replica = Replica(world)

    with pytest.raises(MayNotBreakGlass):
        await break_glass(replica, EVE)
    await replica.settle()

    assert world.message_sender.audited() == ["blocked"]
    assert world.assignments.all() == []


async def test_no_one_can_use_break_glass_unless_the_policy_allows_it() -> None:
    with pytest.raises(MayNotBreakGlass):
        await break_glass(Replica(World()))


async def test_a_window_beyond_the_short_one_is_refused() -> None:
    with refusing(DurationOutOfBounds, saying="to 30 minutes"):
        await break_glass(Replica(a_world()), window=HOUR)


async def test_a_reason_is_required_even_if_requests_need_none() -> None:
    with pytest.raises(JustificationMissing):
        await break_glass(Replica(a_world()), justification="")


async def test_break_glass_is_refused_if_only_the_requester_could_review_it() -> None:
    replica = Replica(a_world(approvers=(email_of(DANA),)))

    with pytest.raises(NobodyCanApprove):
        await break_glass(replica)


async def test_a_break_glass_command_sent_twice_counts_once() -> None:
    world = a_world()
    replica = Replica(world)

    await break_glass(replica)
    await break_glass(replica)
    await replica.settle()

    assert (await replica.event_kinds()).count("broke_glass") == 1


async def test_the_approvers_are_asked_daily_until_one_has_reviewed_it() -> None:
    replica = Replica(a_world())
    await break_glass(replica)

    await replica.pass_time(3 * DAY)
    asked = (await replica.event_kinds()).count("review_asked")
    await review(replica)
    await replica.pass_time(3 * DAY)

    kinds = await replica.event_kinds()
    assert asked == 3
    assert kinds.count("review_asked") == 3
    assert kinds[-1] == "reviewed"
    assert await replica.world.queued() == []


async def test_a_review_is_recorded_with_its_note_and_reviewer() -> None:
    replica = Replica(a_world())
    await break_glass(replica)

    request = await review(replica)

    assert request.review is not None
    assert (request.review.approver, request.review.note) == (ADA, "was an incident")
    assert (await replica.event_kinds()).count("reviewed") == 1


async def test_a_review_clicked_twice_counts_once() -> None:
    replica = Replica(a_world())
    await break_glass(replica)
    await review(replica)

    await review(replica)

    assert (await replica.event_kinds()).count("reviewed") == 1


async def test_no_one_reviews_their_own_access() -> None:
    replica = Replica(a_world(approvers=(email_of(DANA), email_of(ADA))))
    await break_glass(replica)

    with pytest.raises(OwnReview):
        await review(replica, DANA)


async def test_only_approvers_can_review() -> None:
    replica = Replica(a_world())
    await break_glass(replica)

    with pytest.raises(NotAnApprover):
        await review(replica, EVE)


async def test_approved_access_needs_no_review() -> None:
    replica = Replica(a_world())
    await replica.give()

    with pytest.raises(NothingToReview):
        await review(replica)


async def test_a_second_reviewer_sees_that_it_is_already_reviewed() -> None:
    replica = Replica(a_world())
    await break_glass(replica)
    await review(replica, ADA)

    with pytest.raises(NothingToReview):
        await review(replica, BO)


async def test_break_glass_access_cannot_be_approved() -> None:
    replica = Replica(a_world())
    await break_glass(replica)

    with pytest.raises(NoLongerPending):
        await replica.approve(ADA)


async def test_it_is_listed_for_approvers_and_admins_until_it_is_reviewed() -> None:
    replica = Replica(a_world())
    await break_glass(replica)
    await replica.pass_time(2 * HOUR)
    before = [await _lists(replica, actor) for actor in (ADA, BO, DANA)], await _unreviewed(replica)

    await review(replica)
    await replica.settle()

    assert before == ([["req-one"], ["req-one"], []], ["req-one"])
    assert [await _lists(replica, actor) for actor in (ADA, BO, DANA)] == [[], [], []]
    assert await _unreviewed(replica) == []
    assert await replica.world.queued() == []


async def test_it_is_listed_once_even_with_a_late_extension_request() -> None:
    world = a_world()
    replica = Replica(world)
    await break_glass(replica, window=10 * MINUTE)
    await replica.settle()
    world.clock.advance(9 * MINUTE)

    await replica.extensions.ask(DANA, "req-one", 5 * MINUTE)
    asked = await _lists(replica, ADA)
    world.clock.advance(HOUR)  # no replica was running to end it
    await replica.settle()

    assert asked == ["req-one"]
    assert await _lists(replica, ADA) == ["req-one"]


async def test_stuck_and_unreviewed_access_is_listed_once() -> None:
    world = a_world()
    world.assignments.faults.order("delete", NotPermitted("Azure", "403"), times=1_000)
    replica = Replica(world)
    await break_glass(replica)
    await replica.pass_time(HOUR)

    assert (await replica.request()).state is RequestState.STUCK
    assert await _unreviewed(replica) == ["req-one"]


async def _lists(replica: Replica, actor: Actor) -> list[str]:
    """Return the IDs of what waits for this person."""
    return [one.id for one in (await replica.listings.to_decide(actor, 5)).requests]


async def _unreviewed(replica: Replica) -> list[str]:
    """Return the IDs of what admins see as stuck."""
    return [
        one.id
        for one in (
            await Stuck(replica.workflows, replica.core.attention, replica.clock).list()
        ).shown
    ]


async def test_an_approver_with_a_disabled_account_cannot_review() -> None:
    replica = Replica(a_world())
    await break_glass(replica)
    replica.world.people.disable(in_directory(ADA))

    with pytest.raises(AccountGone):
        await review(replica)


async def test_who_becomes_an_approver_later_is_asked_for_the_review_once() -> None:
    replica = Replica(a_world())
    await break_glass(replica)
    await replica.pass_time(4 * DAY)
    earlier = len(replica.world.message_sender.posts)

    rules = policies(break_glass=(email_of(DANA),), approvers=(email_of(ADA), email_of(EVE)))
    replica.world.policies.adopt(rules)
    await replica.following.follow()
    await replica.settle()
    at_once = [sent.key for sent in replica.world.message_sender.posts[earlier:]]
    await replica.pass_time(DAY)

    to_eve = [key for key in at_once if EVE.object_id in key]
    assert to_eve == [f"approver-{EVE.object_id}-000001"]
    assert replica.world.message_sender.sent_to(EVE.object_id)[-1] == "review_asked"


async def test_a_group_that_is_asked_in_the_channel_later_is_asked_there_once() -> None:
    world = a_world()
    world.groups.add(Group("group-1", "Payments"), *map(in_directory, (BO, CY, EVE)))
    replica = Replica(world)
    await break_glass(replica)
    await replica.pass_time(4 * DAY)

    by_group = {"approvers": ("group:Payments",), "notify_members": 1}
    world.policies.adopt(policies(break_glass=(email_of(DANA),), **by_group))
    await replica.following.follow()
    await replica.settle()
    at_once = [key for key in world.message_sender.posted() if key.startswith("approvers-channel")]
    await replica.pass_time(DAY)

    assert at_once == ["approvers-channel-000001"]
    posted = [key for key in world.message_sender.posted() if key.startswith("approvers-channel")]
    assert len(posted) == 2
