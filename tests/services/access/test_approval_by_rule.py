"""Approval by rule, under outages, races and the rules that apply to every request."""

import asyncio
from dataclasses import replace
from typing import Any

import pytest

from domain.access.request import RequestState
from domain.access.rules.auto_approval import AutoApproval
from domain.people import Group
from domain.refusals.decisions import NoLongerPending
from domain.refusals.requests import MayNotAsk, NobodyCanApprove, TooManyRequests
from domain.refusals.secrets import CouldNotEnd
from services.faults import Unavailable
from tests.support.builders import (
    ADA,
    DANA,
    EVE,
    HOUR,
    MINUTE,
    OTHER_SECRET,
    SECRET,
    VAULT,
    email_of,
    in_directory,
    policies,
)
from tests.support.replica import Replica, World, a_draft

RULE = AutoApproval(table="*", requesters=(email_of(DANA),), longest=HOUR)
BY_RULE = ["requested", "approved_by_rule", "granted"]


def a_world(**changes: Any) -> World:
    """Build a world with a rule that approves Dana's requests for up to an hour."""
    return World(rules=policies(**({"auto_approve": RULE} | changes)))


async def test_it_is_granted_with_one_stored_change_and_no_approver_gets_a_message() -> None:
    replica = Replica(a_world())

    stored = await replica.ask()
    before = await replica.event_kinds()
    await replica.settle()

    assert stored.state is RequestState.GRANTING
    assert before == ["requested", "approved_by_rule"]
    assert await replica.event_kinds() == BY_RULE
    assert replica.world.message_sender.sent_to(ADA.object_id) == []
    assert set(replica.world.message_sender.audited()) == set(BY_RULE)


async def test_no_person_is_recorded_as_having_approved_it() -> None:
    replica = Replica(a_world())
    request = await replica.ask()
    _, approved = await replica.events()

    assert request.approvals == ()
    assert approved.actor is None
    assert approved.facts == {"rule": "*", "conditions": "requesters, max = 1h"}


async def test_the_same_submission_twice_at_once_is_one_request() -> None:
    replica = Replica(a_world())

    first, second = await asyncio.gather(replica.ask(), replica.ask())
    await replica.settle()

    assert first == second
    assert await replica.event_kinds() == BY_RULE


async def test_a_message_after_the_rule_is_gone_returns_the_granted_request() -> None:
    world = a_world()
    replica = Replica(world)
    await replica.ask()
    await replica.settle()
    world.policies.adopt(policies())

    again = await replica.ask()

    assert again.approved_by_rule
    assert await replica.event_kinds() == BY_RULE


async def test_an_approver_is_told_that_it_needs_no_decision() -> None:
    replica = Replica(a_world())
    await replica.ask()

    with pytest.raises(NoLongerPending):
        await replica.approve(ADA)


@pytest.mark.parametrize("named_by", [email_of(DANA), DANA.object_id])
async def test_during_an_outage_of_the_directory_approvers_decide(named_by: str) -> None:
    world = a_world(auto_approve=replace(RULE, requesters=(named_by,)), approvers=(ADA.object_id,))
    replica = Replica(world)
    world.people.faults.order("find", Unavailable("Microsoft Graph", "503"), times=1_000)

    request = await replica.ask()

    assert request.state is RequestState.PENDING
    assert request.approved_by_rule is None


async def test_an_answer_from_a_minute_ago_is_not_enough() -> None:
    world = a_world()
    replica = Replica(world)
    await replica.access.offer(DANA, a_draft("req-other"))
    world.people.disable(in_directory(DANA))

    request = await replica.ask()

    assert request.state is RequestState.PENDING


async def test_a_guest_is_left_to_the_approvers() -> None:
    world = a_world(guests=True)
    world.people.remove(in_directory(DANA))
    world.people.add(replace(in_directory(DANA), guest=True))

    request = await Replica(world).ask()

    assert request.state is RequestState.PENDING


