"""What each step makes of a request, and which events it leaves."""

from dataclasses import replace
from datetime import datetime

import pytest

from domain.access.assignment import End
from domain.access.changes import (
    approve,
    block,
    cancel,
    deny,
    end,
    end_early,
    give_up,
    grant,
    lapse,
    note_removed,
    note_unanswered_grant,
    note_unshown_grant,
    refuse_grant,
    report_unreachable,
    revoke,
    submit,
    try_again,
    watch,
)
from domain.access.request import (
    GRANT_PATIENCE,
    OVERDUE_AFTER,
    TRY_LINGERS,
    Approval,
    Denial,
    Request,
    RequestState,
)
from domain.refusals import NotRequestable
from domain.unknown_outcome import RESOURCE_MANAGER_LIFE, SHOWN_AFTER
from domain.workflow import Event, Fact
from tests.support.builders import (
    ADA,
    ASSIGNMENT,
    BO,
    DANA,
    HOUR,
    MINUTE,
    SECOND,
    a_grant,
    a_granting_request,
    a_request,
    a_revoking_request,
    a_target,
    an_active_request,
    in_directory,
    kinds,
    some_terms,
)
from tests.support.clock import NINE

TEN = NINE + HOUR


def test_a_submitted_request_says_who_asked_and_why() -> None:
    request = a_request()
    facts: dict[str, Fact] = {"justification": request.justification, "window": 3600.0}

    change = submit(request)

    assert request == change.head
    assert (Event("requested", NINE, DANA, facts),) == change.events


def test_a_blocked_request_is_over_and_no_approver_denied_it() -> None:
    reason = NotRequestable("root-password")

    change = block(a_request(targets=(a_target("root-password"),)), reason)

    assert RequestState.DENIED is change.head.state
    assert Denial(None, NINE, reason.sentence) == change.head.denial
    assert (Event("blocked", NINE, DANA, {"reason": reason.sentence}),) == change.events


def test_an_approval_states_the_intent_to_grant() -> None:
    change = approve(a_request(), ADA, NINE + MINUTE)

    assert RequestState.GRANTING is change.head.state
    assert (Approval(ADA, NINE + MINUTE),) == change.head.approvals
    assert change.head.assignments == (ASSIGNMENT,)
    assert change.head.granted.give_up_at == NINE + MINUTE + GRANT_PATIENCE
    assert change.head.granted.expires_at is None
    assert (Event("approved", NINE + MINUTE, ADA, {"approvals": 1, "needed": 1}),) == change.events


def test_only_the_last_of_several_approvals_states_the_intent() -> None:
    request = a_request(terms=some_terms(min_approvals=2))

    first = approve(request, ADA, NINE)
    second = approve(first.head, BO, NINE + MINUTE)

    assert RequestState.PENDING is first.head.state
    assert first.head.grant is None
    assert RequestState.GRANTING is second.head.state
    assert (Approval(ADA, NINE), Approval(BO, NINE + MINUTE)) == second.head.approvals
    assert second.events[0].facts == {"approvals": 2, "needed": 2}


def test_a_denial_ends_the_request_with_its_reason() -> None:
    change = deny(a_request(), BO, "use the staging key", NINE)

    assert RequestState.DENIED is change.head.state
    assert Denial(BO, NINE, "use the staging key") == change.head.denial
    assert (Event("denied", NINE, BO, {"reason": "use the staging key"}),) == change.events


def test_a_lapse_is_nobodys_act() -> None:
    change = lapse(a_request(), NINE + 8 * HOUR)

    assert RequestState.LAPSED is change.head.state
    assert (Event("lapsed", NINE + 8 * HOUR),) == change.events


def test_an_unreachable_approver_changes_nothing_but_the_record() -> None:
    change = report_unreachable(a_request(), in_directory(ADA), NINE)
    facts = {"approver": ADA.object_id, "name": ADA.name}

    assert a_request() == change.head
    assert (Event("unreachable", NINE, None, facts),) == change.events


