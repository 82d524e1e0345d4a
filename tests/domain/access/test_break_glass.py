"""How break-glass access works, and who can review it."""

from datetime import timedelta

from domain import refusals
from domain.access import break_glass
from domain.access.policy import ALLOWED, decide_break_glass
from domain.access.request import AccessEffect, RequestState, next_move
from domain.people import NO_ONE, Principals
from domain.workflow import Done, Move, Wait
from tests.support.builders import ADA, DANA, EVE, a_policy, a_request, in_directory
from tests.support.clock import NINE

DAY = timedelta(days=1)
TAKEN = break_glass.take(a_request(remind_at=NINE + DAY), [in_directory(EVE)]).head


def test_break_glass_access_is_granted_next() -> None:
    assert TAKEN.state is RequestState.GRANTING
    assert TAKEN.approvals == ()
    assert next_move(TAKEN, NINE) == Move(AccessEffect.GRANT)


def test_a_review_is_requested_until_it_is_given_even_after_access_ended() -> None:
    over = a_request(state=RequestState.REVOKED, broke_glass=True, review_at=NINE + DAY)

    asked = break_glass.ask_review(over, NINE + DAY).head
    reviewed = break_glass.review(asked, ADA, "", NINE + DAY).head

    assert next_move(over, NINE) == Wait(NINE + DAY)
    assert next_move(over, NINE + DAY) == Move(AccessEffect.ASK_REVIEW)
    assert next_move(asked, NINE + DAY) == Wait(NINE + 2 * DAY)
    assert next_move(reviewed, NINE + 9 * DAY) == Done()


def test_only_an_approver_can_review() -> None:
    assert break_glass.decide_review(TAKEN, ADA) == ALLOWED
    assert isinstance(break_glass.decide_review(TAKEN, DANA).reason, refusals.OwnReview)
    assert isinstance(break_glass.decide_review(TAKEN, EVE).reason, refusals.NotAnApprover)


def test_the_grantee_cannot_review_access_taken_for_them() -> None:
    for_ada = break_glass.take(a_request(beneficiary=in_directory(ADA)), ()).head

    assert isinstance(break_glass.decide_review(for_ada, ADA).reason, refusals.OwnReview)


def test_only_people_named_in_the_policy_can_use_break_glass() -> None:
    policy = a_policy(break_glass=("dana@contoso.example",))
    named = Principals((in_directory(DANA),))

    assert decide_break_glass(policy, in_directory(DANA), named) == ALLOWED
    assert not decide_break_glass(policy, in_directory(EVE), named).allowed
    assert not decide_break_glass(a_policy(), in_directory(DANA), NO_ONE).allowed
