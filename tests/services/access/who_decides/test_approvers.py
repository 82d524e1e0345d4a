"""Who can still decide: today's approvers and admins, and no one for people who have left."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from cards.access.window_card import approver_card, window_summary
from domain.access.request import Request, RequestState
from domain.access.rules.step_up_rule import StepUpRule
from domain.announcement import Audience
from domain.people import Actor, Group
from domain.policies.rule import Rule
from domain.refusals.decisions import (
    NoLongerAllowed,
    NoLongerPending,
    NoLongerRequestable,
    NotAnApprover,
    RequesterGone,
)
from domain.refusals.people import DirectoryUnavailable
from services.access.requests import RequestLimits
from services.faults import Unavailable
from services.policies import Policies
from services.storage import keys
from services.storage.table import Replace
from tests.cards.reading_cards import whole_text
from tests.support.builders import (
    ADA,
    BO,
    CY,
    DANA,
    EVE,
    HOUR,
    MINUTE,
    OTHER_SECRET,
    SECRET,
    a_policy,
    email_of,
    in_directory,
    policies,
)
from tests.support.refusing import failure_of, refusing
from tests.support.replica import Replica, World, a_draft

CONFIRMED = StepUpRule(required=True)
PENDING, GRANTING = RequestState.PENDING, RequestState.GRANTING


def approved_by(*people: Actor, **changes: Any) -> Policies:
    return policies(approvers=tuple(email_of(one) for one in people), **changes)


async def asked(rules: Policies | None = None) -> Replica:
    """Let Dana submit a request, and announce it to everyone who decides."""
    replica = Replica(World(rules=rules))
    await replica.ask()
    await replica.settle()
    return replica


async def change_rules(replica: Replica, rules: Policies) -> None:
    replica.world.policies.adopt(rules)
    await replica.following.follow()
    await replica.settle()


async def waiting_for(replica: Replica, who: Actor) -> list[str]:
    return [one.id for one in (await replica.listings.to_decide(who, 5)).requests]


def shown_last(replica: Replica, key: str) -> Audience:
    """Return the audience that a card was last drawn for."""
    sent = [*replica.world.message_sender.posts, *replica.world.message_sender.updates]
    return [one.announcement.audience for one in sent if one.key == key][-1]


async def test_an_open_request_goes_to_todays_approvers() -> None:
    replica = await asked(approved_by(ADA, BO))

    await change_rules(replica, approved_by(ADA, CY))

    assert await replica.event_kinds() == ["requested", "approvers_changed"]
    assert f"approver-{CY.object_id}" in replica.world.message_sender.posted()
    assert await waiting_for(replica, ADA) == ["req-one"]
    assert await waiting_for(replica, BO) == []
    assert await waiting_for(replica, CY) == ["req-one"]
    assert (await replica.approve(CY)).state is GRANTING


async def test_a_former_approver_is_refused_and_their_card_says_so() -> None:
    replica = await asked(approved_by(ADA, BO))

    await change_rules(replica, approved_by(ADA, CY))

    assert shown_last(replica, f"approver-{BO.object_id}") is Audience.FORMER_APPROVER
    assert shown_last(replica, f"approver-{ADA.object_id}") is Audience.APPROVER
    with refusing(NotAnApprover, saying="Ada Approver, Cy Careful"):
        await replica.approve(BO)
    with pytest.raises(NotAnApprover):
        await replica.deny(BO)


async def test_a_click_is_judged_by_the_current_rules_even_before_the_request_follows_them() -> (
    None
):
    replica = await asked(approved_by(ADA, BO))
    replica.world.policies.adopt(approved_by(CY))

    with pytest.raises(NotAnApprover):
        await replica.approve(ADA)

    assert (await replica.approve(CY)).state is GRANTING


async def test_rules_changed_while_the_bot_was_down_apply_from_its_start() -> None:
    before = await asked(approved_by(ADA, BO))
    before.world.policies.adopt(approved_by(CY))

    replica = Replica(before.world)
    await replica.following.follow()
    await replica.settle()

    assert await waiting_for(replica, CY) == ["req-one"]
    assert await waiting_for(replica, ADA) == []


async def test_unchanged_rules_leave_no_event() -> None:
    replica = await asked()

    await replica.following.follow()
    await replica.following.follow()

    assert await replica.event_kinds() == ["requested"]


async def test_an_approval_by_a_former_approver_does_not_count() -> None:
    replica = await asked(approved_by(ADA, BO, CY, min_approvals=2))
    await replica.approve(ADA)

    await change_rules(replica, approved_by(BO, CY, min_approvals=2))
    first = await replica.approve(BO)
    second = await replica.approve(CY)

    assert (first.state, second.state) == (PENDING, GRANTING)
    assert [one.approver for one in second.approvals] == [BO, CY]
    assert (await replica.events())[2].facts["no_longer_counts"] == "Ada Approver"


async def test_an_approver_whose_approval_stops_counting_is_asked_again_once() -> None:
    replica = await asked(approved_by(ADA, BO, min_approvals=2))
    await replica.approve(ADA)
    await replica.settle()
    before = replica.world.message_sender.posted()

    await change_rules(replica, approved_by(ADA, BO, min_approvals=2, step_up=CONFIRMED))
    await replica.following.follow()
    await replica.settle()

    after = replica.world.message_sender.posted()
    number = (await replica.event_kinds()).index("approvers_changed") + 1
    asked_again = [key for key in after[len(before) :] if key.startswith("approver-")]
    assert asked_again == [f"approver-{ADA.object_id}-{number:06d}"]
    request, event = await replica.request(), (await replica.events())[number - 1]
    card = approver_card(request, event)
    assert "The approval of Ada Approver no longer counts." in " ".join(whole_text(card).split())
    assert [one["title"] for one in card["actions"]] == ["Approve"]
    assert window_summary(request, event).startswith("Approval needed again: ")


async def test_what_was_asked_again_says_how_it_was_decided() -> None:
    replica = await asked(approved_by(ADA, BO, min_approvals=2))
    await replica.approve(ADA)
    await change_rules(replica, approved_by(ADA, BO, min_approvals=2, step_up=CONFIRMED))
    denied = await replica.access.deny(BO, "req-one", "not today")

    event = next(one for one in await replica.events() if one.kind == "approvers_changed")

    assert "Approval needed again" not in whole_text(approver_card(denied, event))
    assert window_summary(denied, event).startswith("Denied: Bo Backup denied")


async def test_nobody_is_asked_again_if_only_somebody_elses_approval_stopped_counting() -> None:
    replica = await asked(approved_by(ADA, BO, CY, min_approvals=2))
    await replica.approve(ADA)
    await replica.settle()
    before = replica.world.message_sender.posted()

    await change_rules(replica, approved_by(BO, CY, min_approvals=2))

    after = replica.world.message_sender.posted()
    assert [key for key in after[len(before) :] if key.startswith("approver-")] == []


async def test_a_larger_quorum_applies_at_once_and_a_smaller_one_only_to_new_requests() -> None:
    replica = await asked(approved_by(ADA, BO, CY))

    await change_rules(replica, approved_by(ADA, BO, CY, min_approvals=2))
    first = await replica.approve(ADA)
    await change_rules(replica, approved_by(ADA, BO, CY))

    assert first.state is PENDING
    assert (await replica.request()).terms.min_approvals == 2
    assert (await replica.approve(BO)).state is GRANTING


async def test_a_window_shortened_by_a_former_approver_stays_short() -> None:
    replica = await asked(approved_by(ADA, BO, CY, min_approvals=2))
    await replica.access.approve(
        ADA, "req-one", RequestLimits(10 * MINUTE, given=True, narrowed=True)
    )

    await change_rules(replica, approved_by(BO, CY, min_approvals=2))

    request = await replica.request()
    assert (request.window, request.approvals) == (10 * MINUTE, ())


async def test_for_several_secrets_the_approvers_of_all_are_asked() -> None:
    replica = Replica(World(rules=approved_by(ADA, BO, CY)))
    await replica.access.submit(DANA, a_draft(secrets=(SECRET, OTHER_SECRET)))
    one, other = (
        a_policy(approvers=(email_of(ADA), email_of(BO))),
        a_policy(approvers=(email_of(BO), email_of(CY)), secret=OTHER_SECRET),
    )

    await change_rules(replica, Policies(one, (Rule(SECRET, one), Rule(OTHER_SECRET, other))))

    assert (await replica.request()).terms.approvers == (in_directory(BO),)


async def test_a_secret_no_longer_requestable_cannot_be_approved_but_can_be_denied() -> None:
    replica = await asked()
    await change_rules(replica, policies(OTHER_SECRET))

    with pytest.raises(NoLongerRequestable, match=SECRET):
        await replica.approve(ADA)

    assert (await replica.deny(ADA)).state is RequestState.DENIED


async def test_an_escalated_request_follows_the_current_escalation_contacts() -> None:
    rules = {"escalate_after": HOUR}
    replica = await asked(approved_by(ADA, escalation=(email_of(BO),), **rules))
    await replica.pass_time(2 * HOUR)

    await change_rules(replica, approved_by(ADA, escalation=(email_of(CY),), **rules))

    assert [one.name for one in (await replica.request()).terms.approvers] == [ADA.name, CY.name]


async def test_a_later_escalation_uses_the_rules_at_that_time() -> None:
    rules = {"escalate_after": HOUR}
    replica = await asked(approved_by(ADA, escalation=(email_of(BO),), **rules))
    replica.world.policies.adopt(approved_by(ADA, escalation=(email_of(CY),), **rules))

    await replica.pass_time(2 * HOUR)

    assert [one.name for one in (await replica.request()).terms.approvers] == [ADA.name, CY.name]
    assert await replica.event_kinds() == ["requested", "escalated"]


async def test_a_returning_approver_sees_the_request_on_their_list_again() -> None:
    replica = await asked(approved_by(ADA, BO))
    await change_rules(replica, approved_by(ADA))
    away = await waiting_for(replica, BO)

    await change_rules(replica, approved_by(ADA, BO))

    assert away == []
    assert await waiting_for(replica, BO) == ["req-one"]
    assert shown_last(replica, f"approver-{BO.object_id}") is Audience.APPROVER


async def test_an_approver_who_joins_late_gets_no_earlier_reminder() -> None:
    replica = await asked(approved_by(ADA, remind_after=HOUR))
    await replica.pass_time(2 * HOUR)

    await change_rules(replica, approved_by(ADA, CY, remind_after=HOUR))

    cards = [key for key in replica.world.message_sender.posted() if CY.object_id in key]
    assert cards == [f"approver-{CY.object_id}"]


async def test_a_directory_outage_removes_no_approvers() -> None:
    before = await asked(approved_by(ADA, BO))
    replica = Replica(before.world)  # with an empty cache
    replica.world.people.faults.order("find", Unavailable("Microsoft Graph", "503"), times=100)

    await replica.following.follow()
    approved = await replica.approve(ADA)

    assert approved.state is GRANTING
    assert await replica.event_kinds() == ["requested", "approved"]


async def test_a_directory_outage_keeps_no_approver_the_rules_no_longer_name() -> None:
    before = await asked(approved_by(ADA, BO))
    before.world.policies.adopt(approved_by(CY))
    replica = Replica(before.world)
    replica.world.people.faults.order("find", Unavailable("Microsoft Graph", "503"), times=100)

    with pytest.raises(DirectoryUnavailable):
        await replica.approve(ADA)


async def test_the_directory_is_not_blamed_if_the_owners_cannot_be_read() -> None:
    before = await asked(approved_by(ADA, BO))
    before.world.policies.adopt(approved_by(CY, owners_approve=True))
    replica = Replica(before.world)
    replica.world.secrets.faults.order("tags", Unavailable("Key Vault", "503"), times=100)

    with pytest.raises(Unavailable, match="Key Vault: 503"):
        await replica.approve(ADA)


async def test_an_extension_request_goes_to_todays_approvers() -> None:
    replica = Replica(World(rules=approved_by(ADA, BO, min_approvals=2)))
    await replica.give()
    await replica.approve(BO)
    await replica.settle()
    await replica.extensions.ask(DANA, "req-one", HOUR, "a wish")
    await replica.extensions.allow(ADA, "req-one", "a wish")

    await change_rules(replica, approved_by(BO, CY, min_approvals=2))
    with pytest.raises(NotAnApprover):
        await replica.extensions.refuse(ADA, "req-one", "a wish")
    first = await replica.extensions.allow(BO, "req-one", "a wish")
    second = await replica.extensions.allow(CY, "req-one", "a wish")

    assert first.extension is not None
    assert second.extension is None
    assert [one.approver for one in second.approvals] == [
        ADA,
        BO,
    ]  # the granting approvers stay on record


async def test_an_extension_is_decided_by_the_approvers_at_that_time() -> None:
    replica = Replica(World(rules=approved_by(ADA)))
    await replica.give()
    await change_rules(replica, approved_by(CY))

    await replica.extensions.ask(DANA, "req-one", HOUR, "a wish")
    await replica.settle()

    assert (await replica.event_kinds())[-2:] == ["approvers_changed", "extension_asked"]
    assert await waiting_for(replica, CY) == ["req-one"]


@pytest.mark.parametrize("leaves", ["disabled", "removed"])
async def test_a_request_by_someone_who_left_cannot_be_approved(leaves: str) -> None:
    replica = await asked()
    leave(replica, DANA, leaves)

    with refusing(RequesterGone, saying="Dana Developer"):
        await replica.approve(ADA)

    assert (await replica.request()).state is PENDING


async def test_access_for_a_grantee_who_left_cannot_be_approved() -> None:
    replica = Replica(World(rules=policies(on_behalf=(email_of(DANA),))))
    await replica.ask(for_whom=email_of(EVE))
    leave(replica, EVE)

    with refusing(RequesterGone, saying="Eve Engineer"):
        await replica.approve(ADA)


async def test_a_requester_who_leaves_between_approval_and_grant_gets_nothing() -> None:
    replica = await asked()
    await replica.approve(ADA)
    leave(replica, DANA)

    await replica.settle()

    request = await replica.request()
    assert request.state is RequestState.FAILED
    assert "Dana Developer's account is disabled" in failure_of(request)
    assert replica.world.assignments.all() == []
    assert "create" not in replica.world.assignments.calls
    assert await replica.world.leases() == []


async def test_a_requester_who_left_gets_no_extension() -> None:
    replica = Replica(World())
    await replica.give()
    await replica.extensions.ask(DANA, "req-one", HOUR, "a wish")
    leave(replica, DANA)

    with pytest.raises(RequesterGone):
        await replica.extensions.allow(ADA, "req-one", "a wish")


async def test_a_directory_outage_blocks_no_grant() -> None:
    replica = await asked()
    replica.world.people.faults.order("find", Unavailable("Microsoft Graph", "503"), times=100)

    await replica.approve(ADA)
    await replica.settle()

    assert (await replica.request()).state is RequestState.ACTIVE


async def test_break_glass_access_is_reviewed_by_admins_if_no_approver_is_left() -> None:
    replica = await taken(ADA, BO)
    leave(replica, ADA)
    leave(replica, BO)
    replica.clock.advance(timedelta(hours=1))  # past the directory's cache of minutes

    with pytest.raises(NotAnApprover):
        await replica.reviews.review(EVE, "req-one", "not mine")
    reviewed = await replica.reviews.review(CY, "req-one", "looked into it")

    assert reviewed.review is not None
    assert reviewed.review.approver == CY


async def test_the_admins_are_asked_for_the_review_at_the_next_daily_reminder() -> None:
    replica = await taken(ADA, BO)
    leave(replica, ADA)
    leave(replica, BO)

    await replica.pass_time(timedelta(days=1))

    assert await waiting_for(replica, CY) == ["req-one"]
    assert any(CY.object_id in key for key in replica.world.message_sender.posted())


async def test_no_admin_reviews_while_an_approver_is_left() -> None:
    replica = await taken(ADA, BO)
    leave(replica, ADA)
    replica.clock.advance(timedelta(hours=1))

    with refusing(NotAnApprover, saying="Bo Backup"):
        await replica.reviews.review(CY, "req-one", "not mine")


async def test_admins_who_review_break_glass_access_are_not_asked_for_more_time() -> None:
    replica = await left_to_the_admins()

    await replica.extensions.ask(DANA, "req-one", 10 * MINUTE, "a wish")
    await replica.settle()

    assert (await replica.request()).extension is not None
    asked = (await replica.event_kinds()).index("extension_asked") + 1
    posted = replica.world.message_sender.posted()
    assert f"approver-{CY.object_id}-000001" in posted
    assert f"approver-{CY.object_id}-{asked:06d}" not in posted


@pytest.mark.parametrize("says_yes", [True, False])
async def test_an_admin_who_reviews_break_glass_access_does_not_decide_about_more_time(
    says_yes: bool,
) -> None:
    replica = await left_to_the_admins()
    before = (await replica.request()).granted.expires_at
    await replica.extensions.ask(DANA, "req-one", 10 * MINUTE, "a wish")
    answer = replica.extensions.allow if says_yes else replica.extensions.refuse

    with pytest.raises(NotAnApprover):
        await answer(CY, "req-one", "a wish")

    request = await replica.request()
    assert request.granted.expires_at == before
    assert request.extension is not None


async def test_a_new_approver_decides_about_more_time_and_reviews_in_place_of_the_admins() -> None:
    replica = await left_to_the_admins()
    await replica.extensions.ask(DANA, "req-one", 10 * MINUTE, "a wish")

    await change_rules(replica, approved_by(EVE, **BREAK_GLASS))
    extended = await replica.extensions.allow(EVE, "req-one", "a wish")

    assert extended.extension is None
    assert shown_last(replica, f"approver-{CY.object_id}-000001") is Audience.FORMER_APPROVER
    with refusing(NotAnApprover, saying="Eve Engineer"):
        await replica.reviews.review(CY, "req-one", "not mine any more")
    assert (await replica.reviews.review(EVE, "req-one", "mine")).review is not None


async def test_break_glass_access_gets_no_more_time_once_its_secret_cannot_be_requested() -> None:
    replica = await taken(ADA, BO)
    await replica.extensions.ask(DANA, "req-one", 10 * MINUTE, "a wish")

    await change_rules(replica, policies(OTHER_SECRET))

    with pytest.raises(NoLongerRequestable, match=SECRET):
        await replica.extensions.allow(ADA, "req-one", "a wish")
    assert (await replica.reviews.review(ADA, "req-one", "was needed")).review is not None


async def test_admins_review_access_to_a_secret_that_can_no_longer_be_requested() -> None:
    replica = await taken(ADA, BO)
    leave(replica, ADA)
    leave(replica, BO)
    replica.clock.advance(timedelta(hours=1))

    await change_rules(replica, policies(OTHER_SECRET))
    await change_rules(replica, policies(OTHER_SECRET, min_approvals=2))

    assert await waiting_for(replica, CY) == ["req-one"]
    assert (await replica.event_kinds()).count("approvers_changed") == 1
    assert (await replica.reviews.review(CY, "req-one", "looked into it")).review is not None


BREAK_GLASS = {"break_glass": (email_of(DANA),), "break_glass_longest": 4 * HOUR}


async def taken(*approvers: Actor) -> Replica:
    """Let Dana use break-glass access for half an hour."""
    replica = Replica(World(rules=approved_by(*approvers, **BREAK_GLASS)))
    await replica.access.break_glass(DANA, a_draft(window=30 * MINUTE), [])
    await replica.settle()
    return replica


async def left_to_the_admins() -> Replica:
    """Let Dana use break-glass access whose approvers leave while it lasts."""
    replica = await taken(ADA, BO)
    leave(replica, ADA)
    leave(replica, BO)
    replica.clock.advance(10 * MINUTE)  # past the directory's cache
    await replica.following.follow()
    await replica.settle()
    return replica


def leave(replica: Replica, who: Actor, how: str = "disabled") -> None:
    if how == "disabled":
        replica.world.people.disable(in_directory(who))
    else:
        replica.world.people.remove(in_directory(who))


async def test_a_reminder_goes_out_even_if_todays_approvers_are_unknown(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    world = World(rules=policies(remind_after=HOUR))
    replica = Replica(world)
    await replica.ask()
    await replica.settle()

    async def down(request: Request) -> None:
        raise Unavailable("Microsoft Graph", "503", outcome_unknown=False)

    monkeypatch.setattr(replica.approvers, "change", down)
    await replica.pass_time(HOUR)

    assert (await replica.event_kinds()).count("reminded") == 1


async def test_a_person_whom_the_rules_no_longer_let_ask_cannot_be_approved_but_can_be_denied() -> (
    None
):
    replica = await asked()
    await change_rules(replica, policies(requesters=(email_of(EVE),)))

    with refusing(NoLongerAllowed, saying=DANA.name):
        await replica.approve(ADA)

    assert (await replica.request()).state is PENDING
    assert (await replica.deny(ADA)).state is RequestState.DENIED


async def test_a_requester_who_is_a_guest_by_now_cannot_be_approved() -> None:
    replica = await asked()
    replica.world.people.remove(in_directory(DANA))
    replica.world.people.add(replace(in_directory(DANA), guest=True))
    replica.clock.advance(hours=1)

    with pytest.raises(NoLongerAllowed):
        await replica.approve(ADA)


@pytest.mark.parametrize(
    "rules",
    [policies(), policies(on_behalf=(email_of(DANA),), requesters=(email_of(DANA),))],
    ids=["the requester can't ask for others", "the grantee can't have it"],
)
async def test_access_for_a_colleague_is_approved_only_if_both_may_still_have_their_part(
    rules: Policies,
) -> None:
    replica = Replica(World(rules=policies(on_behalf=(email_of(DANA),))))
    await replica.ask(for_whom=email_of(EVE))
    replica.world.policies.adopt(rules)

    with refusing(NoLongerAllowed, saying=f"for {EVE.name}"):
        await replica.approve(ADA)


async def test_an_outage_keeps_nobody_from_being_approved_who_could_ask() -> None:
    replica = await asked(policies(requesters=("group:Payments", DANA.object_id)))
    replica.world.policies.adopt(policies(requesters=("group:Payments",)))
    replica.world.groups.faults.order("find", Unavailable("Microsoft Graph", "503"), times=100)

    assert (await replica.approve(ADA)).state is GRANTING


async def test_nothing_is_approved_that_expires_while_the_directory_is_asked() -> None:
    replica = await asked()
    lapses_at = (await replica.request()).lapses_at
    replica.clock.advance(seconds=(lapses_at - replica.clock()).total_seconds() - 1)
    replica.world.people.takes_time = lambda who: replica.clock.advance(
        seconds=1 if who == ADA.object_id else 0
    )

    with refusing(NoLongerPending, saying="expired"):
        await replica.approve(ADA)


async def approved_by_who_left(replica: Replica, *, after: timedelta = MINUTE) -> Request:
    """Let Bo give the second approval after Ada, who gave the first one, has left."""
    await replica.ask()
    await replica.approve(ADA)
    replica.clock.advance(seconds=after.total_seconds())
    replica.world.people.disable(in_directory(ADA))
    await replica.approve(BO)
    await replica.settle()
    return await replica.request()


BY_TWO = approved_by(ADA, BO, CY, min_approvals=2, longest=4 * HOUR)


@pytest.mark.parametrize("after", [MINUTE, HOUR])
async def test_the_approval_of_someone_who_has_left_since_does_not_count(after: timedelta) -> None:
    request = await approved_by_who_left(Replica(World(rules=BY_TWO)), after=after)

    assert request.state is PENDING
    assert [one.approver for one in request.approvals] == [BO]
    assert ADA.object_id not in {one.object_id for one in request.terms.approvers}


async def test_nor_does_it_count_that_they_are_in_a_group_of_approvers() -> None:
    world = World(rules=policies(approvers=("group:Payments",), min_approvals=2))
    world.groups.add(Group("group-1", "Payments"), *map(in_directory, (ADA, BO, CY)))

    request = await approved_by_who_left(Replica(world))

    assert request.state is PENDING
    assert [one.approver for one in request.approvals] == [BO]


async def test_without_an_answer_of_the_directory_their_approval_counts() -> None:
    replica = Replica(World(rules=BY_TWO))
    await replica.ask()
    await replica.approve(ADA)
    fault = Unavailable("Microsoft Graph", "503", outcome_unknown=False)
    replica.world.people.faults.order("find", fault, times=1_000)

    assert (await replica.approve(BO)).state is GRANTING


async def test_nor_do_they_extend_access_by_an_approval_given_before_they_left() -> None:
    replica = Replica(World(rules=BY_TWO))
    await replica.ask()
    for approver in (ADA, BO):
        await replica.approve(approver)
    await replica.settle()
    await replica.extensions.ask(DANA, "req-one", HOUR, "wish")
    await replica.extensions.allow(ADA, "req-one", "wish")
    replica.world.people.disable(in_directory(ADA))

    request = await replica.extensions.allow(BO, "req-one", "wish")

    assert request.extension is not None
    assert [one.approver for one in request.extension.approvals] == [BO]


@pytest.mark.parametrize("broken", ["req-one", "req-two"])
async def test_a_request_that_cannot_be_read_keeps_no_other_from_following_the_rules(
    broken: str,
) -> None:
    replica = Replica(World(rules=approved_by(ADA)))
    for request_id in ("req-one", "req-two"):
        await replica.ask(request_id=request_id)
    key = keys.head_key(broken)
    row = await replica.world.table.get(keys.shard_of(broken), key)
    assert row is not None
    torn = Replace(key, {**row.values, "head": "{"}, row.etag)
    await replica.world.table.transact(row.partition, [torn])

    replica.world.policies.adopt(approved_by(BO))
    await replica.following.follow()

    [other] = {"req-one", "req-two"} - {broken}
    assert [one.object_id for one in (await replica.request(other)).terms.approvers] == [
        BO.object_id
    ]