@pytest.mark.parametrize(
    ("created_at", "started"),
    [
        pytest.param(NINE, NINE, id="created when it was approved"),
        pytest.param(NINE + MINUTE, NINE + MINUTE, id="created since"),
        pytest.param(NINE + 2 * MINUTE, NINE + 2 * MINUTE, id="created now"),
        pytest.param(NINE - SECOND, NINE + 2 * MINUTE, id="an older one that is shared"),
        pytest.param(NINE + HOUR, NINE + 2 * MINUTE, id="Azure's clock is ahead"),
        pytest.param(None, NINE + 2 * MINUTE, id="Azure does not say"),
    ],
)
def test_the_window_is_counted_from_the_assignments_creation(
    created_at: datetime | None, started: datetime
) -> None:
    change = grant(a_granting_request(), created_at, NINE + 2 * MINUTE)

    assert RequestState.ACTIVE is change.head.state
    end = started + HOUR
    expected = replace(a_grant(granted_at=started, expires_at=end), warn_at=end - 15 * MINUTE)
    assert expected == change.head.grant


def test_a_grant_tells_its_assignment_and_its_end() -> None:
    change = grant(a_granting_request(), NINE, NINE)
    facts = {"assignment": ASSIGNMENT.id, "expires_at": "2026-03-02T10:00:00+00:00"}

    assert (Event("granted", NINE, None, facts),) == change.events


def test_a_grant_that_worked_at_last_begins_to_count_attempts_anew() -> None:
    head = grant(a_granting_request(attempt=3, retry_at=NINE), NINE, NINE).head

    assert (head.attempt, head.retry_at) == (0, None)


def test_a_refused_grant_ends_at_once() -> None:
    change = refuse_grant(a_granting_request(), "It exists already.", NINE)

    assert RequestState.FAILED is change.head.state
    assert change.head.failure == "It exists already."
    assert (Event("failed", NINE, None, {"reason": "It exists already."}),) == change.events


def test_giving_up_takes_away_what_an_attempt_may_have_left() -> None:
    change = give_up(a_granting_request(attempt=5, retry_at=TEN), "It took too long.", NINE)

    expected = a_revoking_request(grant=a_grant(), failure="It took too long.", revoke_since=NINE)
    assert expected == change.head
    assert (Event("gave up", NINE, None, {"reason": "It took too long."}),) == change.events


def test_access_should_be_gone_from_its_expiry_however_late_that_is_noticed() -> None:
    change = end(an_active_request(attempt=2, retry_at=NINE), TEN + 3 * HOUR)

    assert a_revoking_request(revoke_since=TEN) == change.head
    assert (Event("ended", TEN + 3 * HOUR),) == change.events


@pytest.mark.parametrize(("shared", "found"), [(False, True), (False, False), (True, True)])
def test_a_revocation_says_what_really_happened(shared: bool, found: bool) -> None:
    request = a_revoking_request(retry_at=TEN)

    change = revoke(request, [End(shared=shared, found=found)], TEN)

    assert RequestState.REVOKED is change.head.state
    assert change.head.retry_at is None
    assert (Event("revoked", TEN, None, {"shared": shared, "found": found}),) == change.events


def test_a_revocation_after_giving_up_ends_in_failure() -> None:
    request = a_revoking_request(failure="It took too long.")

    change = revoke(request, [End(shared=False, found=True)], TEN)

    assert RequestState.FAILED is change.head.state
    assert (Event("failed", TEN, None, {"reason": "It took too long."}),) == change.events


def test_a_failed_attempt_is_put_off_and_counted() -> None:
    once = try_again(a_revoking_request(), "503", TEN, jitter=0).head
    twice = try_again(once, "503", TEN + SECOND, jitter=0).head

    assert (once.attempt, once.retry_at) == (1, TEN + SECOND / 2)
    assert (twice.attempt, twice.retry_at) == (2, TEN + SECOND + SECOND)
    assert RequestState.REVOKING is twice.state


def test_a_wait_that_azure_asked_for_is_honoured() -> None:
    head = try_again(a_revoking_request(), "429", TEN, jitter=0, retry_after=90 * SECOND).head

    assert head.retry_at == TEN + 90 * SECOND


def test_a_revocation_is_stuck_once_it_is_overdue() -> None:
    before = try_again(a_revoking_request(), "503", TEN + OVERDUE_AFTER - SECOND, jitter=0)
    after = try_again(before.head, "503", TEN + OVERDUE_AFTER, jitter=0)

    assert before.events == ()
    assert RequestState.STUCK is after.head.state
    assert (
        Event("stuck", TEN + OVERDUE_AFTER, None, {"cause": "503", "attempt": 2}),
    ) == after.events


