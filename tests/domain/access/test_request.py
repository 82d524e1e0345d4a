"""What an access request needs next, and who can decide it."""

from dataclasses import replace
from datetime import datetime, timedelta

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
    alarm_of,
    decide_answer,
    decide_less,
    is_overdue,
    next_move,
    overdue_since,
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
    a_target,
    a_target_alone,
    an_active_request,
    some_terms,
)
from tests.support.clock import NINE
from tests.support.refusing import reason_of

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
        pytest.param(
            a_request(state=RequestState.SCHEDULED, starts_at=TEN),
            TEN,
            AccessEffect.START,
            id="scheduled",
        ),
        pytest.param(
            a_request(
                state=RequestState.SCHEDULED,
                starts_at=NINE,
                retry_at=TEN,
                start_by=TEN + MINUTE,
            ),
            TEN,
            AccessEffect.START,
            id="checked again at the start",
        ),
        pytest.param(
            a_request(state=RequestState.SCHEDULED, starts_at=NINE, retry_at=TEN, start_by=TEN),
            TEN,
            AccessEffect.MISS_START,
            id="checked for too long",
        ),
        pytest.param(
            an_active_request(review_at=NINE + MINUTE),
            NINE + MINUTE,
            AccessEffect.ASK_REVIEW,
            id="active and not reviewed",
        ),
        pytest.param(
            a_revoking_request(retry_at=TEN + HOUR),
            TEN + OVERDUE_AFTER,
            AccessEffect.RAISE_ALARM,
            id="revoking for too long",
        ),
        pytest.param(
            a_revoking_request(
                state=RequestState.REVOKED, last_look_at=TEN, review_at=TEN + MINUTE
            ),
            TEN,
            AccessEffect.LOOK_AGAIN,
            id="revoked after an unanswered request",
        ),
        pytest.param(
            a_revoking_request(state=RequestState.REVOKED, review_at=TEN, see_reads_at=NINE),
            NINE,
            AccessEffect.SEE_READS,
            id="revoked and not looked for in the log",
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


@pytest.mark.parametrize(
    ("request_", "at"),
    [
        (a_revoking_request(), TEN + OVERDUE_AFTER),
        (a_revoking_request(revoke_since=None), None),
        (a_revoking_request(state=RequestState.STUCK), None),
        (an_active_request(), None),
    ],
    ids=["revoking", "without a time", "stuck already", "active"],
)
def test_the_alarm_is_raised_once_for_access_being_revoked(
    request_: Request, at: datetime | None
) -> None:
    assert alarm_of(request_) == at


@pytest.mark.parametrize(
    ("request_", "now", "since"),
    [
        (an_active_request(), TEN - MOMENT, None),
        (an_active_request(), TEN, TEN),
        (an_active_request(), TEN + MINUTE, TEN),
        (an_active_request(grant=a_grant(granted_at=NINE)), TEN, None),
        (a_revoking_request(), TEN + HOUR, TEN),
        (a_revoking_request(state=RequestState.STUCK), TEN + HOUR, TEN),
        (a_revoking_request(revoke_since=None), TEN + HOUR, TEN + HOUR),
        (a_revoking_request(state=RequestState.REVOKED), TEN + HOUR, None),
    ],
)
def test_access_is_overdue_from_its_end_until_it_is_gone(
    request_: Request, now: datetime, since: datetime | None
) -> None:
    assert overdue_since(request_, now) == since


def test_secrets_with_the_same_scope_share_an_assignment() -> None:
    one, other = a_target("one"), a_target("other")
    alone = a_target_alone("alone")
    request = a_granting_request(targets=(one, alone, other))
    shared, own = request.assignments

    assert request.opened_by(shared) == ("one", "other")
    assert request.opened_by(own) == ("alone",)
    assert request.not_made() == ("one", "alone", "other")
    made = replace(request, grant=a_grant(made=(shared.id,)))
    assert made.not_made() == ("alone",)


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

    expected = None if is_allowed else refusals.NotLess(5 * MINUTE, HOUR).reason
    assert reason_of(decision) == expected


def test_a_window_shorter_than_the_bounds_can_be_kept() -> None:
    assert decide_less(a_request(window=MINUTE), MINUTE) == ALLOWED
    assert not decide_less(a_request(window=MINUTE), MINUTE - MOMENT).allowed


def test_an_unreadable_shorter_window_is_refused() -> None:
    assert reason_of(decide_less(a_request(), None)) == refusals.UnreadableDuration().reason


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
