"""Groups that may decide or ask: membership is checked at the moment that counts."""

from datetime import timedelta
from typing import Any

import pytest

from cards.access.event_card import audit_summary
from domain.access.request import RequestState
from domain.access.rules.step_up_rule import StepUpRule
from domain.announcement import Audience
from domain.people import Actor, Group, Person
from domain.policies.rule import Rule
from domain.refusals.decisions import NotAnApprover, SelfApproval
from domain.refusals.people import DirectoryUnavailable
from domain.refusals.records import NothingToSee
from domain.refusals.requests import (
    MayNotAsk,
    MayNotAskForOthers,
    MayNotBreakGlass,
    NobodyApprovesAll,
    NobodyCanApprove,
)
from domain.refusals.services import ServiceUnavailable
from services.faults import Unavailable
from services.policies import Policies
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
from tests.support.refusing import refusing
from tests.support.replica import Replica, World, a_draft

PENDING, GRANTING = RequestState.PENDING, RequestState.GRANTING
PAYMENTS = Group("70000000-0000-4000-8000-000000000001", "Payments approvers")
LEADS = Group("70000000-0000-4000-8000-000000000002", "Team leads")
OUTAGE = Unavailable("Microsoft Graph", "503")
CHANNEL_CARD = "approvers-channel"


def a_world(*members: Actor | Group, **changes: Any) -> World:
    """Build a world whose secrets are approved by a group with these members."""
    rules: dict[str, Any] = {"approvers": ("group:Payments approvers",), **changes}
    world = World(rules=policies(**rules))
    world.groups.add(
        PAYMENTS, *(in_directory(one) if isinstance(one, Actor) else one for one in members)
    )
    return world


def fill(world: World, group: Group, number: int) -> None:
    """Add many more members to a group."""
    people = [
        Person(f"21000000-0000-4000-8000-{each:012}", f"Member {each}") for each in range(number)
    ]
    world.groups.add(group, *people)


async def asked(world: World, **draft: Any) -> Replica:
    replica = Replica(world)
    await replica.ask(**draft)
    await replica.settle()
    return replica


def outage(world: World, *operations: str) -> None:
    for operation in operations or ("find", "memberships", "members"):
        world.groups.faults.order(operation, OUTAGE, times=100)


async def waiting_for(replica: Replica, who: Actor) -> list[str]:
    return [one.id for one in (await replica.listings.to_decide(who, 5)).requests]


async def test_a_member_of_the_group_approves_and_nobody_else() -> None:
    replica = await asked(a_world(ADA, BO))

    with refusing(NotAnApprover, saying=": members of Payments approvers."):
        await replica.approve(CY)
    approved = await replica.approve(BO)

    assert approved.state is GRANTING


async def test_a_group_can_be_named_by_its_object_id() -> None:
    replica = await asked(a_world(ADA, approvers=(f"group:{PAYMENTS.object_id}",)))

    assert (await replica.approve(ADA)).state is GRANTING


async def test_a_member_of_a_group_in_the_group_approves() -> None:
    world = a_world(LEADS)
    world.groups.add(LEADS, in_directory(ADA))
    replica = await asked(world)

    assert (await replica.approve(ADA)).state is GRANTING


async def test_a_member_who_was_removed_more_than_a_minute_ago_is_refused() -> None:
    world = a_world(ADA, BO)
    replica = await asked(world)
    world.groups.remove(PAYMENTS, in_directory(ADA))
    world.clock.advance(timedelta(seconds=61))

    with pytest.raises(NotAnApprover):
        await replica.approve(ADA)


async def test_someone_who_joined_the_group_since_the_request_approves() -> None:
    world = a_world(ADA)
    replica = await asked(world)
    world.groups.add(PAYMENTS, in_directory(CY))

    assert (await replica.approve(CY)).state is GRANTING


