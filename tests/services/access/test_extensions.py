"""Extensions of active access: how many must approve, and how often they can be requested."""

import asyncio
from datetime import timedelta
from typing import Any

import pytest

from cards.access.event_card import audit_card
from cards.access.window_card import approver_card
from domain.access.request import Request
from domain.access.rules.step_up_rule import StepUpRule
from domain.people import Actor
from domain.policies.rule import Rule
from domain.refusals.decisions import NoLongerAllowed
from domain.refusals.extensions import ExtensionDecided, ExtensionTooLong, TooLateToExtend
from domain.refusals.requests import OfSeveral, TooManyRequests
from domain.refusals.secrets import NotRequestable
from domain.workflow import Event
from services.access.requests import RequestLimits
from services.faults import Unavailable
from services.policies import Policies
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
    policies,
)
from tests.support.clock import NINE
from tests.support.refusing import refusing
from tests.support.replica import Replica, World, a_draft

OF_TWO = policies(
    approvers=tuple(email_of(one) for one in (ADA, BO, CY)), min_approvals=2, longest=4 * HOUR
)


async def given_by_two() -> Replica:
    """Give Dana an hour; both the grant and an extension need two approvals."""
    replica = Replica(World(rules=OF_TWO))
    await replica.give()
    await replica.approve(BO)
    await replica.settle()
    return replica


async def extension_request(replica: Replica, said: str = "wish", by: timedelta = HOUR) -> Request:
    return await replica.extensions.ask(DANA, "req-one", by, said)


async def end_of(replica: Replica) -> timedelta | None:
    """Return how long after its start access ends."""
    expires_at = (await replica.request()).granted.expires_at
    return expires_at - NINE if expires_at else None


async def test_the_first_approval_is_recorded_and_the_last_one_extends() -> None:
    replica = await given_by_two()
    await extension_request(replica)

    await replica.extensions.allow(ADA, "req-one", "wish")
    between = await end_of(replica)
    await replica.extensions.allow(BO, "req-one", "wish")

    assert (between, await end_of(replica)) == (HOUR, 2 * HOUR)
    assert (await replica.event_kinds())[-3:] == [
        "extension_asked",
        "extension_allowed",
        "extended",
    ]


async def test_the_grantee_gets_the_decision_and_the_audit_channel_every_approval() -> None:
    replica = await given_by_two()
    await extension_request(replica)

    await replica.extensions.allow(ADA, "req-one", "wish")
    await replica.settle()
    told = replica.world.message_sender.sent_to(DANA.object_id)
    audited = replica.world.message_sender.audited()
    await replica.extensions.allow(BO, "req-one", "wish")
    await replica.settle()

    assert told == ["granted"]
    assert audited[-1] == "extension_allowed"
    assert replica.world.message_sender.sent_to(DANA.object_id) == ["granted", "extended"]


async def test_an_extension_approved_by_one_of_two_only_waits_for_the_others() -> None:
    replica = await given_by_two()
    await extension_request(replica)

    await replica.extensions.allow(ADA, "req-one", "wish")

    waiting = {who: await replica.listings.to_decide(who, 10) for who in (ADA, BO, CY)}
    assert [who for who, listing in waiting.items() if listing.requests] == [BO, CY]


async def test_two_simultaneous_approvals_both_count() -> None:
    replica = await given_by_two()
    await extension_request(replica)

    await asyncio.gather(*(replica.extensions.allow(who, "req-one", "wish") for who in (ADA, BO)))

    assert await end_of(replica) == 2 * HOUR
    assert (await replica.event_kinds())[-2:] == ["extension_allowed", "extended"]


@pytest.mark.parametrize("so_far", [(ADA,), (ADA, BO)])
async def test_a_repeated_approval_counts_once(so_far: tuple[Actor, ...]) -> None:
    replica = await given_by_two()
    await extension_request(replica)
    for who in so_far:
        await replica.extensions.allow(who, "req-one", "wish")
    before = await replica.snapshot()

    again = await replica.extensions.allow(ADA, "req-one", "wish")

    assert again == before.stored.head == (await replica.snapshot()).stored.head
    assert (await replica.snapshot()).hashes == before.hashes


