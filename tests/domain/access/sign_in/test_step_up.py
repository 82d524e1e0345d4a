"""Whether a fresh sign-in confirms what a person does, and how several rules are combined."""

from dataclasses import replace
from datetime import timedelta

import pytest

from domain.access.fresh_sign_in import FreshSignIn
from domain.access.rules.policy import ALLOWED
from domain.access.rules.step_up_rule import NO_STEP_UP, StepUpAct, StepUpRule, strictest_step_up
from domain.access.sign_in.step_up import SKEW, confirmed, decide_confirmation, decide_step_up
from domain.access.transitions.changes import approve, submit
from domain.refusals.decisions import RequestNotConfirmed
from domain.refusals.refusal import Refusal
from domain.refusals.sign_ins import (
    SignedInAsSomeoneElse,
    SignInFromTheFuture,
    SignInTooOld,
    SignInTooWeak,
    StepUpNeeded,
)
from tests.support.builders import ADA, BO, MINUTE, SECOND, a_request
from tests.support.clock import NINE

RULE = StepUpRule(required=True, contexts=("c1", "c7"))
SIGNED_IN = FreshSignIn(ADA.object_id, NINE - MINUTE, ("c7", "c1", "c3"))


def test_a_rule_that_requires_nothing_lets_a_click_decide() -> None:
    for rule in (NO_STEP_UP, replace(RULE, required=False)):
        assert decide_step_up(rule, StepUpAct.APPROVE, ADA, None, NINE) == ALLOWED


@pytest.mark.parametrize("act", StepUpAct)
def test_only_the_acts_of_the_rule_are_confirmed(act: StepUpAct) -> None:
    for rule in (replace(RULE, acts=(each,)) for each in StepUpAct):
        decision = decide_step_up(rule, act, ADA, None, NINE)

        assert decision.allowed is (act not in rule.acts)


@pytest.mark.parametrize("broke_glass", [True, False])
@pytest.mark.parametrize("act", StepUpAct)
@pytest.mark.parametrize(
    ("sign_in", "is_enough"),
    [(SIGNED_IN, True), (replace(SIGNED_IN, contexts=("c1",)), False), (None, False)],
)
def test_a_request_has_to_have_been_confirmed_as_the_rule_asks_for_its_kind(
    broke_glass: bool, act: StepUpAct, sign_in: FreshSignIn | None, is_enough: bool
) -> None:
    request = a_request(requester=ADA, sign_in=sign_in, broke_glass=broke_glass, requested_at=NINE)
    asked = StepUpAct.BREAK_GLASS if broke_glass else StepUpAct.REQUEST

    reason = decide_confirmation(request, replace(RULE, acts=(act,))).reason

    assert (reason is None) == (act is not asked or is_enough)
    assert reason is None or isinstance(reason, RequestNotConfirmed)
    assert reason is None or reason.reason.params == {"name": ADA.name}


def test_a_sign_in_confirms_a_request_by_how_old_it_was_when_that_was_made() -> None:
    rule = replace(RULE, acts=(StepUpAct.REQUEST,), max_age=MINUTE)
    then = a_request(requester=ADA, sign_in=SIGNED_IN, requested_at=NINE)
    later = a_request(requester=ADA, sign_in=SIGNED_IN, requested_at=NINE + SECOND)

    assert decide_confirmation(then, rule) == ALLOWED
    assert not decide_confirmation(later, rule).allowed


def test_without_a_sign_in_it_says_what_one_must_be_like() -> None:
    reason = decide_step_up(RULE, StepUpAct.APPROVE, ADA, None, NINE).reason

    assert isinstance(reason, StepUpNeeded)
    assert (reason.contexts, reason.max_age) == (("c1", "c7"), timedelta(minutes=5))


@pytest.mark.parametrize(
    ("sign_in", "expected"),
    [
        (SIGNED_IN, None),
        (replace(SIGNED_IN, person_id=BO.object_id), SignedInAsSomeoneElse),
        (replace(SIGNED_IN, at=NINE - 5 * MINUTE), None),
        (replace(SIGNED_IN, at=NINE - 5 * MINUTE - SECOND), SignInTooOld),
        (replace(SIGNED_IN, at=NINE + SKEW), None),
        (replace(SIGNED_IN, at=NINE + SKEW + SECOND), SignInFromTheFuture),
        (replace(SIGNED_IN, contexts=("c1",)), SignInTooWeak),
        (replace(SIGNED_IN, contexts=("c71", "c1")), SignInTooWeak),
        (replace(SIGNED_IN, contexts=()), SignInTooWeak),
    ],
)
def test_a_sign_in_must_be_fresh_this_persons_and_strong_enough(
    sign_in: FreshSignIn, expected: type[Refusal] | None
) -> None:
    reason = decide_step_up(RULE, StepUpAct.APPROVE, ADA, sign_in, NINE).reason

    assert (type(reason) if reason else None) == expected


def test_several_rules_together_are_as_strict_as_each() -> None:
    one = StepUpRule(True, ("c1",), (StepUpAct.APPROVE,), 5 * MINUTE)
    other = StepUpRule(True, ("c2", "c1"), (StepUpAct.BREAK_GLASS,), 2 * MINUTE)
    off = StepUpRule(False, ("c9",), (StepUpAct.REQUEST,), SECOND)

    assert strictest_step_up([one, other, off]) == StepUpRule(
        True, ("c1", "c2"), (StepUpAct.APPROVE, StepUpAct.BREAK_GLASS), 2 * MINUTE
    )
    assert strictest_step_up([off]) == NO_STEP_UP
    assert strictest_step_up([]) == NO_STEP_UP


def test_the_sign_in_is_kept_with_what_its_person_did() -> None:
    sign_in = FreshSignIn(ADA.object_id, NINE, ("c1", "c2"), ("pwd", "mfa"))
    approved = approve(a_request(), ADA, NINE)
    change = confirmed(approved, sign_in)
    [event] = change.events
    [other] = confirmed(submit(a_request()), sign_in).events

    assert event.facts["signed_in_at"] == NINE.isoformat()
    assert (event.facts["signed_in_by"], event.facts["signed_in_for"]) == ("pwd, mfa", "c1, c2")
    assert change.head == approved.head
    assert event.facts["approvals"] == 1
    assert "signed_in_at" not in other.facts
    assert confirmed(change, None) == change
