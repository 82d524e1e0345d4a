"""Who can answer a request now, and what an answer can allow."""

from datetime import timedelta

import pytest

from cards.reasons.sentences import sentence_of
from domain.access.answers import decide_answer, decide_approval, decide_less
from domain.access.approval import Approval, Denial
from domain.access.request import Request, RequestState
from domain.access.rules.policy import ALLOWED
from domain.people import Actor
from domain.refusals.decisions import AlreadyApproved, NotAnApprover, NotLess, SelfApproval
from domain.refusals.refusal import Refusal
from domain.refusals.requests import UnreadableDuration
from tests.support.builders import (
    ADA,
    BO,
    CY,
    DANA,
    HOUR,
    MINUTE,
    SECOND,
    a_denied_request,
    a_granting_request,
    a_request,
    in_directory,
    some_terms,
)
from tests.support.clock import NINE
from tests.support.refusing import reason_of

MOMENT = SECOND / 1_000_000


@pytest.mark.parametrize(
    ("window", "is_allowed"),
    [
        (HOUR, True),
        (HOUR + MOMENT, False),
        (5 * MINUTE, True),
        (5 * MINUTE - MOMENT, False),
    ],
)
def test_an_approver_can_shorten_the_window_within_the_bounds(
    window: timedelta, is_allowed: bool
) -> None:
    decision = decide_less(a_request(), window)

    expected = None if is_allowed else NotLess(5 * MINUTE, HOUR).reason
    assert reason_of(decision) == expected


def test_a_window_shorter_than_the_bounds_can_be_kept() -> None:
    assert decide_less(a_request(window=MINUTE), MINUTE) == ALLOWED
    assert not decide_less(a_request(window=MINUTE), MINUTE - MOMENT).allowed


def test_an_unreadable_shorter_window_is_refused() -> None:
    assert reason_of(decide_less(a_request(), None)) == UnreadableDuration().reason


@pytest.mark.parametrize("approver", [ADA, BO])
def test_each_approver_can_decide_a_pending_request(approver: Actor) -> None:
    assert decide_answer(a_request(), approver) == ALLOWED


def _refusal(request: Request, actor: Actor) -> Refusal:
    reason = decide_answer(request, actor).reason
    assert reason is not None
    return reason


def test_no_one_decides_their_own_request_even_as_an_approver() -> None:
    own = a_request(requester=ADA)

    assert isinstance(_refusal(own, ADA), SelfApproval)


def test_self_approval_is_refused_before_anything_else() -> None:
    assert isinstance(_refusal(a_denied_request(requester=ADA), ADA), SelfApproval)


def test_someone_who_is_not_an_approver_sees_who_is() -> None:
    assert "Ada Approver, Bo Backup" in sentence_of(_refusal(a_request(), CY))


def test_someone_who_is_not_an_approver_does_not_see_the_decision() -> None:
    assert isinstance(_refusal(a_denied_request(), CY), NotAnApprover)


def test_approvers_are_identified_by_object_id_not_by_name() -> None:
    impostor = Actor(CY.tenant_id, CY.object_id, ADA.name)

    assert isinstance(_refusal(a_request(), impostor), NotAnApprover)


def test_the_second_approver_sees_who_approved_and_when() -> None:
    request = a_granting_request(approvals=(Approval(ADA, NINE + MINUTE),))

    assert (
        sentence_of(_refusal(request, BO))
        == "This request was already approved by Ada Approver on 2 Mar 2026, 09:01 UTC."
    )


def test_the_second_approver_sees_who_denied_and_when() -> None:
    assert (
        sentence_of(_refusal(a_denied_request(), ADA))
        == "This request was already denied by Bo Backup on 2 Mar 2026, 09:00 UTC."
    )


def test_after_an_approval_and_a_denial_the_next_approver_sees_the_denial() -> None:
    request = a_denied_request(approvals=(Approval(CY, NINE),), denial=Denial(BO, NINE, ""))

    assert "denied by Bo Backup" in sentence_of(_refusal(request, ADA))


@pytest.mark.parametrize(
    ("state", "said"), [(RequestState.LAPSED, "expired"), (RequestState.CANCELLED, "cancelled")]
)
def test_a_request_no_one_decided_is_not_called_decided(state: RequestState, said: str) -> None:
    half_approved = a_request(
        state=state,
        terms=some_terms(min_approvals=2),
        approvals=(Approval(BO, NINE),),
    )

    assert f"it is {said}." in sentence_of(_refusal(a_request(state=state), ADA))
    assert f"it is {said}." in sentence_of(_refusal(half_approved, ADA))


def test_each_of_several_approvals_needs_a_different_person() -> None:
    request = a_request(terms=some_terms(min_approvals=2), approvals=(Approval(ADA, NINE),))

    assert isinstance(decide_approval(request, ADA).reason, AlreadyApproved)
    assert decide_approval(request, BO) == ALLOWED


def test_someone_who_approved_can_deny_until_there_are_enough_approvals() -> None:
    approved = a_request(terms=some_terms(min_approvals=2), approvals=(Approval(ADA, NINE),))

    assert decide_answer(approved, ADA) == ALLOWED


def test_who_cannot_answer_a_request_cannot_approve_it() -> None:
    assert isinstance(decide_approval(a_request(), CY).reason, NotAnApprover)


def test_who_cannot_decide_is_not_referred_to_the_people_of_the_request() -> None:
    terms = some_terms(approvers=(in_directory(DANA), in_directory(ADA), in_directory(BO)))

    said = sentence_of(_refusal(a_request(terms=terms, beneficiary=in_directory(BO)), CY))

    assert said == "Only its approvers can decide this request: Ada Approver."