async def test_someone_who_approved_it_can_deny_it_before_the_others_have_approved() -> None:
    replica = await given_by_two()
    await extension_request(replica)
    before = (await replica.extensions.allow(ADA, "req-one", "wish")).granted.expires_at

    request = await replica.extensions.refuse(ADA, "req-one", "wish")

    assert request.extension is None
    assert request.granted.expires_at == before
    assert (await replica.event_kinds())[-1] == "extension_denied"


async def test_a_late_repeated_approval_does_not_bring_back_what_its_approver_denied() -> None:
    replica = await given_by_two()
    await extension_request(replica)
    await replica.extensions.allow(ADA, "req-one", "wish")
    denied = await replica.extensions.refuse(ADA, "req-one", "wish")

    assert await replica.extensions.allow(ADA, "req-one", "wish") == denied


async def test_one_denial_ends_an_extension_request_that_another_approved() -> None:
    replica = await given_by_two()
    await extension_request(replica)
    await replica.extensions.allow(ADA, "req-one", "wish")
    await replica.extensions.refuse(BO, "req-one", "wish")

    with pytest.raises(ExtensionDecided):
        await replica.extensions.allow(CY, "req-one", "wish")
    assert await end_of(replica) == HOUR
    assert (await replica.event_kinds())[-1] == "extension_denied"


async def test_a_message_that_comes_again_after_its_denial_asks_for_nothing() -> None:
    replica = Replica(World())
    await replica.give()
    await replica.extensions.ask(DANA, "req-one", 10 * MINUTE, "message", asks_once=True)
    denied = await replica.extensions.refuse(ADA, "req-one", "message")

    again = await replica.extensions.ask(DANA, "req-one", 10 * MINUTE, "message", asks_once=True)

    assert again == denied
    assert (await replica.event_kinds())[-1] == "extension_denied"


async def test_extension_requests_with_the_same_id_can_be_denied_each_time() -> None:
    replica = await given_by_two()
    for _ in range(2):
        replica.clock.advance(minutes=1)
        await extension_request(replica)
        await replica.extensions.refuse(ADA, "req-one", "wish")

    assert (await replica.request()).extension is None
    assert (await replica.event_kinds()).count("extension_denied") == 2


async def test_access_ends_in_time_without_the_second_approval() -> None:
    replica = await given_by_two()
    await extension_request(replica)
    await replica.extensions.allow(ADA, "req-one", "wish")

    await replica.pass_time(HOUR)

    assert replica.world.assignments.all() == []
    with pytest.raises(ExtensionDecided):
        await replica.extensions.allow(BO, "req-one", "wish")


async def test_if_the_policy_waives_approval_no_one_has_to_approve() -> None:
    world = World(rules=policies(extend_freely=True, longest=4 * HOUR))
    replica = Replica(world)
    await replica.give()

    await extension_request(replica)

    assert await end_of(replica) == 2 * HOUR


async def given_freely(rules: Policies, **draft: Any) -> Replica:
    """Give Dana an hour that can be extended freely, and change the rules then."""
    free = policies(extend_freely=True, on_behalf=(email_of(DANA),), longest=4 * HOUR)
    replica = Replica(World(rules=free))
    await replica.give(**draft)
    replica.world.policies.adopt(rules)
    return replica


STRICTER = {
    "approval": policies(longest=4 * HOUR),
    "a lower cap": policies(extend_freely=True, longest=HOUR + MINUTE),
}


@pytest.mark.parametrize("change", STRICTER)
async def test_approvers_decide_about_more_time_that_todays_rules_do_not_give_freely(
    change: str,
) -> None:
    replica = await given_freely(STRICTER[change])

    await extension_request(replica)

    assert await end_of(replica) == HOUR
    assert (await replica.event_kinds())[-1] == "extension_asked"
    await replica.extensions.allow(ADA, "req-one", "wish")
    assert await end_of(replica) == 2 * HOUR


