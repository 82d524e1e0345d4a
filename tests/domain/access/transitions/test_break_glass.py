"""How break-glass access works, and who can review it."""

from datetime import timedelta

from domain.access.approval import Review
from domain.access.grant import Grant
from domain.access.request import GRANT_PATIENCE, AccessEffect, Request, RequestState, next_move
from domain.access.rules.policy import ALLOWED, decide_break_glass
from domain.access.transitions import break_glass
from domain.people import NO_ONE, Principals
from domain.refusals.decisions import NotAnApprover, NothingToReview, OwnReview
from domain.workflow import Change, Done, Event, Fact, Move, Wait
from tests.support.builders import ADA, BO, DANA, EVE, MINUTE, a_policy, a_request, in_directory
from tests.support.clock import NINE
from tests.support.refusing import reason_of

DAY = timedelta(days=1)


def taken() -> Change[Request]:
    request = a_request(remind_at=NINE + DAY, escalate_at=NINE + DAY)
    return break_glass.take(request, [in_directory(EVE)])


def test_break_glass_access_is_granted_next() -> None:
    head = taken().head

    assert head == a_request(
        state=RequestState.GRANTING,
        grant=Grant(give_up_at=NINE + GRANT_PATIENCE),
        broke_glass=True,
        admins=(in_directory(EVE),),
        review_at=NINE + DAY,
    )
    assert next_move(head, NINE) == Move(AccessEffect.GRANT)


APPROVERS: dict[str, Fact] = {
    "approvers": "Ada Approver, Bo Backup",
    "approvers_ids": f"{ADA.object_id} {BO.object_id}",
}


def test_break_glass_access_records_who_took_it_and_why() -> None:
    [event] = taken().events
    facts: dict[str, Fact] = {
        "justification": a_request().justification,
        "window": 3600.0,
        **APPROVERS,
    }

    assert event == Event("broke_glass", NINE, DANA, facts)


def test_a_review_is_recorded_with_its_note() -> None:
    asked = break_glass.ask_review(taken().head, NINE + DAY)
    reviewed = break_glass.review(asked.head, ADA, "was needed", NINE + DAY + MINUTE)

    assert asked.events == (Event("review_asked", NINE + DAY, None, APPROVERS),)
    assert reviewed.events == (Event("reviewed", NINE + DAY + MINUTE, ADA, {"note": "was needed"}),)
    assert reviewed.head.review == Review(ADA, NINE + DAY + MINUTE, "was needed")


def test_only_break_glass_access_without_a_review_can_be_reviewed() -> None:
    head = taken().head
    reviewed = break_glass.review(head, ADA, "", NINE).head

    for request in (a_request(), reviewed):
        reason = reason_of(break_glass.decide_review(request, BO))

        assert reason == NothingToReview().reason
        assert not break_glass.awaits_review(request)
    assert break_glass.awaits_review(head)


def test_a_review_is_requested_until_it_is_given_even_after_access_ended() -> None:
    over = a_request(state=RequestState.REVOKED, broke_glass=True, review_at=NINE + DAY)

    asked = break_glass.ask_review(over, NINE + DAY).head
    reviewed = break_glass.review(asked, ADA, "", NINE + DAY).head

    assert next_move(over, NINE) == Wait(NINE + DAY)
    assert next_move(over, NINE + DAY) == Move(AccessEffect.ASK_REVIEW)
    assert next_move(asked, NINE + DAY) == Wait(NINE + 2 * DAY)
    assert next_move(reviewed, NINE + 9 * DAY) == Done()


def test_only_an_approver_can_review() -> None:
    request = taken().head

    assert break_glass.decide_review(request, ADA) == ALLOWED
    assert isinstance(break_glass.decide_review(request, DANA).reason, OwnReview)
    assert isinstance(break_glass.decide_review(request, EVE).reason, NotAnApprover)


def test_the_grantee_cannot_review_access_taken_for_them() -> None:
    for_ada = break_glass.take(a_request(beneficiary=in_directory(ADA)), ()).head

    assert isinstance(break_glass.decide_review(for_ada, ADA).reason, OwnReview)


def test_only_people_named_in_the_policy_can_use_break_glass() -> None:
    policy = a_policy(break_glass=("dana@contoso.example",))
    named = Principals((in_directory(DANA),))

    assert decide_break_glass(policy, in_directory(DANA), named) == ALLOWED
    assert not decide_break_glass(policy, in_directory(EVE), named).allowed
    assert not decide_break_glass(a_policy(), in_directory(DANA), NO_ONE).allowed