@pytest.mark.parametrize("answer", ["approve", "deny"])
async def test_an_outage_refuses_a_click_and_records_nothing(answer: str) -> None:
    before = await asked(a_world(ADA, BO))
    replica = Replica(before.world)  # with an empty cache
    outage(before.world)

    with refusing(DirectoryUnavailable, saying="directory"):
        await getattr(replica, answer)(ADA)

    assert (await replica.request()).state is PENDING
    assert await replica.event_kinds() == ["requested"]


async def test_someone_named_in_person_approves_during_an_outage() -> None:
    before = await asked(a_world(BO, approvers=("group:Payments approvers", email_of(ADA))))
    replica = Replica(before.world)
    outage(before.world)

    assert (await replica.approve(ADA)).state is GRANTING


async def test_an_outage_when_asking_makes_no_request() -> None:
    world = a_world(ADA)
    outage(world)

    with pytest.raises(ServiceUnavailable):
        await Replica(world).ask()


async def test_a_requester_in_the_group_cannot_approve_their_own_request() -> None:
    replica = await asked(a_world(ADA, DANA))

    with pytest.raises(SelfApproval):
        await replica.approve(DANA)
    cards = [key for key in replica.world.message_sender.posted() if key.startswith("approver-")]
    assert cards == [f"approver-{ADA.object_id}"]


async def test_the_requester_alone_in_the_group_is_not_enough() -> None:
    with pytest.raises(NobodyCanApprove):
        await Replica(a_world(DANA)).ask()


async def test_the_requester_in_a_large_group_does_not_hide_that_there_are_enough() -> None:
    replica = await asked(a_world(DANA, ADA, BO, min_approvals=2, notify_members=1))

    assert (await replica.request()).state is PENDING


async def test_an_empty_group_and_one_that_does_not_exist_approve_nothing() -> None:
    with pytest.raises(NobodyCanApprove):
        await Replica(a_world()).ask()
    with pytest.raises(NobodyCanApprove):
        await Replica(a_world(ADA, approvers=("group:Nobody knows it",))).ask()


async def test_two_members_of_one_group_make_two_approvals() -> None:
    replica = await asked(a_world(ADA, BO, min_approvals=2))

    first = await replica.approve(ADA)
    again = await replica.approve(ADA)
    second = await replica.approve(BO)

    assert (first.state, again.state, second.state) == (PENDING, PENDING, GRANTING)


async def test_one_person_in_two_groups_counts_once() -> None:
    both = ("group:Payments approvers", "group:Team leads", email_of(ADA))
    world = a_world(ADA, approvers=both, min_approvals=2)
    world.groups.add(LEADS, in_directory(ADA))

    with pytest.raises(NobodyCanApprove):
        await Replica(world).ask()


async def test_each_member_of_a_small_group_gets_a_card() -> None:
    replica = await asked(a_world(ADA, BO))

    posted = replica.world.message_sender.posted()
    assert {f"approver-{ADA.object_id}", f"approver-{BO.object_id}"} <= set(posted)
    assert CHANNEL_CARD not in posted


async def test_a_large_group_is_asked_in_the_channel() -> None:
    world = a_world(ADA, notify_members=3)
    fill(world, PAYMENTS, 500)
    replica = await asked(world)

    posted = world.message_sender.posted()
    assert [key for key in posted if key.startswith("approver")] == [CHANNEL_CARD]
    assert (await replica.approve(ADA)).state is GRANTING


async def test_people_named_in_person_get_a_card_besides_a_large_group() -> None:
    world = a_world(approvers=(email_of(BO), "group:Payments approvers"), notify_members=3)
    fill(world, PAYMENTS, 500)
    await asked(world)

    posted = world.message_sender.posted()
    cards = [key for key in posted if key.startswith("approver")]
    assert cards == [f"approver-{BO.object_id}", CHANNEL_CARD]


