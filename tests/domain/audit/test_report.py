"""What a report says about its workflows."""

from collections.abc import Sequence
from datetime import timedelta

from domain.access.approval import Approval, RuleApproval
from domain.access.request import AccessEvent, RequestState
from domain.audit.access_review import Period
from domain.audit.figures import Figures
from domain.audit.history import Workflow
from domain.audit.intervals import Unit
from domain.audit.report import Aged, Decider, Drilled, Report, summarise
from domain.audit.spread import Spread
from domain.drill.drill import Drill
from domain.reasons import Reason
from domain.rotation.rotation import RotationState
from domain.workflow import Event
from tests.support.builders import (
    ADA,
    BO,
    DANA,
    EVE,
    HOUR,
    MINUTE,
    SECRET,
    a_denied_request,
    a_grant,
    a_granting_request,
    a_request,
    a_revoking_request,
    an_active_request,
)
from tests.support.clock import NINE
from tests.support.rotation.builders import a_rotation

DAY = timedelta(days=1)
MONTH = Period(NINE - 30 * DAY, NINE + DAY)


def a_report(*heads: Workflow, stuck: int = 0, aged: tuple[Aged, ...] = ()) -> Report:
    return summarise(figures_of(*heads), asked=MONTH, stuck=stuck, aged=aged)


def figures_of(*heads: Workflow, events: Sequence[Event] = ()) -> Figures:
    figures = Figures()
    for head in heads:
        figures.count(head, events, MONTH.until)
    return figures


def waits(report: Report) -> timedelta | None:
    return report.decisions.median if report.decisions else None


def test_without_workflows_the_report_is_empty() -> None:
    report = a_report()

    assert report.asked == MONTH
    assert (report.requests, report.rotations, report.active) == ((), (), 0)
    assert report.decisions is None
    assert report.requesters == ()


def test_drills_are_counted_apart_with_how_late_their_access_ended() -> None:
    gone = a_revoking_request(state=RequestState.REVOKED, gone_at=NINE + HOUR + MINUTE)
    refused = a_request(state=RequestState.FAILED)
    succeeded = Drill(id="drl-one", access=gone, given_at=NINE)
    failed = Drill(id="drl-two", access=refused, failure=Reason("refused"))

    report = a_report(succeeded, succeeded, failed)

    assert report.drilled == Drilled(3, 2, Spread(2, MINUTE, MINUTE, MINUTE, MINUTE))
    assert report.lateness is None
    assert a_report(failed).drilled == Drilled(1, 0, None)
    assert a_report().drilled is None


def test_outcomes_are_counted_most_frequent_first_and_then_by_name() -> None:
    report = a_report(
        a_request(),
        a_request(),
        a_denied_request(),
        an_active_request(),
        a_rotation(state=RotationState.ROTATED),
        a_rotation(state=RotationState.ROLLED_BACK),
    )

    assert report.requests == (("pending", 2), ("active", 1), ("denied", 1))
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

    assert waits(report) == 4 * MINUTE


def test_with_several_approvals_the_last_one_counts_as_the_decision() -> None:
    approvals = (Approval(ADA, NINE + MINUTE), Approval(EVE, NINE + 9 * MINUTE))

    assert waits(a_report(a_granting_request(approvals=approvals))) == 9 * MINUTE


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

    assert waits(a_report(by_rule)) is None


def test_the_first_of_two_approvals_is_not_a_decision() -> None:
    assert waits(a_report(a_request(approvals=(Approval(ADA, NINE),)))) is None


def test_active_and_stuck_grants_are_counted() -> None:
    report = a_report(an_active_request(), an_active_request(), a_request(), stuck=3)

    assert (report.active, report.stuck) == (2, 3)


def test_the_oldest_secrets_come_first_after_those_of_unknown_age() -> None:
    aged = tuple(Aged(f"s{days}", "kv", timedelta(days=days)) for days in (1, 9, 3, 4, 2))

    report = a_report(aged=(*aged, Aged("unknown", "kv", None)))

    assert [one.secret for one in report.oldest] == ["unknown", "s9", "s4", "s3", "s2", "s1"]