async def test_no_more_time_is_given_freely_once_the_secret_cannot_be_requested() -> None:
    replica = await given_freely(policies(OTHER_SECRET, extend_freely=True))

    with pytest.raises(NotRequestable, match=SECRET):
        await extension_request(replica)

    assert await end_of(replica) == HOUR


async def test_more_time_is_refused_like_a_request_once_the_secret_cannot_be_requested() -> None:
    replica = Replica(World(rules=policies(longest=4 * HOUR)))
    await replica.give()
    replica.world.policies.adopt(policies(OTHER_SECRET))

    with pytest.raises(NotRequestable, match=SECRET):
        await replica.extensions.extendable(DANA, "req-one")
    with pytest.raises(NotRequestable, match=SECRET):
        await extension_request(replica)

    assert (await replica.request()).extension is None


async def test_of_several_secrets_more_time_is_refused_because_of_those_not_requestable() -> None:
    free = a_policy(extend_freely=True)
    rules = Policies(free, (Rule(SECRET, free),))
    replica = await given_freely(rules, secrets=(SECRET, OTHER_SECRET))

    with refusing(OfSeveral, saying=f"Nothing was requested because of {OTHER_SECRET}."):
        await extension_request(replica)


async def test_of_several_secrets_one_that_needs_approval_now_is_enough_for_it() -> None:
    free, strict = a_policy(extend_freely=True), a_policy(secret=OTHER_SECRET)
    rules = Policies(free, (Rule(SECRET, free), Rule(OTHER_SECRET, strict)))
    replica = await given_freely(rules, secrets=(SECRET, OTHER_SECRET))

    await extension_request(replica)

    assert (await replica.request()).extension is not None


@pytest.mark.parametrize("free", [True, False])
async def test_a_person_who_may_not_request_the_secret_any_more_gets_no_more_time(
    free: bool,
) -> None:
    others = policies(extend_freely=free, requesters=(email_of(EVE),), longest=4 * HOUR)
    replica = await given_freely(others)

    with refusing(NoLongerAllowed, saying=DANA.name):
        await replica.extensions.extendable(DANA, "req-one")
    with refusing(NoLongerAllowed, saying=DANA.name):
        await extension_request(replica)

    assert await end_of(replica) == HOUR
    assert (await replica.request()).extension is None


async def test_more_time_that_was_asked_for_is_refused_to_one_who_may_not_ask_any_more() -> None:
    replica = await given_freely(policies(longest=4 * HOUR))
    await extension_request(replica)
    replica.world.policies.adopt(policies(requesters=(email_of(EVE),), longest=4 * HOUR))

    with refusing(NoLongerAllowed, saying=DANA.name):
        await replica.extensions.allow(ADA, "req-one", "wish")
    await replica.extensions.refuse(ADA, "req-one", "wish")

    assert await end_of(replica) == HOUR
    assert (await replica.event_kinds())[-1] == "extension_denied"


async def test_who_may_no_longer_ask_for_others_gets_them_no_more_time() -> None:
    replica = await given_freely(policies(extend_freely=True), for_whom=email_of(EVE))

    with refusing(NoLongerAllowed, saying=f"for {EVE.name}"):
        await extension_request(replica)


async def test_break_glass_access_gets_more_time_while_its_person_may_take_it() -> None:
    in_haste: dict[str, Any] = {"requesters": (email_of(EVE),), "break_glass_longest": 4 * HOUR}
    replica = Replica(World(rules=policies(break_glass=(email_of(DANA),), **in_haste)))
    await replica.access.break_glass(DANA, a_draft(), ())
    await replica.settle()
    await extension_request(replica)

    replica.world.policies.adopt(policies(break_glass=(email_of(EVE),), **in_haste))
    with refusing(NoLongerAllowed, saying=DANA.name):
        await replica.extensions.allow(ADA, "req-one", "wish")
    replica.world.policies.adopt(policies(break_glass=(email_of(DANA),), **in_haste))
    await replica.extensions.allow(ADA, "req-one", "wish")

    assert await end_of(replica) == 2 * HOUR


