"""What a drill states when it begins, and what it says when its access is over."""

from dataclasses import replace
from datetime import datetime, timedelta

import pytest

from domain.access.assignment import End
from domain.access.grant import AzureAnswer, Grant
from domain.access.request import GRANT_PATIENCE, OVERDUE_AFTER, AccessEffect, Request, RequestState
from domain.access.terms import Terms
from domain.access.transitions import changes as access
from domain.drill import drill as rules
from domain.drill.drill import GONE_BEFORE, SHARED, WINDOW, Drill, DrillState
from domain.people import Actor
from domain.reasons import Reason
from domain.workflow import Change, Event, Fact, Move, Wait
from tests.support.builders import ADA, CY, SECOND, a_target_alone, kinds
from tests.support.clock import NINE

TARGET = a_target_alone("canary")
NOBODY = Actor("", "55555555-0000-4000-8000-000000000001", "Drill")
GIVEN = NINE + SECOND
END = GIVEN + WINDOW
REFUSED = Reason("refused_by_policy", {"code": "RequestDisallowedByPolicy"})


def _begun() -> Drill:
    planned = rules.first("drl-one", TARGET, NOBODY, NINE, asked_by=ADA)
    return rules.begin(planned, NINE).head


def _given() -> Change[Drill]:
    begun = _begun()
    return rules.follow(begun, access.grant(begun.access, None, GIVEN), GIVEN)


def _ending() -> Change[Drill]:
    given = _given().head
    return rules.follow(given, access.end(given.access, END), END)


def _over(
    at: datetime = END, *, shared: bool = False, found: bool = True, unanswered: int = 0
) -> Change[Drill]:
    ending = _ending().head
    ending = replace(ending, access=replace(ending.access, unanswered_ends=unanswered))
    ends = (End(shared=shared, found=found),)
    return rules.follow(ending, access.revoke(ending.access, ends, at), at)


def test_it_asks_for_a_minute_of_access_to_one_secret_with_nobodys_approval() -> None:
    drill = rules.first("drl-one", TARGET, NOBODY, NINE, asked_by=ADA, after_failure=True)

    request = Request(
        id="drl-one",
        state=RequestState.GRANTING,
        requester=NOBODY,
        targets=(TARGET,),
        justification="",
        window=timedelta(minutes=1),
        requested_at=NINE,
        lapses_at=NINE,
        terms=Terms(approvers=(), min_approvals=0, shortest=WINDOW, longest=WINDOW),
    )
    assert drill == Drill(id="drl-one", access=request, asked_by=ADA, after_failure=True)


def test_a_drill_that_is_due_has_nobody_who_asked_and_follows_no_failure() -> None:
    drill = rules.first("drl-one", TARGET, NOBODY, NINE)

    assert (drill.asked_by, drill.after_failure) == (None, False)


def test_the_intent_to_give_access_is_stated_first() -> None:
    planned = rules.first("drl-one", TARGET, NOBODY, NINE, asked_by=ADA)

    change = rules.begin(planned, GIVEN)

    grant = Grant(give_up_at=GIVEN + GRANT_PATIENCE)
    assert change.head == replace(planned, access=replace(planned.access, grant=grant))
    assert change.events == (Event("drill_begun", GIVEN, ADA, {"window": 60.0}),)
    assert rules.next_move(change.head, GIVEN) == Move(AccessEffect.GRANT)


def test_what_comes_next_is_what_its_access_needs() -> None:
    assert rules.next_move(_given().head, GIVEN) == Wait(END)


def test_when_the_access_was_read_back_is_noted_beside_its_own_events() -> None:
    begun = _begun()
    granted = access.grant(begun.access, None, GIVEN)

    change = rules.follow(begun, granted, GIVEN)

    assert change.head == replace(begun, access=granted.head, given_at=GIVEN)
    assert change.events == granted.events
    assert change.head.given_after == SECOND


