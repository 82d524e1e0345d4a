"""What taking access without approval means, and who may review it."""

from datetime import timedelta

from domain import refusals
from domain.access import break_glass
from domain.access.policy import ALLOWED, decide_break_glass
from domain.access.request import AccessEffect, RequestState, next_move
from domain.workflow import Done, Move, Wait
from tests.support.builders import ADA, DANA, EVE, a_policy, a_request, in_directory
from tests.support.clock import NINE

DAY = timedelta(days=1)
TAKEN = break_glass.take(a_request(remind_at=NINE + DAY), [in_directory(EVE)]).head


def test_access_taken_without_approval_is_granted_next() -> None:
    assert TAKEN.state is RequestState.GRANTING
    assert TAKEN.approvals == ()
    assert next_move(TAKEN, NINE) == Move(AccessEffect.GRANT)


def test_a_review_is_asked_for_after_the_access_is_over_until_it_is_given() -> None:
    over = a_request(state=RequestState.REVOKED, broke_glass=True, review_at=NINE + DAY)

    asked = break_glass.ask_review(over, NINE + DAY).head
    reviewed = break_glass.review(asked, ADA, "", NINE + DAY).head

    assert next_move(over, NINE) == Wait(NINE + DAY)
    assert next_move(over, NINE + DAY) == Move(AccessEffect.ASK_REVIEW)
    assert next_move(asked, NINE + DAY) == Wait(NINE + 2 * DAY)
    assert next_move(reviewed, NINE + 9 * DAY) == Done()


def test_an_approver_reviews_and_nobody_else_does() -> None:
    assert break_glass.decide_review(TAKEN, ADA) == ALLOWED
    assert isinstance(break_glass.decide_review(TAKEN, DANA).reason, refusals.OwnReview)
    assert isinstance(break_glass.decide_review(TAKEN, EVE).reason, refusals.NotAnApprover)


def test_whom_access_was_taken_for_does_not_review_it() -> None:
    for_ada = break_glass.take(a_request(beneficiary=in_directory(ADA)), ()).head

    assert isinstance(break_glass.decide_review(for_ada, ADA).reason, refusals.OwnReview)


def test_only_those_whom_the_policy_names_break_glass() -> None:
    policy = a_policy(break_glass=("dana@contoso.example",))
    named = (in_directory(DANA),)

    assert decide_break_glass(policy, in_directory(DANA), named) == ALLOWED
    assert not decide_break_glass(policy, in_directory(EVE), named).allowed
    assert not decide_break_glass(a_policy(), in_directory(DANA), ()).allowed