def test_the_most_frequent_requester_comes_first() -> None:
    report = a_report(a_request(requester=EVE), a_request(requester=DANA), a_request(requester=EVE))

    assert report.requesters == ((EVE.as_person(), 2), (DANA.as_person(), 1))


def test_a_period_without_workflows_still_has_its_weeks() -> None:
    report = a_report()

    assert len(report.intervals) == 6
    assert not any(one.requests or one.grants or one.decisions for one in report.intervals)
    assert (report.decisions, report.lateness, report.late) == (None, None, (0, 0, 0, 0))


def test_each_request_grant_and_decision_is_in_its_own_week() -> None:
    asked = NINE - 9 * DAY
    approval = Approval(ADA, asked + 7 * DAY)
    grant = a_grant(granted_at=NINE, expires_at=NINE + HOUR)

    report = a_report(an_active_request(requested_at=asked, approvals=(approval,), grant=grant))

    counts = [(one.start.day, one.requests, one.grants) for one in report.intervals]
    decided = [one.start.day for one in report.intervals if one.decisions]
    assert counts == [(31, 0, 0), (2, 0, 0), (9, 0, 0), (16, 1, 0), (23, 0, 0), (2, 0, 1)]
    assert decided == [23]


def test_the_weeks_add_up_to_the_whole() -> None:
    requests = [
        an_active_request(
            requested_at=NINE - day * DAY,
            approvals=(Approval(ADA, NINE - day * DAY + day * MINUTE),),
            grant=a_grant(granted_at=NINE - day * DAY + HOUR, expires_at=NINE + 2 * DAY),
        )
        for day in range(30)
    ]

    report = a_report(*requests)

    assert sum(one.requests for one in report.intervals) == 30
    assert sum(one.grants for one in report.intervals) == 30
    assert sum(one.decisions.count for one in report.intervals if one.decisions) == 30
    assert report.decisions is not None
    assert (report.decisions.median, report.decisions.p95) == (14.5 * MINUTE, 28 * MINUTE)


def test_the_first_day_is_counted_as_a_whole() -> None:
    report = a_report()

    assert report.counted_since == NINE.replace(month=1, day=31, hour=0)
    assert report.intervals[0].start == report.counted_since


def test_lateness_is_taken_from_the_events() -> None:
    over = an_active_request(
        state=RequestState.REVOKED,
        grant=a_grant(granted_at=NINE, expires_at=NINE + HOUR),
        revoke_since=NINE + HOUR,
    )
    events = (Event(AccessEvent.REVOKED, NINE + HOUR + 2 * MINUTE),)

    report = summarise(figures_of(over, events=events), asked=MONTH, stuck=0, aged=())

    assert report.late == (0, 1, 0, 0)
    assert report.lateness is not None
    assert report.lateness.longest == 2 * MINUTE


def test_everyone_who_answered_is_a_decider() -> None:
    both = a_granting_request(approvals=(Approval(ADA, NINE), Approval(EVE, NINE)))

    some = (both, a_request(approvals=(Approval(EVE, NINE),)))
    report = a_report(*some, *(a_denied_request() for _ in range(3)))

    assert report.deciders == (
        Decider(BO.as_person(), 0, 3),
        Decider(EVE.as_person(), 2, 0),
        Decider(ADA.as_person(), 1, 0),
    )


def test_it_says_what_it_is_about_and_what_could_not_be_read() -> None:
    report = summarise(Figures(), asked=MONTH, secret=SECRET, stuck=0, aged=(), unreadable=2)

    assert (report.secret, report.unit, report.unreadable) == (SECRET, Unit.WEEK, 2)
    assert a_report().unreadable == 0


def test_access_that_an_admin_closed_is_counted_as_unconfirmed() -> None:
    closed = an_active_request(state=RequestState.CLOSED)

    assert a_report(closed, closed, an_active_request()).unconfirmed == 2