DEVELOPERS = Group("33333333-0000-4000-8000-00000000dddd", "Developers")
FOR_DEVELOPERS = replace(RULE, requesters=("group:Developers",))


async def test_members_of_a_group_that_the_rule_names_are_approved() -> None:
    world = a_world(auto_approve=FOR_DEVELOPERS)
    world.groups.add(DEVELOPERS, in_directory(DANA))
    replica = Replica(world)

    member = await replica.ask()
    other = await replica.ask(EVE, request_id="req-two")

    assert member.approved_by_rule
    assert other.state is RequestState.PENDING


async def test_while_groups_cannot_be_checked_approvers_decide() -> None:
    world = a_world(auto_approve=FOR_DEVELOPERS)
    world.groups.add(DEVELOPERS, in_directory(DANA))
    down = Unavailable("Microsoft Graph", "503")
    world.groups.faults.order("memberships", down, times=1_000)

    request = await Replica(world).ask()

    assert request.state is RequestState.PENDING


async def test_several_secrets_need_a_rule_each() -> None:
    world = a_world()
    first, second = world.policies.rules
    other = replace(RULE, table="app-*", longest=30 * MINUTE)
    assert second.access
    policy = replace(second.access, auto_approve=other)
    world.policies.put_in_force(
        replace(world.policies.in_force, rules=(first, replace(second, access=policy)))
    )
    replica = Replica(world)

    longer = await replica.ask(request_id="req-long", secrets=(SECRET, OTHER_SECRET))
    both = await replica.ask(secrets=(SECRET, OTHER_SECRET), window=30 * MINUTE)
    _, approved = await replica.events(both.id)

    assert longer.state is RequestState.PENDING
    assert both.approved_by_rule
    assert both.approved_by_rule.tables == ("*", "app-*")
    assert both.approved_by_rule.longest == 30 * MINUTE
    assert approved.facts == {
        "rule": "*, app-*",
        "conditions": "requesters, max = 1h; requesters, max = 30m",
    }


async def test_what_refuses_a_request_refuses_one_that_a_rule_would_approve() -> None:
    world = a_world()
    world.controls.lock(VAULT.resource_id)
    with pytest.raises(CouldNotEnd):
        await Replica(world).ask()
    with pytest.raises(MayNotAsk):
        await Replica(a_world(requesters=(email_of(EVE),))).ask()
    with pytest.raises(NobodyCanApprove):
        await Replica(a_world(approvers=(email_of(DANA),))).ask()


async def test_requests_approved_by_rule_count_against_the_rate_limit() -> None:
    replica = Replica(a_world(requests_per_hour=1))
    await replica.ask()

    with pytest.raises(TooManyRequests):
        await replica.ask(request_id="req-two")


async def test_someone_who_left_before_the_grant_gets_nothing() -> None:
    world = a_world()
    replica = Replica(world)
    await replica.ask()
    world.people.disable(in_directory(DANA))
    await replica.settle()

    assert world.assignments.all() == []
    assert (await replica.request()).state is RequestState.FAILED


async def test_a_secret_that_now_needs_two_approvals_is_not_approved_by_its_old_rule() -> None:
    replica = Replica(a_world(min_approvals=2))

    assert (await replica.ask()).state is RequestState.PENDING


async def test_freely_given_time_beyond_the_rule_goes_to_the_approvers() -> None:
    world = a_world(extend_freely=True, longest=4 * HOUR)
    replica = Replica(world)
    await replica.ask(window=30 * MINUTE)
    await replica.settle()

    await replica.extensions.ask(DANA, "req-one", 30 * MINUTE, "within")
    within = await replica.request()
    await replica.extensions.ask(DANA, "req-one", MINUTE, "beyond")
    beyond = await replica.request()

    assert within.extension is None
    assert within.granted.granted_at
    assert within.granted.expires_at == within.granted.granted_at + HOUR
    assert beyond.extension
    assert beyond.granted == within.granted
