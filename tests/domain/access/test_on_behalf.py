"""What requester and grantee can do if they are different people."""

import pytest

from domain.access import rights as access_rights
from domain.access.answers import decide_answer
from domain.access.rules.policy import (
    ALLOWED,
    decide_approvers,
    decide_beneficiary,
    decide_on_behalf,
)
from domain.access.transitions import changes as access_changes
from domain.access.transitions import extensions
from domain.people import NO_ONE, Actor, Principals
from tests.support.builders import (
    ADA,
    BO,
    CY,
    DANA,
    EVE,
    MINUTE,
    a_policy,
    a_request,
    an_active_request,
    in_directory,
)
from tests.support.clock import NINE

FOR_EVE = a_request(beneficiary=in_directory(EVE))
ACTIVE_FOR_EVE = an_active_request(beneficiary=in_directory(EVE))


def test_the_assignment_is_for_the_grantee() -> None:
    change = access_changes.approve(FOR_EVE, ADA, NINE)

    assert [one.principal_id for one in change.head.assignments] == [EVE.object_id]


@pytest.mark.parametrize("actor", [DANA, EVE])
def test_requester_and_grantee_can_see_and_end_it_but_not_decide(actor: Actor) -> None:
    assert not decide_answer(FOR_EVE, actor).allowed
    assert access_rights.decide_sight(FOR_EVE, actor, is_admin=False) == ALLOWED
    assert access_rights.decide_end(ACTIVE_FOR_EVE, actor, is_admin=False) == ALLOWED
    assert access_rights.decide_give_back(ACTIVE_FOR_EVE, actor) == ALLOWED
    assert extensions.decide_extension(ACTIVE_FOR_EVE, actor, MINUTE, NINE) == ALLOWED


def test_someone_else_can_neither_see_nor_end_it() -> None:
    assert not access_rights.decide_sight(ACTIVE_FOR_EVE, CY, is_admin=False).allowed
    assert not access_rights.decide_end(ACTIVE_FOR_EVE, CY, is_admin=False).allowed
    assert not extensions.decide_extension(ACTIVE_FOR_EVE, CY, MINUTE, NINE).allowed


def test_only_the_requester_can_cancel_it() -> None:
    assert access_rights.decide_cancel(FOR_EVE, DANA, is_admin=False) == ALLOWED
    assert not access_rights.decide_cancel(FOR_EVE, EVE, is_admin=False).allowed


def test_people_who_can_request_for_others_are_named_by_email_or_object_id() -> None:
    named = Principals((in_directory(DANA),))
    by_id, by_email = a_policy(on_behalf=(DANA.object_id,)), a_policy(on_behalf=("dana@x.y",))

    assert decide_on_behalf(by_id, in_directory(DANA), NO_ONE) == ALLOWED
    assert decide_on_behalf(by_email, in_directory(DANA), named) == ALLOWED
    assert not decide_on_behalf(by_email, in_directory(EVE), named).allowed
    assert not decide_on_behalf(a_policy(), in_directory(DANA), NO_ONE).allowed


def test_a_grantee_must_be_a_permitted_requester() -> None:
    policy = a_policy(requesters=(EVE.object_id,))

    assert decide_beneficiary(policy, in_directory(EVE), NO_ONE) == ALLOWED
    assert not decide_beneficiary(policy, in_directory(CY), NO_ONE).allowed


def test_neither_requester_nor_grantee_counts_as_an_approver() -> None:
    policy = a_policy(min_approvals=1)
    approvers = (in_directory(ADA), in_directory(BO))

    assert not decide_approvers(policy, approvers, ADA.object_id, in_directory(BO)).allowed
    assert decide_approvers(policy, approvers, ADA.object_id, in_directory(EVE)) == ALLOWED