async def test_approvers_decide_while_it_is_not_known_who_may_ask() -> None:
    replica = await given_freely(policies(extend_freely=True, requesters=("group:Payments",)))
    replica.world.groups.faults.order("find", Unavailable("Microsoft Graph", "503"), times=100)

    await extension_request(replica)

    assert (await replica.request()).extension is not None


async def test_rules_that_become_looser_give_no_time_freely_to_earlier_access() -> None:
    replica = Replica(World(rules=policies(longest=4 * HOUR)))
    await replica.give()
    replica.world.policies.adopt(policies(extend_freely=True))

    await extension_request(replica)

    assert await end_of(replica) == HOUR


async def given_to_somebody_in_haste(*, most: int, extend_freely: bool = False) -> Replica:
    """Give Dana an hour under a rate limit; this request counts as one."""
    rules = policies(requests_per_hour=most, extend_freely=extend_freely, longest=4 * HOUR)
    replica = Replica(World(rules=rules))
    await replica.give()
    return replica


async def be_refused(replica: Replica, said: str) -> None:
    await extension_request(replica, said)
    await replica.extensions.refuse(ADA, "req-one", said)


async def test_someone_who_asks_for_extensions_too_often_must_wait() -> None:
    replica = await given_to_somebody_in_haste(most=3)
    await be_refused(replica, "first")
    await be_refused(replica, "second")
    await replica.settle()
    posted = replica.world.message_sender.posted()

    with refusing(TooManyRequests, saying="ask again after 10:00 UTC"):
        await extension_request(replica, "third")
    await replica.settle()

    assert posted == replica.world.message_sender.posted()
    assert (await replica.request()).extension is None


async def test_extensions_and_requests_count_together() -> None:
    replica = await given_to_somebody_in_haste(most=2)
    await extension_request(replica)

    with pytest.raises(TooManyRequests):
        await replica.ask(request_id="req-two")


async def test_the_same_extension_request_counts_each_time_it_goes_to_the_approvers() -> None:
    replica = await given_to_somebody_in_haste(most=2)
    await be_refused(replica, "wish")

    with pytest.raises(TooManyRequests):
        await extension_request(replica, "wish")


async def test_a_repeated_extension_request_counts_once() -> None:
    replica = await given_to_somebody_in_haste(most=3)
    await extension_request(replica)
    await extension_request(replica)
    await replica.extensions.allow(ADA, "req-one", "wish")

    await extension_request(replica, "another")

    assert (await replica.event_kinds())[-1] == "extension_asked"


async def test_an_extension_request_that_is_too_long_does_not_count() -> None:
    replica = await given_to_somebody_in_haste(most=2)
    with pytest.raises(ExtensionTooLong):
        await extension_request(replica, by=9 * HOUR)

    await extension_request(replica)

    assert (await replica.event_kinds())[-1] == "extension_asked"


async def test_an_extension_that_needs_no_approval_counts_too() -> None:
    replica = await given_to_somebody_in_haste(most=2, extend_freely=True)
    await extension_request(replica, "first", 10 * MINUTE)

    with pytest.raises(TooManyRequests):
        await extension_request(replica, "second", 10 * MINUTE)
    assert await end_of(replica) == HOUR + 10 * MINUTE


async def test_access_past_its_end_cannot_be_extended_even_if_no_worker_ended_it() -> None:
    replica = Replica(World())
    await replica.give()
    await extension_request(replica)
    await replica.settle()
    replica.clock.advance(HOUR + 45 * MINUTE)  # no worker for 45 minutes after the end

    with refusing(TooLateToExtend, saying="ended on 2 Mar 2026, 10:00 UTC"):
        await replica.extensions.allow(ADA, "req-one", "wish")
    with pytest.raises(TooLateToExtend):
        await replica.extensions.ask(DANA, "req-one", HOUR, "another wish")

    assert await end_of(replica) == HOUR


