"""Grants that wait for Azure after their approval: what that relied on has to hold at each try."""

from typing import Any

import pytest

from cards.access.event_card import audit_card, requester_card
from domain.access.request import NO_ROOM, AccessEvent, Request, RequestState
from domain.access.rules.auto_approval import AutoApproval
from domain.access.rules.step_up_rule import StepUpAct, StepUpRule
from domain.people import Actor
from services.faults import LimitReached, NotPermitted, Unavailable
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
    email_of,
    in_directory,
    policies,
)
from tests.support.obstacles import OBSTACLES
from tests.support.refusing import failure_of
from tests.support.replica import Replica, World, a_draft

ACTIVE, GRANTING, FAILED = RequestState.ACTIVE, RequestState.GRANTING, RequestState.FAILED
FULL = LimitReached("Azure", "full", status=400, code=NO_ROOM)
FORBIDDEN = NotPermitted("Azure", "403 AuthorizationFailed", status=403)
DOWN = Unavailable("Microsoft Graph", "503")
ALWAYS = 1_000_000
BREAK_GLASS = {"break_glass": (email_of(DANA),)}
RULE = AutoApproval(table="*", requesters=(email_of(DANA),), longest=HOUR)


def approved_by(*people: Actor, **changes: Any) -> Policies:
    return policies(approvers=tuple(email_of(one) for one in people), **changes)


def make_room(replica: Replica) -> None:
    replica.world.assignments.faults.clear()


async def waiting(rules: Policies | None = None, fault: Any = FULL, **draft: Any) -> Replica:
    """Let Dana's approved request wait for Azure, which creates no assignment."""
    replica = Replica(World(rules=rules))
    replica.world.assignments.faults.order("create", fault, times=ALWAYS)
    await replica.ask(**draft)
    await replica.approve()
    await replica.settle()
    return replica


async def after_room(replica: Replica) -> Request:
    """Make room, and return the request after its next tries."""
    make_room(replica)
    await replica.pass_time(5 * MINUTE)
    return await replica.request()


@pytest.mark.parametrize("obstacle", OBSTACLES)
async def test_what_changed_while_it_waited_for_room_is_noticed_and_nothing_is_granted(
    obstacle: str,
) -> None:
    change, code = OBSTACLES[obstacle]
    replica = await waiting()
    await replica.pass_time(2 * HOUR)
    change(replica.world)

    request = await after_room(replica)

    assert request.state is FAILED
    assert request.failure is not None
    assert code in {request.failure.code, *(part.code for part in request.failure.parts)}
    assert replica.world.assignments.all() == []
    assert await replica.world.leases() == []
    assert await replica.world.queued() == []


async def test_it_ends_within_a_minute_of_the_change_and_not_only_once_there_is_room() -> None:
    replica = await waiting()
    await replica.pass_time(HOUR)
    replica.world.policies.adopt(approved_by(BO))

    await replica.pass_time(MINUTE)

    assert (await replica.request()).state is FAILED
    assert "Ada Approver" in failure_of(await replica.request())
    assert (await replica.event_kinds())[-3:] == ["approvers_changed", "gave_up", "failed"]


async def test_access_that_waited_starts_if_nothing_has_changed() -> None:
    replica = await waiting()
    await replica.pass_time(2 * HOUR)

    request = await after_room(replica)

    assert request.state is ACTIVE
    assert [one.approver for one in request.approvals] == [ADA]


async def test_other_approvers_matter_only_if_too_few_approvals_are_left() -> None:
    replica = await waiting()
    replica.world.policies.adopt(approved_by(ADA, CY))
    await replica.pass_time(HOUR)

    assert (await after_room(replica)).state is ACTIVE


@pytest.mark.parametrize("obstacle", OBSTACLES)
async def test_a_grant_that_is_refused_for_minutes_is_checked_too(obstacle: str) -> None:
    change, _ = OBSTACLES[obstacle]
    replica = await waiting(fault=FORBIDDEN)
    await replica.pass_time(2 * MINUTE)
    change(replica.world)

    request = await after_room(replica)

    assert request.state is FAILED
    assert replica.world.assignments.all() == []


async def test_a_grant_that_no_replica_tried_for_minutes_is_checked_too() -> None:
    replica = Replica(World())
    await replica.ask()
    replica.engine.hand_over()
    await replica.approve()
    replica.clock.advance(5 * MINUTE)
    replica.world.policies.adopt(approved_by(BO))

    other = Replica(replica.world)
    await other.settle()

    assert (await other.request()).state is FAILED
    assert "create" not in replica.world.assignments.calls


