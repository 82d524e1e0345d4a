"""No caller gets past the gate without a sign-in, and it is the last check."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from domain.access.fresh_sign_in import FreshSignIn
from domain.access.request import RequestState
from domain.access.rules.step_up_rule import StepUpAct, StepUpRule
from domain.refusals.decisions import NotAnApprover, RequestNotConfirmed, SelfApproval
from domain.refusals.sign_ins import (
    SignedInAsSomeoneElse,
    SignInTooOld,
    SignInTooWeak,
    StepUpNeeded,
)
from services.policies import Policies
from tests.support.builders import ADA, CY, DANA, HOUR, MINUTE, SECRET, email_of, policies
from tests.support.refusing import refusing
from tests.support.replica import Replica, World, a_draft

EVERYTHING = StepUpRule(required=True, acts=tuple(StepUpAct))
ONLY_APPROVALS = replace(EVERYTHING, acts=(StepUpAct.APPROVE,))


def confirming(rule: StepUpRule = EVERYTHING, **changes: object) -> Policies:
    return policies(step_up=rule, break_glass=(email_of(DANA),), **changes)


@pytest.fixture
def world() -> World:
    return World(rules=confirming(ONLY_APPROVALS))


@pytest.fixture
def replica(world: World) -> Replica:
    return Replica(world)


def signed_in(replica: Replica, ago: timedelta = timedelta()) -> FreshSignIn:
    return FreshSignIn(ADA.object_id, replica.clock() - ago)


async def test_an_approval_needs_a_sign_in(replica: Replica) -> None:
    await replica.ask()

    with pytest.raises(StepUpNeeded):
        await replica.approve()
    assert (await replica.request()).state is RequestState.PENDING


async def test_an_approval_with_a_sign_in_counts_and_is_recorded_with_it(
    replica: Replica,
) -> None:
    await replica.ask()
    sign_in = signed_in(replica)
    request = await replica.access.approve(ADA, "req-one", None, sign_in)

    assert request.state is RequestState.GRANTING
    assert (await replica.events())[-1].facts["signed_in_at"] == sign_in.at.isoformat()


async def test_an_old_sign_in_is_refused(replica: Replica) -> None:
    await replica.ask()

    with pytest.raises(SignInTooOld):
        await replica.access.approve(ADA, "req-one", None, signed_in(replica, 6 * MINUTE))


async def test_somebody_elses_sign_in_is_refused(replica: Replica) -> None:
    await replica.ask()

    with pytest.raises(SignedInAsSomeoneElse):
        await replica.access.approve(
            ADA, "req-one", None, replace(signed_in(replica), person_id=DANA.object_id)
        )


async def test_whoever_may_not_approve_is_told_so_before_any_sign_in(replica: Replica) -> None:
    await replica.ask()

    with pytest.raises(NotAnApprover):
        await replica.approve(CY)
    with pytest.raises(SelfApproval):
        await replica.approve(DANA)


async def test_a_denial_needs_none(replica: Replica) -> None:
    await replica.ask()

    assert (await replica.deny()).state is RequestState.DENIED


async def test_more_time_needs_one(replica: Replica) -> None:
    await replica.ask()
    await replica.access.approve(ADA, "req-one", None, signed_in(replica))
    await replica.settle()
    await replica.extensions.ask(DANA, "req-one", HOUR, "source")

    with pytest.raises(StepUpNeeded):
        await replica.extensions.allow(ADA, "req-one", "source")
    await replica.extensions.allow(ADA, "req-one", "source", signed_in(replica))
    assert "signed_in_at" in (await replica.events())[-1].facts


async def test_an_approval_without_the_sign_in_that_the_rules_have_asked_for_since_is_given_again(
    world: World, replica: Replica
) -> None:
    two: dict[str, Any] = {"approvers": (email_of(ADA), email_of(CY)), "min_approvals": 2}
    world.policies.adopt(policies(**two))
    await replica.ask()
    await replica.approve()
    world.policies.adopt(confirming(ONLY_APPROVALS, **two))
    await replica.following.follow()
    dropped = await replica.request()
    with pytest.raises(StepUpNeeded):
        await replica.approve()
    again = await replica.access.approve(ADA, "req-one", None, signed_in(replica))

    assert dropped.approvals == ()
    assert [one.approver for one in again.approvals] == [ADA]


async def test_an_allowed_extension_that_was_not_confirmed_stops_counting(
    world: World, replica: Replica
) -> None:
    two: dict[str, Any] = {"approvers": (email_of(ADA), email_of(CY)), "min_approvals": 2}
    world.policies.adopt(policies(**two))
    await replica.give()
    await replica.approve(CY)
    await replica.settle()
    await replica.extensions.ask(DANA, "req-one", HOUR, "source")
    await replica.extensions.allow(ADA, "req-one", "source")
    world.policies.adopt(confirming(**two))
    sign_in = replace(signed_in(replica), person_id=CY.object_id)
    request = await replica.extensions.allow(CY, "req-one", "source", sign_in)

    assert request.extension
    assert [one.approver for one in request.extension.approvals] == [CY]


async def test_a_request_and_break_glass_access_need_one_where_the_rule_says_so(
    world: World, replica: Replica
) -> None:
    world.policies.adopt(confirming())
    sign_in = FreshSignIn(DANA.object_id, replica.clock())

    with pytest.raises(StepUpNeeded):
        await replica.ask()
    with pytest.raises(StepUpNeeded):
        await replica.access.break_glass(DANA, a_draft("req-two", window=None), ())
    asked = await replica.access.submit(DANA, a_draft(), sign_in)
    taken = await replica.access.break_glass(DANA, a_draft("req-two", window=None), (), sign_in)

    assert (asked.state, taken.state) == (RequestState.PENDING, RequestState.GRANTING)
    for request_id in ("req-one", "req-two"):
        assert "signed_in_at" in (await replica.events(request_id))[0].facts


@pytest.mark.parametrize(
    "stricter",
    [
        replace(EVERYTHING, contexts=("c1",)),
        replace(EVERYTHING, max_age=2 * MINUTE),
    ],
    ids=["stronger", "fresher"],
)
async def test_a_request_that_was_not_confirmed_as_todays_rules_ask_can_only_be_denied(
    world: World, replica: Replica, stricter: StepUpRule
) -> None:
    world.policies.adopt(confirming())
    at = replica.clock() - 3 * MINUTE
    await replica.access.submit(DANA, a_draft(), FreshSignIn(DANA.object_id, at))
    world.policies.adopt(confirming(stricter))
    sign_in = replace(signed_in(replica), contexts=("c1",))

    with refusing(RequestNotConfirmed, saying=f"{DANA.name} has to request it again"):
        await replica.access.approve(ADA, "req-one", None, sign_in)

    assert (await replica.request()).state is RequestState.PENDING
    assert (await replica.deny()).state is RequestState.DENIED


async def test_a_request_from_before_the_rule_for_requests_can_only_be_denied(
    world: World, replica: Replica
) -> None:
    await replica.ask()
    world.policies.adopt(confirming(replace(EVERYTHING, acts=(StepUpAct.REQUEST,))))

    with pytest.raises(RequestNotConfirmed):
        await replica.access.approve(ADA, "req-one", None, signed_in(replica))


async def test_a_request_that_was_confirmed_as_todays_rules_ask_is_approved(
    world: World, replica: Replica
) -> None:
    world.policies.adopt(confirming())
    strong = FreshSignIn(DANA.object_id, replica.clock(), ("c1",))
    await replica.access.submit(DANA, a_draft(), strong)
    world.policies.adopt(confirming(replace(EVERYTHING, contexts=("c1",))))
    replica.clock.advance(hours=1)
    sign_in = replace(signed_in(replica), contexts=("c1",))

    request = await replica.access.approve(ADA, "req-one", None, sign_in)

    assert request.state is RequestState.GRANTING


async def test_what_is_refused_without_a_sign_in_is_not_counted(
    world: World, replica: Replica
) -> None:
    world.policies.adopt(confirming(requests_per_hour=1))
    for _ in range(3):
        with pytest.raises(StepUpNeeded):
            await replica.ask()

    assert await replica.access.submit(
        DANA, a_draft(), FreshSignIn(DANA.object_id, replica.clock())
    )


async def test_the_strictest_of_the_rules_then_and_now_applies(
    world: World, replica: Replica
) -> None:
    await replica.ask()
    world.policies.adopt(confirming(StepUpRule(required=True, contexts=("c1",), max_age=HOUR)))

    with pytest.raises(SignInTooWeak):
        await replica.access.approve(ADA, "req-one", None, signed_in(replica))
    with pytest.raises(SignInTooOld):
        await replica.access.approve(ADA, "req-one", None, signed_in(replica, 6 * MINUTE))
    world.policies.adopt(policies(SECRET))
    with pytest.raises(StepUpNeeded):
        await replica.approve()
