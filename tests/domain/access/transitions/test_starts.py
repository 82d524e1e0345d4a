"""Starts in the future: when access can start, and what happens at the start."""

from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import pytest

from domain.access.approval import Approval
from domain.access.grant import AzureAnswer, Grant
from domain.access.request import GRANT_PATIENCE, Request, RequestState
from domain.access.transitions.changes import approve, cancel, end_early
from domain.access.transitions.starts import (
    check_again,
    decide_start,
    is_missed,
    miss,
    refuse_start,
    start,
)
from domain.reasons import Reason, facts_of_reason
from domain.refusals.refusal import Refusal
from domain.refusals.starts import NoLaterStart, StartInThePast, StartTooFarAhead
from domain.workflow import Event
from tests.support.builders import ADA, BO, DANA, HOUR, MINUTE, SECOND, a_request
from tests.support.clock import NINE
from tests.support.refusing import reason_of

TEN = NINE + HOUR
MOMENT = SECOND / 1_000_000
DAY = timedelta(days=1)
BUSY = AzureAnswer(503, "ServerBusy")
STARTS = {"starts_at": TEN.isoformat()}


def scheduled(**changes: Any) -> Request:
    """Build a request approved at nine whose access starts at ten."""
    return a_request(
        **{
            "state": RequestState.SCHEDULED,
            "approvals": (Approval(ADA, NINE),),
            "starts_at": TEN,
            **changes,
        }
    )


@pytest.mark.parametrize(
    ("starts_at", "within", "refusal"),
    [
        (None, timedelta(), None),
        (TEN, timedelta(), NoLaterStart()),
        (NINE, DAY, StartInThePast(NINE)),
        (NINE + MOMENT, DAY, None),
        (NINE + DAY, DAY, None),
        (NINE + DAY + MOMENT, DAY, StartTooFarAhead(DAY)),
    ],
)
def test_access_starts_after_now_and_no_further_ahead_than_the_policy_allows(
    starts_at: datetime | None, within: timedelta, refusal: Refusal | None
) -> None:
    expected = refusal.reason if refusal else None

    assert reason_of(decide_start(starts_at, within, NINE)) == expected


@pytest.mark.parametrize(("window", "patience"), [(HOUR, HOUR), (MINUTE, GRANT_PATIENCE)])
def test_a_start_is_missed_when_its_window_or_the_patience_is_over(
    window: timedelta, patience: timedelta
) -> None:
    request = scheduled(window=window)

    assert not is_missed(request, TEN + patience - MOMENT)
    assert is_missed(request, TEN + patience)
    assert not is_missed(a_request(), NINE + DAY)


def test_approved_access_is_scheduled_until_its_start() -> None:
    request = a_request(starts_at=TEN)
    early, late = approve(request, ADA, NINE), approve(request, ADA, TEN)

    assert early.head == scheduled()
    assert early.events[1:] == (Event("scheduled", NINE, None, STARTS),)
    assert late.head.state is RequestState.GRANTING


def test_access_that_starts_is_granted_next() -> None:
    checked = scheduled(start_by=TEN, retry_at=TEN, attempt=3, cause="503", answer=BUSY)

    change = start(checked, TEN)

    granting = {"state": RequestState.GRANTING, "grant": Grant(give_up_at=TEN + GRANT_PATIENCE)}
    assert change.head == scheduled(**granting)
    assert change.events == (Event("started", TEN),)


def test_access_that_must_not_start_is_never_granted() -> None:
    why = Reason("nothing_granted")

    change = refuse_start(scheduled(start_by=TEN, retry_at=TEN), why, TEN)

    assert change.head == scheduled(state=RequestState.FAILED, failure=why)
    assert change.events == (Event("failed", TEN, None, facts_of_reason(why)),)


def test_a_start_that_could_not_be_checked_says_so_and_keeps_azures_answer() -> None:
    why = Reason("start_not_checked", {"within": 600.0})

    change = miss(scheduled(start_by=TEN, retry_at=TEN, answer=BUSY), TEN)

    failed = scheduled(state=RequestState.FAILED, failure=why, answer=BUSY, failed_with=BUSY)
    assert change.head == failed
    assert change.events == (Event("failed", TEN, None, facts_of_reason(why)),)


def test_the_checks_at_the_start_are_tried_again_for_as_long_as_a_grant() -> None:
    first = check_again(scheduled(), "503", TEN, jitter=0.5, answer=BUSY)
    second = check_again(first.head, "429", TEN + MINUTE, jitter=0, retry_after=2 * MINUTE)

    assert first.head == scheduled(
        start_by=TEN + GRANT_PATIENCE,
        attempt=1,
        retry_at=TEN + 0.75 * SECOND,
        cause="503",
        answer=BUSY,
    )
    assert second.head == scheduled(
        start_by=TEN + GRANT_PATIENCE, attempt=2, retry_at=TEN + 3 * MINUTE, cause="429"
    )


def test_a_scheduled_start_that_is_cancelled_or_called_off_is_recorded() -> None:
    cancelled = cancel(scheduled(), DANA, NINE)
    called_off = end_early(scheduled(), BO, NINE)

    assert cancelled.events == (Event("cancelled", NINE, DANA, STARTS),)
    assert called_off.head == scheduled(state=RequestState.CANCELLED, ended_by=BO)
    assert called_off.events == (Event("called_off", NINE, BO, STARTS),)


def test_a_wish_that_was_never_approved_has_no_start_to_record() -> None:
    unapproved = cancel(a_request(starts_at=TEN), DANA, NINE)
    without = cancel(replace(scheduled(), starts_at=None), DANA, NINE)

    assert [each.events for each in (unapproved, without)] == [
        (Event("cancelled", NINE, DANA),)
    ] * 2
