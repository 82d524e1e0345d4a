"""Who decides, if rules name people and groups: a table of memberships."""

from dataclasses import replace
from datetime import timedelta

import pytest

from domain.access.answers import decide_answer, decide_approval
from domain.access.approval import Approval
from domain.access.extension import Extension
from domain.access.request import Request, RequestState
from domain.access.rights import decide_cancel, decide_end, decide_sight
from domain.access.rules.deciders import Deciders, decides, distinct_rules, named_in
from domain.access.rules.policy import (
    ALLOWED,
    decide_break_glass,
    decide_on_behalf,
    decide_requester,
)
from domain.access.transitions.approvers import Today, follow_rules
from domain.access.transitions.break_glass import decide_review
from domain.access.transitions.extensions import decide_extension_answer, decide_extension_approval
from domain.access.transitions.waiting import escalate
from domain.people import NO_ONE, Actor, Group, Principals
from domain.refusals.decisions import NotAnApprover, SelfApproval
from domain.refusals.endings import NotYoursToCancel
from tests.support.builders import (
    ADA,
    BO,
    CY,
    DANA,
    HOUR,
    MINUTE,
    a_policy,
    a_request,
    an_active_request,
    in_directory,
    some_terms,
)
from tests.support.clock import NINE

PAYMENTS, LEADS = Group("group-1", "Payments approvers"), Group("group-2", "Team leads")
IN_PAYMENTS, IN_LEADS = frozenset({"group-1"}), frozenset({"group-2"})
IN_BOTH, IN_OTHERS = IN_PAYMENTS | IN_LEADS, frozenset({"group-3"})
IN_NONE: frozenset[str] = frozenset()

ADA_OR_PAYMENTS = Principals((in_directory(ADA),), (PAYMENTS,))
ONLY_PAYMENTS, ONLY_LEADS = Principals(groups=(PAYMENTS,)), Principals(groups=(LEADS,))
ONLY_ADA = Principals((in_directory(ADA),))


@pytest.mark.parametrize(
    ("rules", "who", "memberships", "expected"),
    [
        ((ONLY_ADA,), ADA, IN_NONE, True),
        ((ONLY_ADA,), BO, IN_PAYMENTS, False),
        ((ONLY_PAYMENTS,), ADA, IN_NONE, False),
        ((ONLY_PAYMENTS,), ADA, IN_OTHERS, False),
        ((ONLY_PAYMENTS,), ADA, IN_PAYMENTS, True),
        ((ADA_OR_PAYMENTS,), ADA, IN_NONE, True),
        ((ADA_OR_PAYMENTS,), BO, IN_NONE, False),
        ((ADA_OR_PAYMENTS,), BO, IN_PAYMENTS, True),
        ((ONLY_PAYMENTS, ONLY_LEADS), BO, IN_PAYMENTS, False),
        ((ONLY_PAYMENTS, ONLY_LEADS), BO, IN_LEADS, False),
        ((ONLY_PAYMENTS, ONLY_LEADS), BO, IN_BOTH, True),
        ((ONLY_ADA, ONLY_LEADS), ADA, IN_NONE, False),
        ((ONLY_ADA, ONLY_LEADS), ADA, IN_LEADS, True),
        ((ONLY_ADA, ONLY_LEADS), BO, IN_LEADS, False),
        ((NO_ONE,), ADA, IN_BOTH, False),
        ((), ADA, IN_BOTH, False),
    ],
)
def test_someone_decides_whom_every_rule_names(
    rules: tuple[Principals, ...], who: Actor, memberships: frozenset[str], expected: bool
) -> None:
    assert decides(rules, who.object_id, memberships) is expected


@pytest.mark.parametrize(
    ("memberships", "is_allowed"), [(IN_NONE, False), (IN_LEADS, False), (IN_PAYMENTS, True)]
)
def test_a_member_can_answer_extend_review_see_and_end(
    memberships: frozenset[str], is_allowed: bool
) -> None:
    terms = some_terms(approvers=(), deciders=(ONLY_PAYMENTS,))
    active = an_active_request(terms=terms, extension=Extension(HOUR, NINE))
    pending = a_request(terms=terms)
    broken = replace(active, broke_glass=True)
    later = NINE + MINUTE

    decisions = [
        decide_answer(pending, BO, memberships),
        decide_approval(pending, BO, memberships),
        decide_extension_answer(active, BO, later, memberships=memberships),
        decide_extension_approval(active, BO, later, memberships=memberships),
        decide_review(broken, BO, memberships),
        decide_sight(pending, BO, is_admin=False, memberships=memberships),
        decide_end(active, BO, is_admin=False, memberships=memberships),
    ]

    assert [one.allowed for one in decisions] == [is_allowed] * 7


def test_a_card_alone_lets_nobody_decide_who_has_left_the_group() -> None:
    request = a_request(terms=some_terms(deciders=(ONLY_PAYMENTS,)))

    assert in_directory(ADA) in request.terms.approvers
    assert isinstance(decide_answer(request, ADA, IN_NONE).reason, NotAnApprover)


def test_a_member_cannot_decide_their_own_request() -> None:
    request = a_request(terms=some_terms(deciders=(ONLY_PAYMENTS,)))

    assert isinstance(decide_answer(request, DANA, IN_PAYMENTS).reason, SelfApproval)


def test_a_member_cannot_cancel_what_others_requested() -> None:
    request = a_request(terms=some_terms(deciders=(ONLY_PAYMENTS,)))
    reason = decide_cancel(request, BO, is_admin=False, memberships=IN_PAYMENTS).reason

    assert isinstance(reason, NotYoursToCancel)


