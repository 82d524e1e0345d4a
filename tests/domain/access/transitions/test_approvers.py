"""Requests whose approvers follow the policy in force."""

from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import pytest

from domain.access.approval import Approval, LeftOut, Review, RuleApproval
from domain.access.extension import Extension
from domain.access.fresh_sign_in import FreshSignIn
from domain.access.request import AccessEvent, Request, RequestState
from domain.access.rules.deciders import Deciders, WhoDecide
from domain.access.rules.step_up_rule import NO_STEP_UP, StepUpAct, StepUpRule
from domain.access.terms import Reviewers, Terms
from domain.access.transitions import failures
from domain.access.transitions.approvers import (
    Today,
    asks_again,
    asks_others_again,
    follow_rules,
    former_approvers,
    group_joined_after,
    had_approved,
    has_to_decide_again,
    is_unchanged,
    joined_after,
    lacks_approvers,
    recorded,
    waits,
)
from domain.access.transitions.changes import give_up, refuse_grant
from domain.access.transitions.starts import refuse_start
from domain.people import Group, Principals
from domain.refusals.decisions import RequestNotConfirmed
from domain.workflow import Change, Event, Fact
from tests.support.builders import (
    ADA,
    BO,
    CY,
    DANA,
    EVE,
    HOUR,
    MINUTE,
    a_granting_request,
    a_request,
    a_revoking_request,
    a_target_alone,
    an_active_request,
    in_directory,
    some_terms,
)
from tests.support.clock import NINE

ADA_, BO_, CY_, EVE_ = map(in_directory, (ADA, BO, CY, EVE))
BY_ADA, BY_BO = Approval(ADA, NINE), Approval(BO, NINE)
PAYMENTS = Group("group-1", "Payments")
LEADS = Group("group-2", "Team leads")
IN_PAYMENTS, IN_LEADS = Principals(groups=(PAYMENTS,)), Principals(groups=(LEADS,))
LATER = NINE + MINUTE


def followed(request: Request, **today: Any) -> Change[Request]:
    change = follow_rules(request, Today(**today), LATER)
    assert change is not None
    return change


def test_a_change_records_who_came_and_went_and_whose_approval_no_longer_counts() -> None:
    request = a_request(terms=some_terms(min_approvals=2), approvals=(BY_ADA, BY_BO))

    change = followed(request, approvers=(CY_, EVE_, BO_))

    terms = some_terms(approvers=(BO_, CY_, EVE_), min_approvals=2)
    assert change.head == a_request(terms=terms, approvals=(BY_BO,), approvers_since=LATER)
    facts: dict[str, Fact] = {
        "added": "Cy Careful, Eve Engineer",
        "removed": "Ada Approver",
        "added_ids": f"{CY.object_id} {EVE.object_id}",
        "removed_ids": ADA.object_id,
        "needed": 2,
        "no_longer_counts": "Ada Approver",
        "no_longer_counts_ids": ADA.object_id,
        "enough": True,
        "approvers": "Bo Backup, Cy Careful, Eve Engineer",
        "approvers_ids": f"{BO.object_id} {CY.object_id} {EVE.object_id}",
        "by_admins": False,
        "left_out": False,
    }
    assert change.events == (Event("approvers_changed", LATER, None, facts),)


CY_REVIEWS = Reviewers((CY_,), Principals((CY_,)))


def taken(**changes: Any) -> Request:
    return an_active_request(**({"broke_glass": True, "approvals": ()} | changes))


def test_admins_review_in_place_of_the_approvers_and_take_no_other_decision() -> None:
    change = followed(taken(), approvers=(), reviewers=CY_REVIEWS)

    assert change.head.terms == some_terms(approvers=())
    assert change.head.review_terms.named.people == (CY_,)
    [event] = change.events
    assert [event.facts[one] for one in ("added", "removed", "enough")] == [
        CY.name,
        f"{ADA.name}, {BO.name}",
        True,
    ]