async def test_a_members_list_shows_what_their_groups_decide() -> None:
    world = a_world(ADA, notify_members=3)
    fill(world, PAYMENTS, 500)
    replica = await asked(world)

    assert await waiting_for(replica, ADA) == ["req-one"]
    assert await waiting_for(replica, CY) == []
    await replica.approve(ADA)
    await replica.settle()
    assert await waiting_for(replica, ADA) == []


async def test_requesters_can_be_a_group() -> None:
    world = a_world(DANA, approvers=(email_of(ADA),), requesters=("group:Payments approvers",))
    replica = await asked(world)

    with pytest.raises(MayNotAsk):
        await replica.ask(EVE, "req-two")
    assert (await replica.request()).requester == DANA


async def test_an_outage_admits_no_requester_and_blames_none() -> None:
    world = a_world(DANA, approvers=(email_of(ADA),), requesters=("group:Payments approvers",))
    outage(world)
    replica = Replica(world)

    with pytest.raises(ServiceUnavailable):
        await replica.ask()
    assert await replica.workflows.snapshot("req-one") is None


async def test_a_requester_and_an_admin_named_in_person_need_no_group_in_an_outage() -> None:
    named = ("group:Payments approvers", email_of(DANA))
    world = a_world(EVE, approvers=(email_of(ADA),), requesters=named)
    world.administered_by = named
    outage(world)
    replica = Replica(world)

    assert (await replica.ask()).state is PENDING
    assert await replica.core.admins.includes(DANA)


async def test_break_glass_can_be_for_a_group() -> None:
    world = a_world(DANA, approvers=(email_of(ADA),), break_glass=("group:Payments approvers",))
    replica = Replica(world)

    taken = await replica.access.break_glass(DANA, a_draft(window=None), ())
    with pytest.raises(MayNotBreakGlass):
        await replica.access.break_glass(EVE, a_draft("req-two"), ())

    assert taken.state is GRANTING


async def test_members_of_a_group_can_ask_for_others() -> None:
    world = a_world(DANA, approvers=(email_of(ADA),), on_behalf=("group:Payments approvers",))
    replica = Replica(world)

    request = await replica.ask(for_whom=email_of(EVE))
    with pytest.raises(MayNotAskForOthers):
        await replica.ask(CY, "req-two", for_whom=email_of(EVE))

    assert request.holder.object_id == EVE.object_id


async def test_an_escalation_to_a_group_lets_its_members_decide_from_then_on() -> None:
    world = a_world(
        BO,
        approvers=(email_of(ADA),),
        escalation=("group:Payments approvers",),
        escalate_after=HOUR,
    )
    replica = await asked(world)
    with pytest.raises(NotAnApprover):
        await replica.approve(BO)

    await replica.pass_time(HOUR)

    assert f"approver-{BO.object_id}" in world.message_sender.posted()
    assert (await replica.approve(BO)).state is GRANTING


async def test_an_escalation_to_a_large_group_is_asked_in_the_channel() -> None:
    world = a_world(
        BO,
        approvers=(email_of(ADA),),
        escalation=("group:Payments approvers",),
        escalate_after=HOUR,
        notify_members=1,
    )
    fill(world, PAYMENTS, 5)
    replica = await asked(world)
    early = CHANNEL_CARD in world.message_sender.posted()

    await replica.pass_time(HOUR)

    assert not early
    assert CHANNEL_CARD in world.message_sender.posted()
    [escalated] = [one for one in await replica.events() if one.kind == "escalated"]
    said = audit_summary(await replica.request(), escalated)
    assert "Also asked now: members of Payments approvers." in said
    assert (await replica.approve(BO)).state is GRANTING


async def change_rules(replica: Replica, **changes: Any) -> None:
    replica.world.policies.adopt(policies(**changes))
    await replica.following.follow()
    await replica.settle()


