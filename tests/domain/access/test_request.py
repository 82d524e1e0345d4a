"""What an access request needs next, and who can decide it."""

from datetime import datetime

import pytest

from cards.reasons.sentences import sentence_of
from domain import refusals
from domain.access.policy import ALLOWED
from domain.access.request import (
    OVERDUE_AFTER,
    AccessEffect,
    Approval,
    Denial,
    Request,
    RequestState,
    decide_answer,
    is_overdue,
    next_move,
)
from domain.people import Actor
from domain.workflow import Done, Move, Wait
from tests.support.builders import (
    ADA,
    BO,
    CY,
    HOUR,
    MINUTE,
    SECOND,
    a_denied_request,
    a_grant,
    a_granting_request,
    a_request,
    a_revoking_request,
    an_active_request,
    some_terms,
)
from tests.support.clock import NINE

TEN = NINE + HOUR
MOMENT = SECOND / 1_000_000


@pytest.mark.parametrize(
    ("request_", "due", "effect"),
    [
        pytest.param(a_request(), NINE + 8 * HOUR, AccessEffect.LAPSE, id="pending"),
        pytest.param(
            a_granting_request(retry_at=NINE + MINUTE),
            NINE + MINUTE,
            AccessEffect.GRANT,
            id="granting",
        ),
        pytest.param(an_active_request(), TEN, AccessEffect.END, id="active"),
        pytest.param(
            a_revoking_request(retry_at=TEN + MINUTE),
            TEN + MINUTE,
            AccessEffect.REVOKE,
            id="revoking",
        ),
        pytest.param(
            a_revoking_request(state=RequestState.STUCK, retry_at=TEN + HOUR),
            TEN + HOUR,
            AccessEffect.REVOKE,
            id="stuck",
        ),
    ],
)
def test_a_request_waits_exactly_until_it_is_due(
    request_: Request, due: datetime, effect: AccessEffect
) -> None:
    assert Wait(due) == next_move(request_, due - MOMENT)
    assert Move(effect) == next_move(request_, due)
    assert Move(effect) == next_move(request_, due + SECOND)


@pytest.mark.parametrize(
    ("request_", "effect"),
    [
        pytest.param(a_granting_request(), AccessEffect.GRANT, id="approved"),
        pytest.param(a_revoking_request(), AccessEffect.REVOKE, id="ended"),
    ],
)
def test_an_intent_is_performed_at_once(request_: Request, effect: AccessEffect) -> None:
    assert Move(effect) == next_move(request_, NINE)


def test_a_grant_is_given_up_when_its_patience_ends() -> None:
    request = a_granting_request(retry_at=NINE + HOUR, grant=a_grant(give_up_at=NINE + MINUTE))

    assert next_move(request, NINE) == Wait(NINE + MINUTE)
    assert next_move(request, NINE + MINUTE) == Move(AccessEffect.GIVE_UP)


def test_a_due_grant_is_not_tried_after_its_patience_ends() -> None:
    request = a_granting_request(retry_at=NINE, grant=a_grant(give_up_at=NINE + MINUTE))

    assert next_move(request, NINE + MINUTE - MOMENT) == Move(AccessEffect.GRANT)
    assert next_move(request, NINE + MINUTE) == Move(AccessEffect.GIVE_UP)


@pytest.mark.parametrize(
    "state",
    [
        RequestState.REVOKED,
        RequestState.DENIED,
        RequestState.CANCELLED,
        RequestState.LAPSED,
        RequestState.FAILED,
    ],
)
def test_an_ended_request_needs_nothing(state: RequestState) -> None:
    assert next_move(a_revoking_request(state=state), NINE + 1_000 * HOUR) == Done()


def test_a_revocation_is_overdue_after_five_minutes() -> None:
    request = a_revoking_request(revoke_since=TEN)

    assert not is_overdue(request, TEN + OVERDUE_AFTER - MOMENT)
    assert is_overdue(request, TEN + OVERDUE_AFTER)


def test_access_that_is_not_being_revoked_is_never_overdue() -> None:
    assert not is_overdue(an_active_request(), NINE + 1_000 * HOUR)


def test_a_request_that_was_never_approved_has_no_grant() -> None:
    with pytest.raises(ValueError, match="req-one has no grant: it is pending"):
        _ = a_request().granted


@pytest.mark.parametrize("approver", [ADA, BO])
def test_each_approver_can_decide_a_pending_request(approver: Actor) -> None:
    assert decide_answer(a_request(), approver) == ALLOWED


def _refusal(request: Request, actor: Actor) -> refusals.Refusal:
    reason = decide_answer(request, actor).reason
    assert reason is not None
    return reason


def test_no_one_decides_their_own_request_even_as_an_approver() -> None:
    own = a_request(requester=ADA)

    assert isinstance(_refusal(own, ADA), refusals.SelfApproval)


def test_self_approval_is_refused_before_anything_else() -> None:
    assert isinstance(_refusal(a_denied_request(requester=ADA), ADA), refusals.SelfApproval)


def test_someone_who_is_not_an_approver_sees_who_is() -> None:
    assert "Ada Approver, Bo Backup" in sentence_of(_refusal(a_request(), CY))


def test_someone_who_is_not_an_approver_does_not_see_the_decision() -> None:
    assert isinstance(_refusal(a_denied_request(), CY), refusals.NotAnApprover)


def test_approvers_are_identified_by_object_id_not_by_name() -> None:
    impostor = Actor(CY.tenant_id, CY.object_id, ADA.name)

    assert isinstance(_refusal(a_request(), impostor), refusals.NotAnApprover)


def test_the_second_approver_sees_who_approved_and_when() -> None:
    request = a_granting_request(approvals=(Approval(ADA, NINE + MINUTE),))

    assert (
        sentence_of(_refusal(request, BO))
        == "This request was already approved by Ada Approver at 09:01 UTC."
    )


def test_the_second_approver_sees_who_denied_and_when() -> None:
    assert (
        sentence_of(_refusal(a_denied_request(), ADA))
        == "This request was already denied by Bo Backup at 09:00 UTC."
    )


def test_after_an_approval_and_a_denial_the_next_approver_sees_the_denial() -> None:
    request = a_denied_request(approvals=(Approval(CY, NINE),), denial=Denial(BO, NINE, ""))

    assert "denied by Bo Backup" in sentence_of(_refusal(request, ADA))


@pytest.mark.parametrize("state", [RequestState.LAPSED, RequestState.CANCELLED])
def test_a_request_no_one_decided_is_not_called_decided(state: RequestState) -> None:
    half_approved = a_request(
        state=state,
        terms=some_terms(min_approvals=2),
        approvals=(Approval(BO, NINE),),
    )

    assert f"it is {state}." in sentence_of(_refusal(a_request(state=state), ADA))
    assert f"it is {state}." in sentence_of(_refusal(half_approved, ADA))


def test_each_of_several_approvals_needs_a_different_person() -> None:
    request = a_request(terms=some_terms(min_approvals=2), approvals=(Approval(ADA, NINE),))

    assert isinstance(_refusal(request, ADA), refusals.AlreadyApproved)
    assert decide_answer(request, BO) == ALLOWED
