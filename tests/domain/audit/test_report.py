"""What a report says about its workflows."""

from datetime import timedelta

from domain.access.request import Approval, RequestState, RuleApproval
from domain.audit.report import Aged, Report, summarise
from domain.rotation.rotation import RotationState
from tests.support.builders import (
    ADA,
    DANA,
    EVE,
    HOUR,
    MINUTE,
    a_denied_request,
    a_granting_request,
    a_request,
    an_active_request,
)
from tests.support.clock import NINE
from tests.support.rotation_builders import a_rotation


def a_report(*heads: object, stuck: int = 0, aged: tuple[Aged, ...] = ()) -> Report:
    return summarise(heads, stuck=stuck, aged=aged, is_whole=True)


def test_without_workflows_the_report_is_empty() -> None:
    report = a_report()

    assert (report.requests, report.rotations, report.active) == ((), (), 0)
    assert report.time_to_decision is None
    assert report.top_requesters == ()


def test_outcomes_are_counted_most_frequent_first() -> None:
    report = a_report(
        a_request(),
        a_denied_request(),
        a_denied_request(),
        a_rotation(state=RotationState.ROTATED),
        a_rotation(state=RotationState.ROLLED_BACK),
    )

    assert report.requests == (("denied", 2), ("pending", 1))
    assert set(report.rotations) == {("rotated", 1), ("rolled_back", 1)}


def test_the_time_to_a_decision_is_the_median_over_peoples_decisions() -> None:
    decided = [
        a_granting_request(approvals=(Approval(ADA, NINE + minutes * MINUTE),))
        for minutes in (2, 4, 60)
    ]
    refused_by_policy = a_denied_request(denial=None)
    undecided = a_request()
    lapsed = a_request(state=RequestState.LAPSED)

    report = a_report(*decided, refused_by_policy, undecided, lapsed)

    assert report.time_to_decision == 4 * MINUTE


def test_with_several_approvals_the_last_one_counts_as_the_decision() -> None:
    approvals = (Approval(ADA, NINE + MINUTE), Approval(EVE, NINE + 9 * MINUTE))

    assert a_report(a_granting_request(approvals=approvals)).time_to_decision == 9 * MINUTE


def test_approvals_by_people_and_by_rule_are_counted_apart() -> None:
    approval = RuleApproval(tables=("demo-*",), conditions="", longest=HOUR)
    by_rule = a_granting_request(approvals=(), approved_by_rule=approval)
    scheduled = a_request(state=RequestState.SCHEDULED, approvals=(Approval(ADA, NINE),))
    broke_glass = a_granting_request(approvals=(), broke_glass=True)

    report = a_report(
        a_granting_request(), scheduled, by_rule, broke_glass, a_request(), a_denied_request()
    )

    assert (report.approved_by_people, report.approved_by_rule) == (2, 1)


def test_a_rule_takes_no_time_to_decide() -> None:
    approval = RuleApproval(tables=("demo-*",), conditions="", longest=HOUR)
    by_rule = a_granting_request(approvals=(), approved_by_rule=approval)

    assert a_report(by_rule).time_to_decision is None


def test_the_first_of_two_approvals_is_not_a_decision() -> None:
    assert a_report(a_request(approvals=(Approval(ADA, NINE),))).time_to_decision is None


def test_active_and_stuck_grants_are_counted() -> None:
    report = a_report(an_active_request(), an_active_request(), a_request(), stuck=3)

    assert (report.active, report.stuck) == (2, 3)


def test_the_oldest_secrets_come_first_after_those_of_unknown_age() -> None:
    aged = tuple(Aged(f"s{days}", "kv", timedelta(days=days)) for days in (1, 9, 3, 4, 2))

    report = a_report(aged=(*aged, Aged("unknown", "kv", None)))

    assert [one.secret for one in report.oldest] == ["unknown", "s9", "s4", "s3", "s2"]


def test_the_most_frequent_requester_comes_first() -> None:
    report = a_report(a_request(requester=EVE), a_request(requester=DANA), a_request(requester=EVE))

    assert report.top_requesters == ((EVE.as_person(), 2), (DANA.as_person(), 1))