def test_admins_of_whom_others_are_reviewers_now_are_a_change() -> None:
    in_group = Reviewers((CY_,), Principals((CY_,), (LEADS,)))
    before = taken(terms=some_terms(approvers=()), reviewers=CY_REVIEWS)

    change = followed(before, approvers=(), reviewers=in_group)

    assert change.events[0].facts["added_groups"] == LEADS.name
    assert follow_rules(change.head, Today(approvers=(), reviewers=in_group), LATER) is None


def test_who_reviewed_in_place_of_the_approvers_stays_on_record() -> None:
    reviewed = taken(reviewers=CY_REVIEWS, review=Review(CY, NINE, "looked into it"))

    change = followed(reviewed, approvers=(BO_,))

    assert change.head.reviewers == CY_REVIEWS


def test_the_same_approvers_are_no_change() -> None:
    assert follow_rules(a_request(), Today(approvers=(ADA_, BO_)), LATER) is None


@pytest.mark.parametrize(
    ("today", "approvers"),
    [
        ({"approvers": (ADA_, BO_, CY_)}, (ADA_, BO_, CY_)),
        ({"approvers": (BO_,)}, (BO_,)),
        ({"approvers": (ADA_, BO_), "min_approvals": 2}, (ADA_, BO_)),
        ({"approvers": (ADA_, BO_), "deciders": (IN_PAYMENTS,)}, (ADA_, BO_)),
    ],
    ids=["one more", "one less", "a larger quorum", "a group"],
)
def test_any_change_of_who_decides_is_recorded(today: dict[str, Any], approvers: object) -> None:
    change = followed(a_request(), **today)

    assert change.head.terms.approvers == approvers
    assert [event.kind for event in change.events] == ["approvers_changed"]


@pytest.mark.parametrize(("before", "after", "needed"), [(2, 1, 2), (1, 2, 2)])
def test_the_quorum_grows_and_never_shrinks(before: int, after: int, needed: int) -> None:
    request = a_request(terms=some_terms(min_approvals=before))

    change = followed(request, approvers=(ADA_, BO_, CY_), min_approvals=after)

    assert change.head.terms.min_approvals == needed


@pytest.mark.parametrize(
    ("requester", "approvers", "needed", "enough"),
    [
        (DANA, (BO_,), 1, True),
        (DANA, (BO_,), 2, False),
        (BO, (BO_, CY_), 1, True),
        (BO, (BO_, CY_), 2, False),
    ],
)
def test_a_change_says_whether_enough_people_are_left(
    requester: Any, approvers: Any, needed: int, enough: bool
) -> None:
    change = followed(a_request(requester=requester), approvers=approvers, min_approvals=needed)

    assert change.events[0].facts["enough"] is enough


@pytest.mark.parametrize("are_enough", [True, False])
def test_the_members_of_a_group_are_counted_by_whoever_can_see_them(are_enough: bool) -> None:
    change = followed(a_request(), approvers=(BO_,), deciders=(IN_PAYMENTS,), are_enough=are_enough)

    assert change.events[0].facts["enough"] is are_enough


def scheduled(**changes: Any) -> Request:
    return a_request(
        **{
            "state": RequestState.SCHEDULED,
            "starts_at": NINE + HOUR,
            "approvals": (BY_ADA,),
            **changes,
        }
    )


def test_scheduled_access_ends_if_its_approvals_no_longer_count() -> None:
    change = followed(scheduled(), approvers=(BO_,))
    [changed, *rest] = change.events

    why = failures.of_lost_approvals(["Ada Approver"])
    terms = some_terms(approvers=(BO_,))
    without = scheduled(terms=terms, approvals=(), approvers_since=LATER)
    ended = refuse_grant(without, why, LATER)
    assert change.head == ended.head
    assert changed.kind == "approvers_changed"
    assert tuple(rest) == ended.events


def test_a_grant_that_is_being_tried_is_given_up_if_its_approvals_no_longer_count() -> None:
    change = followed(a_granting_request(), approvers=(BO_,))

    why = failures.of_lost_approvals(["Ada Approver"])
    without = a_granting_request(
        terms=some_terms(approvers=(BO_,)), approvals=(), approvers_since=LATER
    )
    assert change.head == give_up(without, why, LATER).head