def test_a_revocation_is_said_to_be_stuck_only_once() -> None:
    stuck = try_again(a_revoking_request(), "503", TEN + HOUR, jitter=0)
    still = try_again(stuck.head, "503", TEN + 2 * HOUR, jitter=0)

    assert kinds(stuck) == ["stuck"]
    assert kinds(still) == []
    assert RequestState.STUCK is still.head.state
    assert still.head.attempt == 2


@pytest.mark.parametrize("request_", [a_granting_request(), an_active_request()])
def test_what_is_not_being_taken_away_cannot_be_stuck(request_: Request) -> None:
    change = try_again(request_, "503", NINE + 24 * HOUR, jitter=0)

    assert request_.state is change.head.state
    assert change.events == ()


def test_a_stuck_revocation_ends_like_any_other() -> None:
    stuck = a_revoking_request(state=RequestState.STUCK, attempt=9, retry_at=TEN)

    change = revoke(stuck, [End(shared=False, found=True)], TEN + HOUR)

    assert RequestState.REVOKED is change.head.state
    assert kinds(change) == ["revoked"]


def test_a_cancellation_ends_a_request_and_names_who() -> None:
    change = cancel(a_request(), DANA, NINE)

    assert RequestState.CANCELLED is change.head.state
    assert (Event("cancelled", NINE, DANA),) == change.events


def test_access_that_is_ended_early_should_be_gone_at_once() -> None:
    change = end_early(an_active_request(attempt=2), BO, NINE + MINUTE)

    assert RequestState.REVOKING is change.head.state
    assert (change.head.ended_by, change.head.revoke_since) == (BO, NINE + MINUTE)
    assert (change.head.attempt, change.head.retry_at) == (0, None)
    assert (Event("ended early", NINE + MINUTE, BO),) == change.events


def test_what_is_sent_while_somebody_ends_a_grant_counts_as_not_answered() -> None:
    change = end_early(a_granting_request(), DANA, NINE + MINUTE)

    assert change.head.state is RequestState.REVOKING
    assert change.head.retry_at is None
    assert change.head.may_appear_until == NINE + MINUTE + TRY_LINGERS + RESOURCE_MANAGER_LIFE


def test_a_grant_that_is_tried_again_later_is_not_being_tried_when_it_is_ended() -> None:
    waiting = replace(a_granting_request(), retry_at=NINE + 2 * MINUTE)

    change = end_early(waiting, DANA, NINE + MINUTE)

    assert change.head.may_appear_until is None


def test_what_no_read_has_shown_may_appear_until_a_read_must_have_shown_it() -> None:
    request = note_unshown_grant(a_granting_request(), NINE)

    assert (request.may_appear_until, request.unanswered) == (NINE + SHOWN_AFTER, 0)


def test_what_was_not_answered_is_waited_for_longer_than_what_was_not_shown() -> None:
    request = note_unshown_grant(note_unanswered_grant(a_granting_request(), NINE), NINE)

    assert request.may_appear_until == NINE + RESOURCE_MANAGER_LIFE


def test_nothing_is_waited_for_once_a_read_has_shown_all_that_was_answered() -> None:
    request = note_unshown_grant(a_granting_request(), NINE)

    assert grant(request, NINE, NINE).head.may_appear_until is None


def test_what_was_not_answered_may_appear_although_a_read_has_shown_the_assignment() -> None:
    request = note_unanswered_grant(a_granting_request(), NINE)

    assert grant(request, NINE, NINE).head.may_appear_until == NINE + RESOURCE_MANAGER_LIFE


def test_what_a_deletion_found_is_kept_while_the_access_is_watched() -> None:
    ended = note_removed(end_early(an_active_request(), BO, NINE).head, [ASSIGNMENT])

    change = watch(ended, [], TEN, NINE)

    assert change.head.removed == (ASSIGNMENT.id,)
    assert change.events[0].facts["found"] is True


@pytest.mark.parametrize(("granted", "facts"), [(True, {}), (False, {"granted": False})])
def test_the_end_of_access_says_whether_it_had_ever_begun(
    granted: bool, facts: dict[str, bool]
) -> None:
    request = an_active_request() if granted else a_granting_request()
    ended = end_early(request, DANA, NINE).head

    change = revoke(ended, [End(shared=False, found=granted)], TEN)

    assert RequestState.REVOKED is change.head.state
    assert {"shared": False, "found": granted} | facts == change.events[0].facts
