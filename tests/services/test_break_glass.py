"""Break-glass access, and the review that follows it."""

from datetime import timedelta
from typing import Any

import pytest

from domain import refusals
from domain.access import Request, RequestState
from domain.people import Actor
from services.faults import NotPermitted
from services.stuck import Stuck
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
from tests.support.house import House, World, a_draft

DAY = timedelta(days=1)


def a_world(**changes: Any) -> World:
    """Build a world whose policy lets Dana use break-glass access for half an hour."""
    return World(rules=policies(**({"break_glass": (email_of(DANA),)} | changes)))


async def break_glass(house: House, actor: Any = DANA, **draft: Any) -> Request:
    draft = {"window": None} | draft
    return await house.access.break_glass(actor, a_draft(**draft), [in_directory(CY)])


async def review(house: House, actor: Any = ADA) -> Request:
    return await house.reviews.review(actor, "req-one", "was an incident")


async def test_access_begins_at_once_and_ends_after_the_short_window() -> None:
    world = a_world()
    house = House(world)

    await break_glass(house)
    await house.settle()
    granted = len(world.assignments.all())
    await house.pass_time(30 * MINUTE)

    assert granted == 1
    assert world.assignments.all() == []
    assert (await house.request()).state is RequestState.REVOKED


async def test_approvers_admins_and_the_audit_channel_get_a_message_at_once() -> None:
    world = a_world()
    house = House(world)

    await break_glass(house)
    await house.settle()

    assert set(world.courier.posted()) >= {
        "audit-000001",
        f"approver-{ADA.object_id}-000001",
        f"approver-{BO.object_id}-000001",
        f"admin-{CY.object_id}-000001",
    }
    assert not [key for key in world.courier.posted() if key == f"approver-{ADA.object_id}"]


async def test_someone_not_in_the_policy_is_refused_and_announced() -> None:
    world = a_world()
    house = House(world)

    with pytest.raises(refusals.MayNotBreakGlass):
        await break_glass(house, EVE)
    await house.settle()

    assert world.courier.audited() == ["blocked"]
    assert world.assignments.all() == []


async def test_no_one_can_use_break_glass_unless_the_policy_allows_it() -> None:
    with pytest.raises(refusals.MayNotBreakGlass):
        await break_glass(House(World()))


async def test_a_window_beyond_the_short_one_is_refused() -> None:
    with pytest.raises(refusals.DurationOutOfBounds, match="to 30 minutes"):
        await break_glass(House(a_world()), window=HOUR)


async def test_a_reason_is_required_even_if_requests_need_none() -> None:
    with pytest.raises(refusals.JustificationMissing):
        await break_glass(House(a_world()), justification="")


async def test_break_glass_is_refused_if_only_the_requester_could_review_it() -> None:
    house = House(a_world(approvers=(email_of(DANA),)))

    with pytest.raises(refusals.NobodyCanApprove):
        await break_glass(house)


async def test_a_break_glass_command_sent_twice_counts_once() -> None:
    world = a_world()
    house = House(world)

    await break_glass(house)
    await break_glass(house)
    await house.settle()

    assert (await house.event_kinds()).count("broke glass") == 1


async def test_the_approvers_are_asked_daily_until_one_has_reviewed_it() -> None:
    house = House(a_world())
    await break_glass(house)

    await house.pass_time(3 * DAY)
    asked = (await house.event_kinds()).count("review asked")
    await review(house)
    await house.pass_time(3 * DAY)

    kinds = await house.event_kinds()
    assert asked == 3
    assert kinds.count("review asked") == 3
    assert kinds[-1] == "reviewed"
    assert await house.world.queued() == []


async def test_a_review_is_recorded_with_its_note_and_reviewer() -> None:
    house = House(a_world())
    await break_glass(house)

    request = await review(house)

    assert request.review is not None
    assert (request.review.approver, request.review.note) == (ADA, "was an incident")
    assert (await house.event_kinds()).count("reviewed") == 1


async def test_a_review_clicked_twice_counts_once() -> None:
    house = House(a_world())
    await break_glass(house)
    await review(house)

    await review(house)

    assert (await house.event_kinds()).count("reviewed") == 1


async def test_no_one_reviews_their_own_access() -> None:
    house = House(a_world(approvers=(email_of(DANA), email_of(ADA))))
    await break_glass(house)

    with pytest.raises(refusals.OwnReview):
        await review(house, DANA)


async def test_only_approvers_can_review() -> None:
    house = House(a_world())
    await break_glass(house)

    with pytest.raises(refusals.NotAnApprover):
        await review(house, EVE)


async def test_approved_access_needs_no_review() -> None:
    house = House(a_world())
    await house.give()

    with pytest.raises(refusals.NothingToReview):
        await review(house)


async def test_a_second_reviewer_sees_that_it_is_already_reviewed() -> None:
    house = House(a_world())
    await break_glass(house)
    await review(house, ADA)

    with pytest.raises(refusals.NothingToReview):
        await review(house, BO)


async def test_break_glass_access_cannot_be_approved() -> None:
    house = House(a_world())
    await break_glass(house)

    with pytest.raises(refusals.NoLongerPending):
        await house.approve(ADA)


async def test_it_is_listed_for_approvers_and_admins_until_it_is_reviewed() -> None:
    house = House(a_world())
    await break_glass(house)
    await house.pass_time(2 * HOUR)
    before = [await _lists(house, actor) for actor in (ADA, BO, DANA)], await _unreviewed(house)

    await review(house)
    await house.settle()

    assert before == ([["req-one"], ["req-one"], []], ["req-one"])
    assert [await _lists(house, actor) for actor in (ADA, BO, DANA)] == [[], [], []]
    assert await _unreviewed(house) == []
    assert await house.world.queued() == []


async def test_it_is_listed_once_even_with_a_late_extension_request() -> None:
    world = a_world()
    house = House(world)
    await break_glass(house, window=10 * MINUTE)
    await house.settle()
    world.clock.advance(9 * MINUTE)

    await house.extensions.ask(DANA, "req-one", 5 * MINUTE)
    asked = await _lists(house, ADA)
    world.clock.advance(HOUR)  # no replica was running to end it
    await house.settle()

    assert asked == ["req-one"]
    assert await _lists(house, ADA) == ["req-one"]


async def test_stuck_and_unreviewed_access_is_listed_once() -> None:
    world = a_world()
    world.assignments.faults.order("delete", NotPermitted("Azure", "403"), times=1_000)
    house = House(world)
    await break_glass(house)
    await house.pass_time(HOUR)

    assert (await house.request()).state is RequestState.STUCK
    assert await _unreviewed(house) == ["req-one"]


async def _lists(house: House, actor: Actor) -> list[str]:
    """Return the IDs of what waits for this person."""
    return [one.id for one in (await house.listings.to_decide(actor, 5)).requests]


async def _unreviewed(house: House) -> list[str]:
    """Return the IDs of what admins see as stuck."""
    return [
        one.id for one in (await Stuck(house.workflows, house.agenda, house.clock).list()).shown
    ]


async def test_an_approver_with_a_disabled_account_cannot_review() -> None:
    house = House(a_world())
    await break_glass(house)
    house.world.people.disable(in_directory(ADA))

    with pytest.raises(refusals.AccountGone):
        await review(house)