BY_RULE = RuleApproval(tables=("demo-*",), conditions="max = 1h", longest=HOUR)


@pytest.mark.parametrize("how", [{"broke_glass": True}, {"approved_by_rule": BY_RULE}])
def test_access_that_needs_no_approval_goes_on_without_one(how: dict[str, Any]) -> None:
    granting = a_granting_request(approvals=(), **how)

    assert followed(granting, approvers=(BO_,)).head.state is RequestState.GRANTING


def test_scheduled_access_stays_if_enough_approvals_still_count() -> None:
    change = followed(scheduled(), approvers=(ADA_,))

    assert change.head.state is RequestState.SCHEDULED
    assert change.head.approvals == (BY_ADA,)


def test_an_approval_of_more_time_stops_counting_and_the_wish_stays_open() -> None:
    wish = Extension(HOUR, NINE, "wish", (BY_ADA, BY_BO))
    active = an_active_request(terms=some_terms(min_approvals=3), extension=wish)

    change = followed(active, approvers=(BO_,))

    facts, ends_at = change.events[0].facts, active.granted.expires_at
    assert change.head.extension == replace(wish, approvals=(BY_BO,))
    assert facts["no_longer_counts"] == "Ada Approver"
    assert facts["more_asked_at"] == NINE.isoformat()
    assert facts["by"] == HOUR.total_seconds()
    assert ends_at
    assert facts["expires_at"] == ends_at.isoformat()


def test_the_approvals_of_active_access_count_for_good() -> None:
    change = followed(an_active_request(), approvers=(BO_,))

    assert change.head.approvals == an_active_request().approvals
    assert change.events[0].facts["no_longer_counts"] == ""


ESCALATED = some_terms(approvers=(ADA_, BO_), escalation=(BO_,))


@pytest.mark.parametrize(
    ("terms", "escalate_at", "approvers"),
    [
        (ESCALATED, None, (ADA_, CY_, EVE_)),
        (ESCALATED, NINE + HOUR, (ADA_, CY_)),
        (some_terms(approvers=(ADA_, BO_), escalation=(EVE_,)), None, (ADA_, CY_)),
        (some_terms(approvers=(ADA_, BO_)), None, (ADA_, CY_)),
    ],
    ids=["escalated", "not yet", "nobody of them decides", "nobody to escalate to"],
)
def test_only_an_escalated_request_is_decided_by_those_it_is_escalated_to(
    terms: Any, escalate_at: Any, approvers: object
) -> None:
    request = a_request(terms=terms, escalate_at=escalate_at)

    change = followed(request, approvers=(ADA_, CY_), escalation=(EVE_,))

    assert change.head.terms.approvers == approvers
    assert change.head.terms.escalation == (EVE_,)


@pytest.mark.parametrize("escalated", [True, False])
@pytest.mark.parametrize(
    ("now", "later", "expected"),
    [(True, False, True), (False, False, False), (False, True, None)],
)
def test_the_channel_is_asked_if_a_group_that_decides_now_is_too_large(
    escalated: bool, now: bool, later: bool, expected: bool | None
) -> None:
    terms = some_terms(
        deciders=(IN_LEADS if escalated else IN_PAYMENTS,), later_deciders=(IN_LEADS,)
    )
    both = Principals(groups=(PAYMENTS, LEADS))

    change = followed(
        a_request(terms=terms),
        approvers=(ADA_,),
        deciders=(IN_PAYMENTS,),
        in_channel=now,
        later_deciders=(both,),
        later_in_channel=later,
    )

    assert change.head.terms.in_channel is (escalated if expected is None else expected)
    assert change.head.terms.later_in_channel is later
    assert change.head.terms.deciders == ((both,) if escalated else (IN_PAYMENTS,))


def test_new_people_to_escalate_to_are_noted_without_an_event() -> None:
    request = a_request(escalate_at=NINE + HOUR)

    change = followed(request, approvers=(BO_, ADA_), escalation=(CY_,))

    assert change == Change(replace(request, terms=some_terms(escalation=(CY_,))))