async def allowed_by_one_of_two(*approvers: Actor, **changes: Any) -> Replica:
    """Let Ada allow an hour more, which needs two; return after the rules have changed."""
    two = {"approvers": tuple(email_of(one) for one in (ADA, BO, CY)), "min_approvals": 2}
    replica = Replica(World(rules=policies(**two)))
    await replica.ask()
    await replica.approve(ADA)
    await replica.approve(BO)
    await replica.settle()
    await extension_request(replica)
    await replica.extensions.allow(ADA, "req-one", "wish")
    await replica.settle()
    still = {"approvers": tuple(email_of(one) for one in approvers)} if approvers else {}
    replica.world.policies.adopt(policies(**(two | still | changes)))
    return replica


async def follow(replica: Replica) -> tuple[list[str], Event, int]:
    """Follow the rules; return the keys of what is posted, and the event with its number."""
    before = len(replica.world.message_sender.posted())
    await replica.following.follow()
    await replica.settle()
    number = (await replica.event_kinds()).index("approvers_changed") + 1
    event = (await replica.events())[number - 1]
    return replica.world.message_sender.posted()[before:], event, number


async def test_an_approver_whose_approval_of_more_time_stops_counting_is_asked_again_at_once() -> (
    None
):
    replica = await allowed_by_one_of_two(step_up=StepUpRule(required=True))

    posted, event, number = await follow(replica)

    assert [key for key in posted if key.startswith("approver-")] == [
        f"approver-{ADA.object_id}-{number:06d}"
    ]
    assert f"audit-{number:06d}" in posted
    request = await replica.request()
    card = approver_card(request, event)
    words = " ".join(whole_text(card).split())
    assert "The approval of Ada Approver no longer counts." in words
    assert "and 1 hour more is requested." in words
    assert [one["title"] for one in card["actions"]] == ["Allow", "Refuse"]
    assert "the approval of more time by Ada Approver" in whole_text(
        audit_card(request, event, number)
    )


async def test_what_was_asked_again_of_more_time_says_that_it_was_decided() -> None:
    replica = await allowed_by_one_of_two(step_up=StepUpRule(required=True))
    _, event, _ = await follow(replica)

    request = await replica.extensions.refuse(ADA, "req-one", "wish")

    card = approver_card(request, event)
    words = " ".join(whole_text(card).split())
    assert "Extension decided 1 hour more access to demo-api-key" in words
    assert "was requested for Dana Developer" in words
    assert "actions" not in card


async def test_nobody_is_asked_again_about_more_time_if_only_somebody_who_left_had_allowed_it() -> (
    None
):
    replica = await allowed_by_one_of_two(BO, CY)

    posted, event, number = await follow(replica)

    assert [key for key in posted if key.startswith("approver-")] == []
    assert f"audit-{number:06d}" in posted
    assert "the approval of more time by Ada Approver" in whole_text(
        audit_card(await replica.request(), event, number)
    )


async def test_more_time_is_not_allowed_if_access_ends_while_the_directory_is_asked() -> None:
    replica = Replica(World(rules=policies(longest=4 * HOUR)))
    await replica.give()
    await extension_request(replica)
    replica.clock.advance(minutes=59, seconds=59)
    replica.world.people.takes_time = lambda who: replica.clock.advance(
        seconds=1 if who == ADA.object_id else 0
    )

    with pytest.raises(TooLateToExtend):
        await replica.extensions.allow(ADA, "req-one", "wish")

    assert await end_of(replica) == HOUR


async def test_time_that_an_approver_did_not_allow_is_up_to_approvers_again() -> None:
    replica = Replica(World(rules=policies(extend_freely=True, longest=4 * HOUR)))
    await replica.ask(window=3 * HOUR)
    await replica.access.approve(ADA, "req-one", RequestLimits(HOUR, given=True, narrowed=False))
    await replica.settle()

    await extension_request(replica)

    assert (await replica.request()).extension is not None
    assert await end_of(replica) == HOUR