async def test_what_cannot_be_checked_is_not_granted_until_it_can_be() -> None:
    replica = await waiting()
    await replica.pass_time(HOUR)
    replica.world.people.faults.order("find", DOWN, times=ALWAYS)
    make_room(replica)
    await replica.pass_time(10 * MINUTE)
    during = await replica.request()
    replica.world.people.faults.clear()
    await replica.pass_time(5 * MINUTE)

    assert during.state is GRANTING
    assert (during.unanswered, during.may_appear_until) == (0, None)
    assert (await replica.request()).state is ACTIVE


async def test_the_patience_for_room_is_four_hours_whatever_else_fails_meanwhile() -> None:
    replica = await waiting()
    give_up_at = (await replica.request()).granted.give_up_at
    await replica.pass_time(2 * HOUR)
    replica.world.people.faults.order("find", DOWN, times=2)
    await replica.pass_time(HOUR)
    request = await replica.request()

    assert request.waits_for_room
    assert request.granted.give_up_at == give_up_at
    assert (await replica.event_kinds()).count(AccessEvent.NO_ROOM_YET) == 1


async def test_break_glass_access_relies_on_no_approver_while_it_waits() -> None:
    replica = await taken()
    replica.world.policies.adopt(approved_by(CY, **BREAK_GLASS))
    await replica.pass_time(HOUR)

    assert (await after_room(replica)).state is ACTIVE


@pytest.mark.parametrize(
    "rules",
    [
        policies(OTHER_SECRET, **BREAK_GLASS),
        policies(break_glass=(email_of(EVE),)),
        policies(step_up=StepUpRule(required=True, acts=(StepUpAct.BREAK_GLASS,)), **BREAK_GLASS),
    ],
    ids=["not requestable", "another person", "to be confirmed"],
)
async def test_break_glass_access_that_the_rules_no_longer_allow_does_not_start(
    rules: Policies,
) -> None:
    replica = await taken()
    await replica.pass_time(HOUR)
    replica.world.policies.adopt(rules)

    request = await after_room(replica)

    assert request.state is FAILED
    assert replica.world.assignments.all() == []


async def taken() -> Replica:
    """Let Dana's break-glass access wait for room."""
    replica = Replica(World(rules=policies(**BREAK_GLASS)))
    replica.world.assignments.faults.order("create", FULL, times=ALWAYS)
    await replica.access.break_glass(DANA, a_draft(window=None), [in_directory(CY)])
    await replica.settle()
    return replica


async def waiting_by_rule() -> Replica:
    """Let Dana's request, approved by a rule, wait for room."""
    replica = Replica(World(rules=policies(auto_approve=RULE)))
    replica.world.assignments.faults.order("create", FULL, times=ALWAYS)
    await replica.ask()
    await replica.pass_time(HOUR)
    return replica


@pytest.mark.parametrize(
    ("rules", "state"),
    [(policies(), ACTIVE), (policies(OTHER_SECRET, auto_approve=RULE), FAILED)],
    ids=["no rule any more", "not requestable"],
)
async def test_access_approved_by_a_rule_relies_on_the_policy_but_not_on_the_rule(
    rules: Policies, state: RequestState
) -> None:
    replica = await waiting_by_rule()
    replica.world.policies.adopt(rules)

    assert (await after_room(replica)).state is state


async def test_of_several_secrets_one_that_can_no_longer_be_requested_stops_all() -> None:
    replica = await waiting(secrets=(SECRET, OTHER_SECRET))
    replica.world.policies.adopt(policies(OTHER_SECRET))

    request = await after_room(replica)

    assert request.state is FAILED
    assert f"{SECRET} can no longer be requested" in failure_of(request)


async def test_every_reader_is_told_the_same_of_too_few_approvers() -> None:
    replica = await waiting_by_rule()
    replica.world.policies.adopt(approved_by(DANA, auto_approve=RULE))

    request = await after_room(replica)
    [*_, failed] = await replica.events()

    for card in (requester_card(request, failed), audit_card(request, failed, 4)):
        words = whole_text(card)
        assert "too few people can approve access to demo-api-key" in words
        assert "than you" not in words
        assert "no request was made" not in words