def test_approvers_of_another_order_or_name_keep_theirs() -> None:
    renamed = replace(ADA_, name="Ada Married")
    request = a_request(escalate_at=NINE + HOUR)

    change = followed(request, approvers=(BO_, renamed), escalation=(CY_,))

    assert change.head.terms.approvers == (ADA_, BO_)


def changed(**facts: str) -> Event:
    return Event("approvers_changed", NINE, None, facts)


def test_who_has_to_decide_again_and_is_no_approver_by_name_gets_no_card() -> None:
    request = a_request(terms=some_terms(approvers=(ADA_,)))
    by_name, of_a_group = ADA.object_id, EVE.object_id

    assert asks_others_again(request, changed(decide_again_ids=f"{by_name} {of_a_group}"))
    assert not asks_others_again(request, changed(decide_again_ids=by_name))
    assert not asks_others_again(request, changed(added_ids=of_a_group))


def test_former_approvers_are_those_who_went_and_did_not_come_back() -> None:
    events = [
        changed(removed_ids=f"{CY.object_id} {EVE.object_id}", added_ids=""),
        changed(removed_ids="", added_ids=EVE.object_id),
        Event("escalated", NINE, None, {"removed_ids": DANA.object_id}),
        changed(removed_ids=BO.object_id),
        changed(),
    ]

    former = former_approvers(a_request(), events)

    assert former == {CY.object_id, EVE.object_id}


def test_a_former_approver_who_reviews_as_an_admin_is_asked_like_before() -> None:
    request = taken(terms=some_terms(approvers=()), reviewers=CY_REVIEWS)
    events = [changed(removed_ids=f"{CY.object_id} {EVE.object_id}")]

    assert former_approvers(request, events) == {EVE.object_id}


def test_someone_joined_after_an_event_if_a_later_change_added_them() -> None:
    events = [
        changed(added_ids=f"{BO.object_id} {ADA.object_id}"),
        Event("reminded", NINE),
        changed(added_ids=f"{CY.object_id} {EVE.object_id}"),
    ]

    assert [joined_after(one, 2, events) for one in (ADA_, BO_, CY_, EVE_)] == [
        False,
        False,
        True,
        True,
    ]
    assert joined_after(ADA_, 0, events)
    assert not joined_after(ADA_, 1, events)


def test_a_group_joined_after_an_event_if_a_later_change_added_one() -> None:
    other = Event("reminded", NINE, None, {"added_groups": "Leads"})
    events = [changed(added_groups="Leads"), other, changed(added_ids=BO.object_id)]

    assert group_joined_after(0, events)
    assert not group_joined_after(1, events)


def test_an_approval_counted_at_an_event_if_it_came_before_and_still_counts() -> None:
    events = [
        Event("reminded", NINE, DANA),
        Event("approved", NINE, ADA),
        Event("approved", NINE, BO),
        Event("approved", NINE),
        changed(no_longer_counts_ids=BO.object_id),
        Event("reminded", NINE),
    ]

    assert [had_approved(one.object_id, 6, events) for one in (DANA, ADA, BO)] == [
        False,
        True,
        False,
    ]
    assert not had_approved(ADA.object_id, 2, events)
    assert had_approved(ADA.object_id, 3, events)
    assert had_approved(BO.object_id, 5, events)


@pytest.mark.parametrize(
    ("request_", "expected"),
    [
        (a_request(), True),
        (scheduled(), True),
        (an_active_request(), False),
        (an_active_request(extension=Extension(HOUR, NINE)), True),
        (a_revoking_request(extension=Extension(HOUR, NINE)), False),
        (a_revoking_request(broke_glass=True), True),
    ],
    ids=["pending", "scheduled", "active", "more time", "ending", "to be reviewed"],
)
def test_a_request_has_approvers_while_there_is_something_to_decide(
    request_: Request, expected: bool
) -> None:
    assert waits(request_) is expected