@pytest.mark.parametrize(
    ("memberships", "is_allowed"), [(IN_NONE, False), (IN_LEADS, False), (IN_PAYMENTS, True)]
)
def test_groups_can_ask_for_themselves_for_others_and_in_an_emergency(
    memberships: frozenset[str], is_allowed: bool
) -> None:
    named = (f"group:{PAYMENTS.name}",)
    policy = a_policy(requesters=named, on_behalf=named, break_glass=named)
    decide = (decide_requester, decide_on_behalf, decide_break_glass)

    decisions = [one(policy, in_directory(BO), ONLY_PAYMENTS, memberships) for one in decide]

    assert [one.allowed for one in decisions] == [is_allowed] * 3


@pytest.mark.parametrize(
    ("rules", "expected"),
    [
        ((ADA_OR_PAYMENTS,), ADA_OR_PAYMENTS),
        ((ADA_OR_PAYMENTS, ONLY_PAYMENTS), ONLY_PAYMENTS),
        ((ADA_OR_PAYMENTS, ONLY_ADA), ONLY_ADA),
        ((ONLY_PAYMENTS, ONLY_LEADS), Principals((in_directory(BO),))),
        ((), Principals((in_directory(BO),))),
    ],
)
def test_what_every_rule_names_is_shown_or_else_who_was_asked(
    rules: tuple[Principals, ...], expected: Principals
) -> None:
    assert named_in(rules, (in_directory(BO),)) == expected


def test_after_escalation_either_of_the_two_lists_decides() -> None:
    deciders = Deciders(ONLY_ADA, Principals((in_directory(ADA), in_directory(BO)), (LEADS,)))

    assert deciders.sooner_or_later == Principals((in_directory(ADA), in_directory(BO)), (LEADS,))


def escalating() -> Request:
    later = Principals((in_directory(ADA),), (LEADS,))
    return a_request(
        escalate_at=NINE + HOUR,
        terms=some_terms(
            approvers=(in_directory(ADA),),
            escalation=(in_directory(CY),),
            later_deciders=(later,),
            later_in_channel=True,
        ),
    )


def test_an_escalation_adds_its_groups() -> None:
    before = escalating()
    after = escalate(before, NINE + HOUR).head

    assert not decide_answer(before, BO, IN_LEADS).allowed
    assert not before.terms.in_channel
    assert decide_answer(after, BO, IN_LEADS) == ALLOWED
    assert after.terms.in_channel
    assert after.terms.approvers == (in_directory(ADA), in_directory(CY))


def test_a_changed_escalation_does_not_escalate() -> None:
    today = Today(
        approvers=(in_directory(ADA),),
        later_deciders=(Principals((in_directory(ADA),), (PAYMENTS,)),),
    )
    change = follow_rules(escalating(), today, NINE)

    assert change is not None
    assert change.events == ()
    assert not decide_answer(change.head, BO, IN_BOTH).allowed
    assert change.head.terms.later_deciders == today.later_deciders


def test_an_escalation_that_adds_no_one_is_not_taken_for_done() -> None:
    terms = some_terms(deciders=(ONLY_PAYMENTS,), later_deciders=(ONLY_PAYMENTS,))
    request = a_request(escalate_at=NINE + HOUR, terms=terms)
    both = Principals(groups=(PAYMENTS, LEADS))
    today = Today(approvers=terms.approvers, deciders=(ONLY_PAYMENTS,), later_deciders=(both,))
    change = follow_rules(request, today, NINE)

    assert change is not None
    assert not decide_answer(change.head, BO, IN_LEADS).allowed


def test_an_escalated_request_follows_the_escalation_of_today() -> None:
    escalated = escalate(escalating(), NINE + HOUR).head
    today = Today(
        approvers=(in_directory(ADA),),
        later_deciders=(Principals((in_directory(ADA),), (PAYMENTS,)),),
    )
    change = follow_rules(escalated, today, NINE + HOUR)

    assert change is not None
    assert decide_answer(change.head, BO, IN_PAYMENTS) == ALLOWED
    assert not decide_answer(change.head, BO, IN_LEADS).allowed
    assert change.events[0].facts["added_groups"] == PAYMENTS.name
    assert change.events[0].facts["removed_groups"] == LEADS.name


@pytest.mark.parametrize(("memberships", "kept"), [(IN_PAYMENTS, [BO]), (IN_NONE, [])])
def test_an_approval_counts_while_its_approver_is_a_member(
    memberships: frozenset[str], kept: list[Actor]
) -> None:
    terms = some_terms(approvers=(), deciders=(ONLY_PAYMENTS,), min_approvals=2)
    request = a_request(terms=terms, approvals=(Approval(BO, NINE),))
    today = Today(
        approvers=(),
        deciders=(ONLY_PAYMENTS,),
        min_approvals=2,
        memberships={BO.object_id: memberships},
    )
    change = follow_rules(request, today, NINE + timedelta(minutes=1))

    head = change.head if change else request
    assert [one.approver for one in head.approvals] == kept
    assert head.state is RequestState.PENDING


def test_a_renamed_group_is_the_same_group() -> None:
    request = a_request(terms=some_terms(approvers=(), deciders=(ONLY_PAYMENTS,)))
    renamed = Principals(groups=(replace(PAYMENTS, name="Payments on call"),))

    assert follow_rules(request, Today(approvers=(), deciders=(renamed,)), NINE) is None


def test_a_rule_of_several_secrets_is_asked_once() -> None:
    assert distinct_rules([ONLY_ADA, ONLY_LEADS, ONLY_ADA]) == (ONLY_ADA, ONLY_LEADS)