def test_until_the_access_is_over_there_is_no_outcome() -> None:
    change = _ending()

    assert change.head.state is RequestState.REVOKING
    assert (change.head.given_at, change.head.failure) == (GIVEN, None)
    assert kinds(change.events) == ["ended"]


def test_a_drill_succeeds_when_the_access_was_given_and_taken_away() -> None:
    change = _over(END + 2 * SECOND)

    facts: dict[str, Fact] = {"given_after": 1.0, "lateness": 2.0}
    assert change.head.state is DrillState.SUCCEEDED
    assert change.head.given_at == GIVEN
    assert kinds(change.events) == ["revoked", "drill_succeeded"]
    assert change.events[-1] == Event("drill_succeeded", END + 2 * SECOND, None, facts)


def test_taken_away_at_its_end_is_in_time() -> None:
    change = _over(END)

    assert change.head.failure is None
    assert change.events[-1].facts == {"given_after": 1.0, "lateness": 0.0}


@pytest.mark.parametrize("late", [OVERDUE_AFTER - SECOND, OVERDUE_AFTER, 2 * OVERDUE_AFTER])
def test_taken_away_later_than_the_alarm_is_a_failure(late: timedelta) -> None:
    change = _over(END + late)

    expected = Reason("drill_late", {"late": late.total_seconds()})
    assert change.head.failure == (expected if late >= OVERDUE_AFTER else None)
    assert change.events[-1].facts["lateness"] == late.total_seconds()


def test_a_failure_is_recorded_with_its_reason() -> None:
    change = _over(END + OVERDUE_AFTER)

    facts: dict[str, Fact] = {
        "given_after": 1.0,
        "lateness": 300.0,
        "reason": "drill_late",
        "reason_params": '{"late": 300.0}',
    }
    assert change.head.state is DrillState.FAILED
    assert change.events[-1] == Event("drill_failed", END + OVERDUE_AFTER, None, facts)


def test_access_that_was_gone_before_its_end_proves_nothing() -> None:
    change = _over(found=False)

    facts: dict[str, Fact] = {
        "given_after": 1.0,
        "reason": "drill_gone_before",
        "reason_params": "{}",
    }
    assert change.head.failure == GONE_BEFORE
    assert change.events[-1] == Event("drill_failed", END, None, facts)


def test_access_that_the_drill_may_have_taken_away_before_a_crash_is_no_failure() -> None:
    change = _over(found=False, unanswered=1)

    assert change.head.failure is None


@pytest.mark.parametrize("found", [True, False])
def test_access_that_another_grant_keeps_is_not_taken_away(*, found: bool) -> None:
    change = _over(END + OVERDUE_AFTER, shared=True, found=found)

    assert change.head.failure == SHARED
    assert "lateness" not in change.events[-1].facts


def test_access_that_azure_refused_is_a_failure_for_azures_reason() -> None:
    begun = _begun()
    refused = access.refuse_grant(begun.access, REFUSED, GIVEN, AzureAnswer(403, "Denied"))

    change = rules.follow(begun, refused, GIVEN)

    facts: dict[str, Fact] = {
        "reason": "refused_by_policy",
        "reason_params": '{"code": "RequestDisallowedByPolicy"}',
    }
    assert change.head == replace(begun, access=refused.head, failure=REFUSED)
    assert change.events == (*refused.events, Event("drill_failed", GIVEN, None, facts))


def test_a_drill_that_an_admin_closed_failed_because_of_that() -> None:
    ending = _ending().head
    closed = access.close(ending.access, CY, "The vault is gone.", END + SECOND)

    change = rules.follow(ending, closed, END + SECOND)

    assert change.head.state is RequestState.CLOSED
    assert change.head.failure == Reason("drill_closed")
    assert kinds(change.events) == ["closed", "drill_failed"]


def test_after_its_outcome_there_is_no_second_one() -> None:
    over = _over(END).head

    change = rules.follow(over, Change(replace(over.access, last_look_at=None)), END + SECOND)

    assert change == Change(over)
