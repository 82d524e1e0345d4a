"""What isn't allowed any more: who waits for it hears that, and nobody is asked to approve it."""

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta

import pytest

from domain.access.request import RequestState
from domain.people import Group
from domain.refusals.decisions import (
    NoLongerAllowed,
    NoLongerRequestable,
    NotAnApprover,
    TooFewApprovers,
)
from domain.refusals.refusal import Refusal
from domain.refusals.requests import DurationOutOfBounds
from services.access.requests import RequestLimits
from services.faults import Unavailable
from services.policies import Policies
from tests.support.builders import (
    ADA,
    BO,
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

ONLY_EVE = policies(requesters=(email_of(EVE),), longest=4 * HOUR)


def _rules_changed(world: World) -> None:
    world.policies.adopt(ONLY_EVE)


def _secret_closed(world: World) -> None:
    world.policies.adopt(policies("another-secret"))


def _requester_left(world: World) -> None:
    world.people.disable(in_directory(DANA))


CAUSES = {
    "not_allowed_today": _rules_changed,
    "not_requestable_today": _secret_closed,
    "requester_gone": _requester_left,
}


async def asked(remind_after: float = 60) -> Replica:
    replica = Replica(World(rules=policies(remind_after=remind_after * MINUTE)))
    await replica.ask()
    await replica.settle()
    return replica


def told(replica: Replica) -> list[str]:
    return replica.world.message_sender.sent_to(DANA.object_id)


@pytest.mark.parametrize(("why", "cause"), CAUSES.items(), ids=CAUSES)
async def test_the_requester_hears_that_an_approver_could_not_approve_it(
    why: str, cause: Callable[[World], None]
) -> None:
    replica = await asked()
    cause(replica.world)

    with pytest.raises(Refusal):
        await replica.approve(ADA)
    await replica.settle()

    noted = (await replica.events())[-1]
    assert (noted.kind, noted.actor, noted.facts["reason"]) == ("not_allowed_now", ADA, why)
    assert told(replica) == ["not_allowed_now"]
    assert replica.world.message_sender.audited()[-1] == "not_allowed_now"
    assert (await replica.request()).state is RequestState.PENDING


async def test_the_requester_hears_it_once_however_often_approvers_try() -> None:
    replica = await asked()
    _rules_changed(replica.world)

    for approver in (ADA, ADA, BO):
        with pytest.raises(NoLongerAllowed):
            await replica.approve(approver)
    await replica.settle()

    assert told(replica) == ["not_allowed_now"]


async def test_someone_who_is_no_approver_finds_nothing_out() -> None:
    replica = await asked()
    _rules_changed(replica.world)

    with pytest.raises(NotAnApprover):
        await replica.approve(EVE)

    assert await replica.event_kinds() == ["requested"]


async def test_a_denial_is_no_attempt_to_approve() -> None:
    replica = await asked()
    _rules_changed(replica.world)

    await replica.deny(ADA)

    assert await replica.event_kinds() == ["requested", "denied"]


@pytest.mark.parametrize(("why", "cause"), CAUSES.items(), ids=CAUSES)
async def test_approvers_are_not_reminded_of_what_they_cannot_approve_and_the_requester_hears_it(
    why: str, cause: Callable[[World], None]
) -> None:
    replica = await asked()
    cause(replica.world)

    await replica.pass_time(2 * HOUR)

    noted = (await replica.events())[-1]
    assert (noted.kind, noted.actor, noted.facts["reason"]) == ("not_allowed_now", None, why)
    assert (await replica.event_kinds()).count("not_allowed_now") == 1
    assert told(replica) == ["not_allowed_now"]
    assert "reminded" not in replica.world.message_sender.sent_to(ADA.object_id)


async def test_a_requester_who_asks_for_a_reminder_hears_why_no_one_can_approve_it() -> None:
    replica = await asked()
    _rules_changed(replica.world)

    with refusing(NoLongerAllowed, saying=DANA.name):
        await replica.reminders.remind(DANA, "req-one", "")

    assert await replica.event_kinds() == ["requested"]


async def test_it_can_be_approved_once_the_rules_allow_it_again() -> None:
    replica = await asked()
    _rules_changed(replica.world)
    await replica.pass_time(2 * HOUR)

    replica.world.policies.adopt(policies())

    assert (await replica.approve(ADA)).state is RequestState.GRANTING


async def test_an_outage_of_the_directory_keeps_no_approver_from_being_reminded() -> None:
    replica = await asked()
    fault = Unavailable("Microsoft Graph", "503", outcome_unknown=False)
    replica.world.people.faults.order("find", fault, times=1_000)

    await replica.pass_time(2 * HOUR)

    assert await replica.event_kinds() == ["requested", "reminded"]


async def test_the_approver_is_refused_even_if_that_cannot_be_recorded(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    replica = await asked()
    _rules_changed(replica.world)

    async def away(*_: object) -> None:
        raise Unavailable("Table Storage", "503", outcome_unknown=False)

    monkeypatch.setattr(replica.engine, "record", away)

    with pytest.raises(NoLongerAllowed):
        await replica.approve(ADA)


async def test_who_waits_for_more_time_hears_that_an_approver_could_not_approve_it() -> None:
    replica = Replica(World(rules=policies(longest=4 * HOUR)))
    await replica.give()
    await replica.extensions.ask(DANA, "req-one", HOUR, "wish")
    _rules_changed(replica.world)

    for approver in (ADA, BO):
        with pytest.raises(NoLongerAllowed):
            await replica.extensions.allow(approver, "req-one", "wish")
    await replica.settle()

    noted = (await replica.events())[-1]
    assert (noted.kind, noted.facts["by"]) == ("not_allowed_now", HOUR.total_seconds())
    assert told(replica)[-1] == "not_allowed_now"
    assert (await replica.event_kinds()).count("not_allowed_now") == 1


async def test_people_hear_it_again_of_more_time_that_is_asked_for_later() -> None:
    replica = Replica(World(rules=policies(longest=4 * HOUR)))
    await replica.ask()
    _rules_changed(replica.world)
    with pytest.raises(NoLongerAllowed):
        await replica.approve(ADA)
    replica.world.policies.adopt(policies(longest=4 * HOUR))
    await replica.approve(ADA)
    await replica.settle()
    await replica.extensions.ask(DANA, "req-one", HOUR, "wish")

    _rules_changed(replica.world)
    with pytest.raises(NoLongerAllowed):
        await replica.extensions.allow(ADA, "req-one", "wish")

    assert (await replica.event_kinds()).count("not_allowed_now") == 2


async def change_rules(replica: Replica, rules: Policies) -> None:
    replica.world.policies.adopt(rules)
    await replica.following.follow()
    await replica.settle()


async def planned(*, window: timedelta = HOUR) -> Replica:
    """Let Dana's access be approved for a start in five hours."""
    replica = Replica(World(rules=policies(longest=4 * HOUR)))
    await replica.ask(window=window, starts_at=replica.clock() + 5 * HOUR)
    await replica.approve()
    await replica.settle()
    return replica


async def test_the_requester_hears_at_once_that_new_rules_do_not_allow_what_is_pending() -> None:
    replica = await asked()

    for _ in range(3):
        await change_rules(replica, ONLY_EVE)

    assert await replica.event_kinds() == ["requested", "not_allowed_now"]
    assert told(replica) == ["not_allowed_now"]


async def test_rules_that_still_allow_it_tell_nobody_anything() -> None:
    replica = await asked()

    await change_rules(replica, policies(requesters=(email_of(DANA),)))

    assert await replica.event_kinds() == ["requested"]


async def test_while_nobody_can_say_which_rules_are_accepted_none_of_them_is_compared() -> None:
    replica = await asked()
    known = replica.world.policies.in_force

    replica.world.policies.put_in_force(replace(known, rules=(), stand_in=True))
    await replica.following.follow()
    with pytest.raises(NoLongerRequestable):
        await replica.approve()
    await replica.pass_time(2 * HOUR)

    assert await replica.event_kinds() == ["requested", "reminded"]


@pytest.mark.parametrize(
    ("rules", "why"),
    [
        (ONLY_EVE, "not_allowed_today"),
        (policies("another-secret"), "not_requestable_today"),
        (policies(longest=HOUR), "duration_out_of_bounds"),
    ],
    ids=["another requester", "secret closed", "shorter access only"],
)
async def test_who_has_a_start_planned_hears_at_once_that_it_is_not_allowed_any_more(
    rules: Policies, why: str
) -> None:
    replica = await planned(window=2 * HOUR)

    await change_rules(replica, rules)
    await change_rules(replica, rules)

    assert told(replica) == ["scheduled", "not_allowed_now"]
    assert (await replica.events())[-1].facts["reason"] == why
    assert (await replica.request()).state is RequestState.SCHEDULED


async def test_a_planned_start_takes_place_if_the_rules_allow_it_again_by_then() -> None:
    replica = await planned()
    await change_rules(replica, ONLY_EVE)
    await change_rules(replica, policies(longest=4 * HOUR))

    await replica.pass_time(5 * HOUR + MINUTE)

    assert (await replica.request()).state is RequestState.ACTIVE


async def test_a_start_is_not_planned_for_longer_access_than_there_may_be() -> None:
    replica = Replica(World(rules=policies(longest=4 * HOUR)))
    await replica.ask(window=4 * HOUR, starts_at=replica.clock() + 5 * HOUR)
    await change_rules(replica, policies(longest=2 * HOUR))

    with pytest.raises(DurationOutOfBounds):
        await replica.approve()
    less = RequestLimits(2 * HOUR, given=True, narrowed=False)
    await replica.access.approve(ADA, "req-one", less)
    await replica.pass_time(6 * HOUR)

    assert (await replica.request()).state is RequestState.ACTIVE


async def test_break_glass_access_that_waits_for_its_review_only_is_not_compared() -> None:
    replica = Replica(World(rules=policies(break_glass=(email_of(DANA),))))
    await replica.access.break_glass(DANA, a_draft(window=HOUR / 2), ())
    await replica.settle()

    await change_rules(replica, ONLY_EVE)

    assert "not_allowed_now" not in await replica.event_kinds()


BY_BOTH = (email_of(ADA), email_of(BO))


async def test_the_requester_hears_that_too_few_approvers_are_left() -> None:
    replica = Replica(World(rules=policies(approvers=BY_BOTH, min_approvals=2, longest=4 * HOUR)))
    await replica.ask()
    replica.world.people.disable(in_directory(BO))
    replica.clock.advance(minutes=15)

    await replica.following.follow()
    await replica.settle()
    with refusing(TooFewApprovers, saying="too few people"):
        await replica.reminders.remind(DANA, "req-one", "")

    assert told(replica) == ["not_allowed_now"]
    assert (await replica.approve(ADA)).approvals[0].approver == ADA


async def test_there_are_not_too_few_approvers_if_more_will_be_asked_later() -> None:
    rules = {"escalate_after": 2 * HOUR, "escalation": (email_of(EVE),)}
    replica = Replica(World(rules=policies(approvers=BY_BOTH, min_approvals=2, **rules)))
    await replica.ask()
    replica.world.people.disable(in_directory(BO))
    replica.clock.advance(minutes=15)

    await replica.following.follow()

    assert "not_allowed_now" not in await replica.event_kinds()


async def test_a_group_may_have_enough_approvers() -> None:
    world = World(rules=policies(approvers=("group:Payments",), min_approvals=2, notify_members=0))
    world.groups.add(Group("group-payments", "Payments"), in_directory(ADA), in_directory(BO))
    replica = Replica(world)
    await replica.ask()

    await replica.following.follow()

    assert "not_allowed_now" not in await replica.event_kinds()