WHO = WhoDecide(
    approvers=(ADA_, BO_),
    deciders=(IN_PAYMENTS,),
    in_channel=True,
    escalation=(CY_,),
    later_deciders=(IN_LEADS,),
    later_in_channel=True,
)


def test_what_a_request_recorded_is_who_decides() -> None:
    terms = some_terms(
        deciders=(IN_PAYMENTS,),
        in_channel=True,
        escalation=(CY_,),
        later_deciders=(IN_LEADS,),
        later_in_channel=True,
    )

    assert recorded(terms) == WHO


CONFIRMED = StepUpRule(required=True, contexts=("c1",))


def signed_in(ago: timedelta = timedelta(), *contexts: str) -> FreshSignIn:
    return FreshSignIn(ADA.object_id, NINE - ago, contexts)


@pytest.mark.parametrize(
    ("sign_in", "rule", "counts"),
    [
        (None, NO_STEP_UP, True),
        (None, CONFIRMED, False),
        (signed_in(timedelta(), "c1"), CONFIRMED, True),
        (signed_in(timedelta(), "c2"), CONFIRMED, False),
        (signed_in(timedelta(minutes=6), "c1"), CONFIRMED, False),
        (None, replace(CONFIRMED, acts=(StepUpAct.REQUEST,)), True),
    ],
)
@pytest.mark.parametrize("is_todays", [True, False])
def test_an_approval_counts_only_if_it_was_confirmed_as_the_rules_ask(
    sign_in: FreshSignIn | None, rule: StepUpRule, counts: bool, is_todays: bool
) -> None:
    approval = Approval(ADA, NINE, sign_in=sign_in)
    terms = some_terms(approvers=(ADA_, BO_), min_approvals=2)
    own, todays = (NO_STEP_UP, rule) if is_todays else (rule, NO_STEP_UP)
    request = a_request(approvals=(approval,), terms=replace(terms, step_up=own))

    change = follow_rules(
        request, Today(approvers=(ADA_, BO_), min_approvals=2, step_up=todays), NINE
    )

    assert (change is None) == counts
    assert change is None or change.head.approvals == ()


def test_scheduled_access_ends_if_its_requester_did_not_confirm_it_as_the_rules_ask() -> None:
    request = scheduled()

    asked_of_requesters = replace(CONFIRMED, acts=(StepUpAct.REQUEST,))
    change = followed(request, approvers=(ADA_,), step_up=asked_of_requesters)

    unconfirmed = RequestNotConfirmed(request.requester.name).reason
    assert change == refuse_start(request, failures.of_refused_start(unconfirmed), LATER)


def test_today_is_who_decides_with_the_quorum_and_the_memberships() -> None:
    memberships = {ADA.object_id: frozenset({"group-1"})}

    assert Today.of(replace(WHO, are_enough=False), 2, CONFIRMED, memberships) == Today(
        approvers=(ADA_, BO_),
        deciders=(IN_PAYMENTS,),
        in_channel=True,
        escalation=(CY_,),
        later_deciders=(IN_LEADS,),
        later_in_channel=True,
        are_enough=False,
        min_approvals=2,
        step_up=CONFIRMED,
        memberships=memberships,
    )


PLAIN = Deciders(IN_PAYMENTS)
ESCALATING = Deciders(IN_PAYMENTS, IN_LEADS)
BOTH = Principals(groups=(PAYMENTS, LEADS))
NOW = some_terms(deciders=(IN_PAYMENTS,))
SOON = some_terms(deciders=(IN_PAYMENTS,), later_deciders=(BOTH,))
THEN = some_terms(deciders=(BOTH,), later_deciders=(BOTH,))


@pytest.mark.parametrize(
    ("terms", "escalate_at", "rule", "expected"),
    [
        (NOW, None, PLAIN, True),
        (NOW, None, Deciders(IN_LEADS), False),
        (NOW, None, ESCALATING, False),
        (SOON, NINE + HOUR, ESCALATING, True),
        (SOON, NINE + HOUR, PLAIN, False),
        (THEN, None, ESCALATING, True),
        (THEN, NINE + HOUR, ESCALATING, False),
        (THEN, None, Deciders(IN_LEADS, IN_LEADS), False),
    ],
)
def test_rules_are_unchanged_if_they_name_the_same_people_and_groups(
    terms: Any, escalate_at: Any, rule: Deciders, expected: bool
) -> None:
    request = a_request(terms=terms, escalate_at=escalate_at)

    assert is_unchanged(request, [rule], {}) is expected