async def test_an_open_request_follows_a_changed_group() -> None:
    world = a_world(ADA)
    world.groups.add(LEADS, in_directory(BO))
    replica = await asked(world)

    await change_rules(replica, approvers=("group:Team leads",))

    facts = (await replica.events())[1].facts
    assert (facts["added_groups"], facts["removed_groups"]) == ("Team leads", "Payments approvers")
    with pytest.raises(NotAnApprover):
        await replica.approve(ADA)
    sent = [*world.message_sender.posts, *world.message_sender.updates]
    shown = [one.announcement.audience for one in sent if one.key == f"approver-{ADA.object_id}"]
    assert shown[-1] is Audience.FORMER_APPROVER
    assert (await replica.approve(BO)).state is GRANTING


async def test_unchanged_groups_leave_no_event() -> None:
    world = a_world(ADA)
    replica = await asked(world)
    world.groups.add(PAYMENTS, in_directory(BO))
    world.clock.advance(2 * MINUTE)

    await replica.following.follow()

    assert await replica.event_kinds() == ["requested"]


@pytest.mark.parametrize(("members", "enough"), [((ADA,), False), ((ADA, BO), True)])
async def test_a_larger_quorum_says_whether_the_group_has_enough_members(
    members: tuple[Actor, ...], enough: bool
) -> None:
    replica = await asked(a_world(*members))

    await change_rules(replica, approvers=("group:Payments approvers",), min_approvals=2)

    assert (await replica.events())[1].facts["enough"] is enough


async def test_an_outage_changes_no_open_request() -> None:
    before = await asked(a_world(ADA))
    before.world.policies.adopt(policies(approvers=("group:Team leads",)))
    replica = Replica(before.world)
    outage(before.world)

    await replica.following.follow()

    assert await replica.event_kinds() == ["requested"]
    assert [one.name for one in (await replica.request()).terms.groups] == [PAYMENTS.name]


async def test_an_approval_by_someone_who_left_the_group_does_not_count() -> None:
    world = a_world(ADA, BO, CY, min_approvals=2)
    replica = await asked(world)
    await replica.approve(ADA)
    world.groups.remove(PAYMENTS, in_directory(ADA))
    world.clock.advance(2 * MINUTE)

    first = await replica.approve(BO)
    second = await replica.approve(CY)

    assert (first.state, second.state) == (PENDING, GRANTING)
    assert (await replica.events())[2].facts["no_longer_counts"] == "Ada Approver"


def rules_for_two(one: tuple[str, ...], other: tuple[str, ...]) -> Policies:
    first, second = a_policy(approvers=one), a_policy(approvers=other, secret=OTHER_SECRET)
    return Policies(first, (Rule(SECRET, first), Rule(OTHER_SECRET, second)))


async def test_for_several_secrets_a_member_of_the_groups_of_each_decides() -> None:
    world = World(rules=rules_for_two(("group:Payments approvers",), ("group:Team leads",)))
    world.groups.add(PAYMENTS, in_directory(ADA), in_directory(BO))
    world.groups.add(LEADS, in_directory(BO), in_directory(CY))
    replica = await asked(world, secrets=(SECRET, OTHER_SECRET))

    for one in (ADA, CY):
        with pytest.raises(NotAnApprover):
            await replica.approve(one)
    cards = [key for key in world.message_sender.posted() if key.startswith("approver-")]
    assert cards == [f"approver-{BO.object_id}"]
    assert (await replica.approve(BO)).state is GRANTING


async def test_for_several_secrets_someone_named_for_one_decides_as_a_member_for_the_other() -> (
    None
):
    world = World(rules=rules_for_two(("group:Payments approvers",), (email_of(ADA),)))
    world.groups.add(PAYMENTS, in_directory(ADA), in_directory(BO))
    fill(world, PAYMENTS, 500)
    replica = await asked(world, secrets=(SECRET, OTHER_SECRET))

    with pytest.raises(NotAnApprover):
        await replica.approve(BO)
    assert (await replica.approve(ADA)).state is GRANTING