@pytest.mark.parametrize(("group", "expected"), [("group-1", True), ("group-2", False)])
def test_rules_are_not_unchanged_if_an_approval_no_longer_counts(
    group: str, expected: bool
) -> None:
    request = a_request(terms=NOW, approvals=(BY_ADA,))

    assert is_unchanged(request, [PLAIN], {ADA.object_id: {group}}) is expected
    assert not is_unchanged(request, [PLAIN], {})


def test_only_those_decide_again_whose_approval_stopped_counting() -> None:
    facts: dict[str, Fact] = {"decide_again_ids": ADA.object_id}
    event = Event(AccessEvent.APPROVERS_CHANGED, NINE, None, facts)

    assert asks_again(event)
    assert has_to_decide_again(ADA.object_id, event)
    assert not has_to_decide_again(BO.object_id, event)


@pytest.mark.parametrize(
    ("state", "again"), [(RequestState.PENDING, ADA.object_id), (RequestState.SCHEDULED, None)]
)
def test_whoever_can_still_decide_is_asked_again_while_a_request_waits(
    state: RequestState, again: str | None
) -> None:
    terms = replace(some_terms(approvers=(ADA_, BO_), min_approvals=2), step_up=CONFIRMED)
    request = a_request(state=state, approvals=(BY_ADA, Approval(CY, NINE)), terms=terms)

    change = follow_rules(
        request, Today(approvers=(ADA_, BO_), min_approvals=2, step_up=CONFIRMED), NINE
    )

    assert change
    assert change.events[0].facts.get("decide_again_ids") == again


def test_that_an_approver_left_a_secret_out_is_recorded_with_who_can_decide() -> None:
    left = (LeftOut(a_target_alone("b"), ADA),)

    change = followed(a_request(left_out=left), approvers=(ADA_,))

    assert change.events[0].facts["left_out"] is True


def test_no_one_is_asked_again_by_a_change_that_drops_no_approval() -> None:
    assert not asks_again(Event(AccessEvent.APPROVERS_CHANGED, NINE, None, {}))


GROUPED = (Principals((), (PAYMENTS,)),)


@pytest.mark.parametrize(
    ("terms", "escalate_at", "lacks"),
    [
        (some_terms(min_approvals=2), None, False),
        (some_terms(min_approvals=3), None, True),
        (some_terms(min_approvals=3, escalation=(in_directory(CY),)), NINE, False),
        (some_terms(min_approvals=3, escalation=(in_directory(CY),)), None, True),
        (some_terms(min_approvals=2, approvers=tuple(map(in_directory, (ADA, DANA)))), None, True),
        (some_terms(min_approvals=3, deciders=GROUPED), None, False),
        (some_terms(min_approvals=3, later_deciders=GROUPED), NINE, False),
        (some_terms(min_approvals=3, later_deciders=GROUPED), None, True),
    ],
)
def test_there_are_too_few_approvers_if_all_of_them_are_fewer_than_needed(
    terms: Terms, escalate_at: datetime | None, lacks: bool
) -> None:
    assert lacks_approvers(a_request(terms=terms, escalate_at=escalate_at)) is lacks


def test_a_requester_whom_the_rules_name_as_an_approver_is_not_said_to_be_asked() -> None:
    today = Today(approvers=tuple(map(in_directory, (ADA, DANA, CY))))

    changed = follow_rules(a_request(), today, NINE)

    assert changed is not None
    assert changed.events[0].facts["added"] == "Cy Careful"
    same = Today(approvers=tuple(map(in_directory, (ADA, BO, DANA))))
    assert follow_rules(a_request(), same, NINE) is None