async def test_several_secrets_whose_groups_share_no_one_cannot_be_asked_for_together() -> None:
    world = World(rules=rules_for_two(("group:Payments approvers",), ("group:Team leads",)))
    world.groups.add(PAYMENTS, in_directory(ADA))
    world.groups.add(LEADS, in_directory(CY))

    with pytest.raises(NobodyApprovesAll):
        await Replica(world).ask(secrets=(SECRET, OTHER_SECRET))


async def test_a_member_answers_an_extension_and_sees_and_ends_access() -> None:
    world = a_world(ADA, BO, notify_members=1)
    replica = await asked(world)
    await replica.approve(ADA)
    await replica.settle()
    await replica.extensions.ask(DANA, "req-one", HOUR, "a wish")
    await replica.settle()

    question = [key for key in world.message_sender.posted() if key.startswith(CHANNEL_CARD)][-1]
    assert question.startswith(f"{CHANNEL_CARD}-")
    assert await waiting_for(replica, BO) == ["req-one"]
    with pytest.raises(NotAnApprover):
        await replica.extensions.allow(EVE, "req-one", "a wish")
    await replica.extensions.allow(BO, "req-one", "a wish")
    with pytest.raises(NothingToSee):
        await replica.endings.end(EVE, "req-one")
    assert (await replica.endings.find_visible(BO, "req-one")).id == "req-one"
    assert (await replica.endings.end(BO, "req-one")).ended_by == BO


async def test_the_requester_ends_access_during_an_outage() -> None:
    before = await asked(a_world(ADA))
    await before.approve(ADA)
    await before.settle()
    before.world.administered_by = ("group:Team leads",)
    replica = Replica(before.world)
    outage(before.world)

    assert (await replica.endings.end(DANA, "req-one")).ended_by == DANA


async def test_a_member_reviews_break_glass_access() -> None:
    world = a_world(ADA, BO, break_glass=(email_of(DANA),), notify_members=1)
    replica = Replica(world)
    await replica.access.break_glass(DANA, a_draft(window=None), ())
    await replica.settle()

    with pytest.raises(NotAnApprover):
        await replica.reviews.review(CY, "req-one", "fine")
    reviewed = await replica.reviews.review(BO, "req-one", "fine")

    assert reviewed.review is not None
    assert reviewed.review.approver == BO


async def test_members_of_a_group_are_admins_and_nobody_in_an_outage() -> None:
    world = a_world(ADA)
    world.administered_by = ("group:Payments approvers",)
    admins = Replica(world).core.admins

    assert await admins.includes(ADA)
    assert not await admins.includes(BO)
    assert [one.name for one in await admins.all()] == [ADA.name]
    outage(world)
    with pytest.raises(DirectoryUnavailable):
        await Replica(world).core.admins.includes(ADA)


async def test_admins_of_a_large_group_are_told_up_to_the_limit() -> None:
    world = a_world(ADA, notify_members=4)
    fill(world, PAYMENTS, 500)
    world.administered_by = ("group:Payments approvers",)

    assert len(await Replica(world).core.admins.all()) == 4


async def test_whoever_asks_takes_no_place_among_the_admins_who_are_told() -> None:
    world = a_world(ADA, BO, CY, notify_members=1)
    world.administered_by = ("group:Payments approvers",)

    told = await Replica(world).core.admins.all(besides=ADA.object_id)

    assert told == (in_directory(BO),)


async def test_a_member_of_a_large_group_who_has_to_approve_again_is_asked_in_the_channel() -> None:
    rules: dict[str, Any] = {"min_approvals": 2, "notify_members": 1}
    replica = await asked(a_world(ADA, BO, CY, **rules))
    await replica.approve(ADA)
    await replica.settle()
    group = ("group:Payments approvers",)
    confirmed = policies(approvers=group, step_up=StepUpRule(required=True), **rules)
    replica.world.policies.adopt(confirmed)

    await replica.following.follow()
    await replica.settle()

    number = (await replica.event_kinds()).index("approvers_changed") + 1
    assert f"{CHANNEL_CARD}-{number:06d}" in replica.world.message_sender.posted()
