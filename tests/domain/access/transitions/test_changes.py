"""What each change does to a request, and which events it leaves."""

from dataclasses import replace
from datetime import datetime

import pytest

from domain.access.approval import Approval, Denial
from domain.access.assignment import Assignment, End
from domain.access.fresh_sign_in import FreshSignIn
from domain.access.grant import AzureAnswer
from domain.access.request import (
    GRANT_PATIENCE,
    LAST_LOOK_AFTER,
    LOOK_AGAIN,
    OVERDUE_AFTER,
    TRY_LINGERS,
    Request,
    RequestState,
)
from domain.access.transitions.changes import (
    approve,
    block,
    cancel,
    close,
    close_missing,
    deny,
    end,
    end_early,
    facts_of,
    give_up,
    grant,
    hurry,
    interrupt,
    lapse,
    next_look,
    note_made,
    note_removed,
    note_unanswered_end,
    note_unanswered_grant,
    note_unshown_grant,
    overtaken,
    refuse_grant,
    report_unreachable,
    retry_now,
    revoke,
    submit,
    try_again,
    watch,
)
from domain.reasons import Reason, facts_of_reason
from domain.refusals.secrets import NotRequestable
from domain.unknown_outcome import RESOURCE_MANAGER_LIFE, SHOWN_AFTER
from domain.workflow import Event, Fact
from tests.support.builders import (
    ADA,
    ASSIGNMENT,
    BO,
    DANA,
    EVE,
    HOUR,
    MINUTE,
    SECOND,
    SECRET,
    VAULT,
    a_grant,
    a_granting_request,
    a_request,
    a_revoking_request,
    a_target,
    a_target_alone,
    an_active_request,
    in_directory,
    kinds,
    some_terms,
)
from tests.support.clock import NINE

TEN = NINE + HOUR

EXISTS = Reason("assignment_exists")
BUSY = AzureAnswer(503, "ServerBusy")
TOO_LONG = Reason("assignment_not_made_in_time", {"within": 600.0})


def test_a_submitted_request_records_who_asked_and_why() -> None:
    request = a_request()
    facts: dict[str, Fact] = {
        "justification": request.justification,
        "window": 3600.0,
        "scope": VAULT.resource_id,
        "exposes": "37",
        "not_requestable": "?",
        "approvers": "Ada Approver, Bo Backup",
        "approvers_ids": f"{ADA.object_id} {BO.object_id}",
    }

    change = submit(request)

    assert request == change.head
    assert (Event("requested", NINE, DANA, facts),) == change.events


def test_a_request_for_someone_else_that_starts_later_records_both() -> None:
    [event] = submit(a_request(starts_at=TEN, beneficiary=in_directory(EVE))).events

    assert event.facts == {
        "justification": a_request().justification,
        "window": 3600.0,
        "scope": VAULT.resource_id,
        "exposes": "37",
        "not_requestable": "?",
        "approvers": "Ada Approver, Bo Backup",
        "approvers_ids": f"{ADA.object_id} {BO.object_id}",
        "starts_at": TEN.isoformat(),
        "for": EVE.object_id,
        "for_name": EVE.name,
    }


def test_a_blocked_request_is_denied_by_no_approver() -> None:
    reason = NotRequestable("root-password")

    change = block(a_request(targets=(a_target("root-password"),)), reason)

    assert change.head.state is RequestState.DENIED
    assert Denial(None, NINE, refusal=reason.reason) == change.head.denial
    facts = {"reason": "not_requestable", "reason_params": '{"secret": "root-password"}'}
    assert (Event("blocked", NINE, DANA, facts),) == change.events


def test_an_approval_states_the_intent_to_grant() -> None:
    change = approve(a_request(), ADA, NINE + MINUTE)

    assert change.head.state is RequestState.GRANTING
    assert change.head.approvals == (Approval(ADA, NINE + MINUTE),)
    assert change.head.assignments == (ASSIGNMENT,)
    assert change.head.granted.give_up_at == NINE + MINUTE + GRANT_PATIENCE
    assert change.head.granted.expires_at is None
    assert change.events == (Event("approved", NINE + MINUTE, ADA, {"approvals": 1, "needed": 1}),)


def test_only_the_last_of_several_approvals_states_the_intent() -> None:
    request = a_request(terms=some_terms(min_approvals=2))

    first = approve(request, ADA, NINE)
    second = approve(first.head, BO, NINE + MINUTE)

    assert first.head.state is RequestState.PENDING
    assert first.head.grant is None
    assert first.events == (Event("approved", NINE, ADA, {"approvals": 1, "needed": 2}),)
    assert second.head.state is RequestState.GRANTING
    assert second.head.approvals == (Approval(ADA, NINE), Approval(BO, NINE + MINUTE))
    assert second.events[0].facts == {"approvals": 2, "needed": 2}


def test_an_approval_records_its_limits_and_its_note() -> None:
    request = a_request(targets=(a_target(secret_scope="/vault/secrets/one"),))

    change = approve(request, ADA, NINE, window=10 * MINUTE, narrowed=True, note="briefly")

    facts: dict[str, Fact] = {
        "approvals": 1,
        "needed": 1,
        "window": 600.0,
        "narrowed": True,
        "note": "briefly",
    }
    assert change.events == (Event("approved", NINE, ADA, facts),)


def test_an_approval_of_all_that_was_asked_for_sets_no_limits() -> None:
    change = approve(a_request(), ADA, NINE, window=HOUR, narrowed=True)

    assert change.head.approvals == (Approval(ADA, NINE),)
    assert change.events[0].facts == {"approvals": 1, "needed": 1}


def test_a_grant_begins_without_attempts() -> None:
    head = approve(a_request(attempt=3, retry_at=TEN), ADA, NINE).head

    assert (head.attempt, head.retry_at) == (0, None)


def test_a_denial_ends_the_request_with_its_reason() -> None:
    change = deny(a_request(), BO, "use the staging key", NINE)

    assert change.head.state is RequestState.DENIED
    assert change.head.denial == Denial(BO, NINE, "use the staging key")
    assert change.events == (Event("denied", NINE, BO, {"reason": "use the staging key"}),)


def test_a_lapse_has_no_actor() -> None:
    change = lapse(a_request(), NINE + 8 * HOUR)

    assert change.head.state is RequestState.LAPSED
    assert change.events == (Event("lapsed", NINE + 8 * HOUR),)


def test_an_unreachable_approver_changes_nothing_but_the_record() -> None:
    change = report_unreachable(a_request(), in_directory(ADA), NINE)
    facts = {"approver": ADA.object_id, "name": ADA.name}

    assert change.head == a_request()
    assert (Event("unreachable", NINE, None, facts),) == change.events


@pytest.mark.parametrize(
    ("created_at", "started"),
    [
        pytest.param(NINE, NINE, id="created at the approval"),
        pytest.param(NINE + MINUTE, NINE + MINUTE, id="created after the approval"),
        pytest.param(NINE + 2 * MINUTE, NINE + 2 * MINUTE, id="created now"),
        pytest.param(NINE - SECOND, NINE + 2 * MINUTE, id="an older, shared one"),
        pytest.param(NINE + HOUR, NINE + 2 * MINUTE, id="Azure's clock is ahead"),
        pytest.param(None, NINE + 2 * MINUTE, id="no time from Azure"),
    ],
)
def test_the_window_counts_from_the_assignments_creation(
    created_at: datetime | None, started: datetime
) -> None:
    change = grant(a_granting_request(), created_at, NINE + 2 * MINUTE)

    assert change.head.state is RequestState.ACTIVE
    end = started + HOUR
    expected = replace(a_grant(granted_at=started, expires_at=end), warn_at=end - 15 * MINUTE)
    assert change.head.grant == expected


def test_a_grant_records_its_assignment_and_its_end() -> None:
    change = grant(a_granting_request(), NINE, NINE)
    facts = {"assignment": ASSIGNMENT.id, "expires_at": "2026-03-02T10:00:00+00:00"}

    assert (Event("granted", NINE, None, facts),) == change.events


def test_a_successful_grant_resets_the_attempts() -> None:
    tried = a_granting_request(
        attempt=3,
        retry_at=NINE,
        answer=BUSY,
        grant=a_grant(made=(ASSIGNMENT.id,)),
    )

    head = grant(tried, NINE, NINE).head

    assert (head.attempt, head.retry_at, head.answer, head.granted.made) == (0, None, None, ())


@pytest.mark.parametrize(
    ("changes", "counted_from"),
    [
        ({"approvals": (Approval(ADA, NINE + MINUTE),)}, NINE + 2 * MINUTE),
        ({"approvals": ()}, NINE + SECOND),
        ({"starts_at": NINE + MINUTE}, NINE + 2 * MINUTE),
        ({"starts_at": NINE - MINUTE}, NINE + SECOND),
    ],
    ids=["before the approval", "without an approval", "before the start", "after the start"],
)
def test_an_assignment_older_than_the_grant_is_shared_and_the_window_counts_from_now(
    changes: dict[str, object], counted_from: datetime
) -> None:
    head = grant(a_granting_request(**changes), NINE + SECOND, NINE + 2 * MINUTE).head

    assert head.granted.granted_at == counted_from


@pytest.mark.parametrize(
    ("unanswered", "seen", "secrets", "left"),
    [
        (0, False, "a", 0),
        (1, True, "a", 0),
        (1, False, "a", 1),
        (2, True, "a", 2),
        (1, True, "ab", 1),
    ],
    ids=["all answered", "the only one", "not seen", "two", "of several assignments"],
)
def test_an_unanswered_request_is_settled_if_what_was_seen_is_certainly_its_effect(
    unanswered: int, seen: bool, secrets: str, left: int
) -> None:
    request = a_granting_request(
        targets=tuple(map(a_target_alone, secrets)),
        unanswered=unanswered,
        may_appear_until=TEN,
    )

    head = grant(request, NINE, NINE, seen=seen).head

    assert head.unanswered == left
    assert head.may_appear_until == (TEN if left else None)


def test_a_grant_of_several_assignments_records_them_all() -> None:
    request = a_granting_request(targets=(a_target_alone("a"), a_target_alone("b")))
    [event] = grant(request, NINE, NINE).events

    assert event.facts["assignment"] == ", ".join(one.id for one in request.assignments)


def test_the_assignments_that_an_attempt_made_are_noted() -> None:
    head = note_made(a_granting_request(), [ASSIGNMENT], NINE)

    assert head == a_granting_request(grant=a_grant(made=(ASSIGNMENT.id,)))


@pytest.mark.parametrize(("made", "minutes"), [([ASSIGNMENT], 130), ([], 240)])
def test_a_grant_that_waited_for_room_has_the_usual_time_for_the_rest(
    made: list[Assignment], minutes: int
) -> None:
    waiting = a_grant(give_up_at=NINE + 4 * HOUR, awaits_room=True)

    head = note_made(a_granting_request(grant=waiting), made, NINE + 2 * HOUR)

    assert head.granted.give_up_at == NINE + minutes * MINUTE


def test_a_refused_grant_ends_at_once() -> None:
    change = refuse_grant(a_granting_request(), EXISTS, NINE)

    assert change.head.state is RequestState.FAILED
    assert change.head.failure == EXISTS
    assert (Event("failed", NINE, None, facts_of_reason(EXISTS)),) == change.events


def test_giving_up_revokes_what_an_attempt_may_have_left() -> None:
    change = give_up(a_granting_request(attempt=5, retry_at=TEN), TOO_LONG, NINE)

    expected = a_revoking_request(grant=a_grant(), failure=TOO_LONG, revoke_since=NINE)
    assert change.head == expected
    assert (Event("gave_up", NINE, None, facts_of_reason(TOO_LONG)),) == change.events


def test_azures_answer_to_the_failed_grant_is_kept_with_it() -> None:
    request = a_granting_request()
    facts = facts_of_reason(EXISTS) | {"status": 503, "code": "ServerBusy"}

    for change in (refuse_grant(request, EXISTS, NINE, BUSY), give_up(request, EXISTS, NINE, BUSY)):
        assert change.head.failed_with == BUSY
        assert change.events[0].facts == facts


@pytest.mark.parametrize(
    ("answer", "facts"),
    [
        (None, {}),
        (AzureAnswer(), {}),
        (AzureAnswer(None, "EarlierAccessEnds"), {}),
        (AzureAnswer(503), {"status": 503}),
        (BUSY, {"status": 503, "code": "ServerBusy"}),
    ],
)
def test_an_event_keeps_what_azure_answered(
    answer: AzureAnswer | None, facts: dict[str, Fact]
) -> None:
    assert facts_of(answer) == facts


def test_access_should_be_gone_at_its_expiry_even_if_the_end_is_noticed_late() -> None:
    change = end(an_active_request(attempt=2, retry_at=NINE), TEN + 3 * HOUR)

    assert change.head == a_revoking_request(revoke_since=TEN)
    assert change.events == (Event("ended", TEN + 3 * HOUR),)


@pytest.mark.parametrize(("shared", "found"), [(False, True), (False, False), (True, True)])
def test_a_revocation_records_what_really_happened(shared: bool, found: bool) -> None:
    request = a_revoking_request(retry_at=TEN)

    change = revoke(request, [End(shared=shared, found=found)], TEN)

    assert change.head.state is RequestState.REVOKED
    assert change.head.retry_at is None
    assert (Event("revoked", TEN, None, {"shared": shared, "found": found}),) == change.events


@pytest.mark.parametrize(("found", "facts"), [(True, {}), (False, {"unanswered": True})])
def test_an_unanswered_deletion_may_be_why_nothing_was_found(
    found: bool, facts: dict[str, bool]
) -> None:
    request = a_revoking_request(unanswered_ends=1)

    change = revoke(request, [End(shared=False, found=found)], TEN)

    assert change.events[0].facts == {"shared": False, "found": found} | facts


def test_a_revocation_after_giving_up_ends_as_failed() -> None:
    request = a_revoking_request(failure=TOO_LONG)

    change = revoke(request, [End(shared=False, found=True)], TEN)

    assert change.head.state is RequestState.FAILED
    assert (Event("failed", TEN, None, facts_of_reason(TOO_LONG)),) == change.events


def test_a_failed_attempt_is_counted_and_retried_later() -> None:
    once = try_again(a_revoking_request(), "503", TEN, jitter=0).head
    twice = try_again(once, "503", TEN + SECOND, jitter=0).head

    assert (once.attempt, once.retry_at) == (1, TEN + SECOND / 2)
    assert (twice.attempt, twice.retry_at) == (2, TEN + SECOND + SECOND)
    assert twice.state is RequestState.REVOKING


def test_azures_retry_after_is_honoured() -> None:
    head = try_again(a_revoking_request(), "429", TEN, jitter=0, retry_after=90 * SECOND).head

    assert head.retry_at == TEN + 90 * SECOND


def test_a_revocation_is_stuck_once_it_is_overdue() -> None:
    before = try_again(a_revoking_request(), "503", TEN + OVERDUE_AFTER - SECOND, jitter=0)
    after = try_again(before.head, "503", TEN + OVERDUE_AFTER, jitter=0)

    assert before.events == ()
    assert after.head.state is RequestState.STUCK
    assert after.events == (
        Event("stuck", TEN + OVERDUE_AFTER, None, {"cause": "503", "attempt": 2}),
    )


def test_a_stuck_revocation_is_announced_only_once() -> None:
    stuck = try_again(a_revoking_request(), "503", TEN + HOUR, jitter=0)
    still = try_again(stuck.head, "503", TEN + 2 * HOUR, jitter=0)

    assert kinds(stuck) == ["stuck"]
    assert kinds(still) == []
    assert still.head.state is RequestState.STUCK
    assert still.head.attempt == 2


@pytest.mark.parametrize("request_", [a_granting_request(), an_active_request()])
def test_only_a_revocation_can_be_stuck(request_: Request) -> None:
    change = try_again(request_, "503", NINE + 24 * HOUR, jitter=0)

    assert request_.state is change.head.state
    assert change.events == ()


def test_a_stuck_revocation_ends_like_any_other() -> None:
    stuck = a_revoking_request(state=RequestState.STUCK, attempt=9, retry_at=TEN)

    change = revoke(stuck, [End(shared=False, found=True)], TEN + HOUR)

    assert change.head.state is RequestState.REVOKED
    assert kinds(change) == ["revoked"]


def test_a_cancellation_ends_a_request_and_names_the_actor() -> None:
    change = cancel(a_request(), DANA, NINE)

    assert change.head.state is RequestState.CANCELLED
    assert change.events == (Event("cancelled", NINE, DANA),)


def test_access_ended_early_should_be_gone_at_once() -> None:
    change = end_early(an_active_request(attempt=2, retry_at=NINE), BO, NINE + MINUTE)

    assert change.head.state is RequestState.REVOKING
    assert (change.head.ended_by, change.head.revoke_since) == (BO, NINE + MINUTE)
    assert (change.head.attempt, change.head.retry_at) == (0, None)
    assert change.events == (Event("ended_early", NINE + MINUTE, BO),)


def test_a_grant_ended_while_being_tried_counts_as_unanswered() -> None:
    change = end_early(a_granting_request(), DANA, NINE + MINUTE)

    assert change.head.state is RequestState.REVOKING
    assert change.head.retry_at is None
    assert change.head.may_appear_until == NINE + MINUTE + TRY_LINGERS + RESOURCE_MANAGER_LIFE


def test_a_grant_that_is_ended_between_two_tries_may_still_appear() -> None:
    waiting = replace(a_granting_request(), retry_at=NINE + 2 * MINUTE)

    change = end_early(waiting, DANA, NINE + MINUTE)

    sent_by = NINE + MINUTE + TRY_LINGERS
    assert change.head.may_appear_until == sent_by + RESOURCE_MANAGER_LIFE


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
def test_the_end_of_access_records_whether_it_was_ever_granted(
    granted: bool, facts: dict[str, bool]
) -> None:
    request = an_active_request() if granted else a_granting_request()
    ended = end_early(request, DANA, NINE).head

    change = revoke(ended, [End(shared=False, found=granted)], TEN)

    assert change.head.state is RequestState.REVOKED
    assert {"shared": False, "found": granted} | facts == change.events[0].facts


@pytest.mark.parametrize(
    ("state", "tried", "appears", "looks"),
    [
        (RequestState.GRANTING, an_active_request(), None, None),
        (RequestState.ACTIVE, an_active_request(), None, None),
        (RequestState.REVOKING, an_active_request(), NINE + SHOWN_AFTER, None),
        (RequestState.REVOKED, an_active_request(), NINE + SHOWN_AFTER, NINE),
        (RequestState.GRANTING, a_granting_request(may_appear_until=TEN), TEN, None),
        (RequestState.ACTIVE, a_granting_request(may_appear_until=TEN), TEN, None),
        (RequestState.STUCK, a_granting_request(may_appear_until=TEN), TEN, None),
        (RequestState.FAILED, a_granting_request(may_appear_until=TEN), TEN, NINE),
        (RequestState.REVOKED, a_granting_request(), None, None),
    ],
)
def test_what_an_overtaken_try_to_grant_made_or_sent_is_noted(
    state: RequestState, tried: Request, appears: datetime | None, looks: datetime | None
) -> None:
    present = replace(a_revoking_request(), state=state)

    noted = overtaken(present, tried, NINE)

    assert noted == replace(present, may_appear_until=appears, last_look_at=looks)


def test_what_an_overtaken_deletion_sent_and_found_is_noted() -> None:
    present = a_revoking_request(unanswered_ends=1, removed=("b",))
    tried = a_revoking_request(may_vanish_until=TEN, unanswered_ends=2, removed=("a",))

    noted = overtaken(present, tried, NINE)

    assert noted == replace(tried, removed=("a", "b"))


def test_an_overtaken_try_counts_once() -> None:
    present = a_granting_request(may_appear_until=TEN, unanswered=2)
    before = a_granting_request(may_appear_until=NINE, unanswered=1)

    assert overtaken(present, before, NINE) == overtaken(before, present, NINE) == present


def test_of_what_is_unknown_after_an_overtaken_move_the_later_end_counts() -> None:
    present = a_revoking_request(may_appear_until=TEN, may_vanish_until=TEN)
    granted = an_active_request(may_vanish_until=NINE)

    assert overtaken(present, granted, NINE) == present


@pytest.mark.parametrize(
    ("appears", "then"),
    [(None, None), (NINE, NINE + SHOWN_AFTER), (NINE - SHOWN_AFTER, None)],
)
def test_what_may_still_appear_is_looked_for_once_it_must_be_shown(
    appears: datetime | None, then: datetime | None
) -> None:
    assert next_look(a_revoking_request(may_appear_until=appears), NINE) == then


def test_unanswered_requests_are_counted_and_the_latest_is_waited_for() -> None:
    request = a_granting_request(may_appear_until=TEN, may_vanish_until=TEN)
    early, late = NINE, TEN
    end_of_late = TEN + RESOURCE_MANAGER_LIFE

    assert note_unanswered_grant(request, early) == replace(request, unanswered=1)
    twice = note_unanswered_grant(note_unanswered_grant(request, early), late)
    assert twice == replace(request, unanswered=2, may_appear_until=end_of_late)
    assert note_unanswered_end(request, early) == replace(request, unanswered_ends=1)
    twice = note_unanswered_end(note_unanswered_end(request, early), late)
    assert twice == replace(request, unanswered_ends=2, may_vanish_until=end_of_late)


@pytest.mark.parametrize(
    ("request_", "grants", "ends"),
    [
        (a_granting_request(), 1, 0),
        (a_revoking_request(), 0, 1),
        (a_revoking_request(state=RequestState.STUCK), 0, 1),
        (an_active_request(), 0, 0),
    ],
)
def test_what_a_dead_replica_sent_counts_as_unanswered(
    request_: Request, grants: int, ends: int
) -> None:
    head = interrupt(request_, NINE)

    until = NINE + RESOURCE_MANAGER_LIFE
    assert (head.unanswered, head.unanswered_ends) == (grants, ends)
    assert head.may_appear_until == (until if grants else None)
    assert head.may_vanish_until == (until if ends else None)


def test_an_assignment_removed_by_someone_else_ends_all_of_the_access() -> None:
    two = (a_target_alone("a"), a_target_alone("b"))
    tried: dict[str, object] = {"attempt": 2, "retry_at": TEN}
    several = an_active_request(targets=two, **tried)

    alone = close_missing(an_active_request(**tried), ASSIGNMENT, NINE)
    change = close_missing(several, several.assignments[1], NINE)

    assert alone.head == a_revoking_request(out_of_band=True, revoke_since=NINE)
    assert alone.events == (Event("vanished", NINE),)
    assert change.events == (Event("vanished", NINE, None, {"secrets": "b"}),)


def test_what_is_watched_since_a_request_went_unanswered_says_so() -> None:
    ended = a_revoking_request(unanswered=1)

    assert watch(ended, [], TEN, NINE).events[0].facts["unanswered"] is True


def test_a_request_for_a_colleague_that_was_refused_names_them() -> None:
    found = block(a_request(beneficiary=in_directory(EVE)), NotRequestable(SECRET)).events[0]
    unknown = block(a_request(unknown_grantee="Evelyn"), NotRequestable(SECRET)).events[0]

    assert (found.facts["for"], found.facts["for_name"]) == (EVE.object_id, EVE.name)
    assert (unknown.facts.get("for"), unknown.facts["for_name"]) == (None, "Evelyn")


def test_access_is_watched_until_nothing_can_appear_any_more() -> None:
    ended = a_revoking_request(retry_at=NINE)

    first = watch(ended, [ASSIGNMENT], TEN, NINE)
    second = watch(first.head, [], TEN, TEN - SECOND)

    noted = replace(ended, removed=(ASSIGNMENT.id,), watched_until=TEN)
    assert first.head == replace(noted, retry_at=NINE + LOOK_AGAIN)
    facts: dict[str, Fact] = {
        "until": TEN.isoformat(),
        "found": True,
        "unanswered": False,
    }
    assert first.events == (Event("watched", NINE, None, facts),)
    assert second.head == replace(noted, retry_at=TEN)
    assert second.events == ()
    assert watch(ended, [], TEN, NINE).events[0].facts["found"] is False


def test_the_alarm_keeps_what_azure_answered_last() -> None:
    change = try_again(a_revoking_request(), "busy", TEN + HOUR, jitter=0, answer=BUSY)

    assert change.head.answer == BUSY
    assert change.events[0].facts == {
        "cause": "busy",
        "attempt": 1,
        "status": 503,
        "code": "ServerBusy",
    }


def test_a_late_revocation_is_tried_again_at_once_if_someone_asks() -> None:
    stuck = a_revoking_request(state=RequestState.STUCK, retry_at=TEN + HOUR)

    change = retry_now(stuck, ADA, TEN)

    assert change.head == replace(stuck, retry_at=TEN)
    assert change.events == (Event("retried", TEN, ADA),)


@pytest.mark.parametrize(
    ("request_", "retry_at"),
    [
        (a_revoking_request(retry_at=TEN + HOUR), TEN),
        (a_revoking_request(state=RequestState.STUCK, retry_at=TEN + HOUR), TEN),
        (a_revoking_request(retry_at=NINE), NINE),
        (a_revoking_request(retry_at=TEN), TEN),
        (a_revoking_request(), None),
        (a_granting_request(retry_at=TEN + HOUR), TEN + HOUR),
    ],
)
def test_only_a_revocation_that_waits_is_hurried(
    request_: Request, retry_at: datetime | None
) -> None:
    hurried = hurry(request_, TEN)

    assert hurried == replace(request_, retry_at=retry_at)
    assert (hurried is request_) is (request_.retry_at == retry_at)


def test_a_revocation_that_can_never_succeed_is_closed_with_its_reason() -> None:
    stuck = a_revoking_request(state=RequestState.STUCK, retry_at=TEN, cause="403")

    change = close(stuck, ADA, "the vault is gone", TEN)

    assert change.head == replace(
        stuck,
        state=RequestState.CLOSED,
        retry_at=None,
        may_vanish_until=TEN + TRY_LINGERS + RESOURCE_MANAGER_LIFE,
        unanswered_ends=1,
    )
    facts = {"reason": "the vault is gone", "cause": "403"}
    assert change.events == (Event("closed", TEN, ADA, facts),)


def test_access_that_is_gone_is_looked_for_once_more_if_a_request_went_unanswered() -> None:
    certain, uncertain = a_revoking_request(), a_revoking_request(may_appear_until=NINE)
    ends = [End(shared=False, found=True)]

    assert revoke(certain, ends, TEN).head == replace(
        certain, state=RequestState.REVOKED, gone_at=TEN
    )
    assert revoke(uncertain, ends, TEN).head == replace(
        uncertain,
        state=RequestState.REVOKED,
        gone_at=TEN,
        last_look_at=TEN + LAST_LOOK_AFTER,
    )


def test_the_end_of_a_late_revocation_records_how_late_it_was() -> None:
    stuck = a_revoking_request(state=RequestState.STUCK)
    failed = replace(stuck, failure=TOO_LONG, failed_with=BUSY, retry_at=TEN)
    ends = [End(shared=False, found=True)]

    revoked, ended = (revoke(one, ends, TEN + HOUR) for one in (stuck, failed))

    assert revoked.events[0].facts == {"shared": False, "found": True, "stuck_for": 3600.0}
    late = {"status": 503, "code": "ServerBusy", "stuck_for": 3600.0}
    assert ended.events[0].facts == facts_of_reason(TOO_LONG) | late
    assert ended.head.retry_at is None


KEPT, GONE = End(shared=True, found=True), End(shared=False, found=True)
ABSENT = End(shared=False, found=False)


@pytest.mark.parametrize(
    ("changes", "ends", "facts"),
    [
        ({"removed": ("one",)}, [ABSENT], {"shared": False, "found": True}),
        ({}, [KEPT, GONE], {"shared": True, "found": True, "assignments": 2, "kept": 1}),
        ({}, [ABSENT, GONE], {"shared": False, "found": True, "assignments": 2, "kept": 0}),
        (
            {"out_of_band": True},
            [KEPT],
            {"shared": False, "found": False, "out_of_band": True},
        ),
        (
            {"out_of_band": True},
            [ABSENT, GONE],
            {"shared": False, "found": True, "assignments": 2, "kept": 0, "out_of_band": True},
        ),
    ],
    ids=["found before", "one kept", "none kept", "out of band", "one of two out of band"],
)
def test_the_end_of_access_records_what_happened_to_its_assignments(
    changes: dict[str, object], ends: list[End], facts: dict[str, Fact]
) -> None:
    request = a_revoking_request(**changes)

    assert revoke(request, ends, TEN).events[0].facts == facts


def test_the_end_of_access_records_what_can_still_be_read() -> None:
    [event] = revoke(a_revoking_request(), [GONE], TEN, {"still_by": "req-two"}).events

    assert event.facts == {"shared": False, "found": True, "still_by": "req-two"}


def test_what_confirmed_an_approval_is_kept_with_it() -> None:
    signed_in = FreshSignIn(ADA.object_id, NINE, ("c1",))

    approved = approve(a_request(), ADA, NINE, sign_in=signed_in).head

    assert [one.sign_in for one in approved.approvals] == [signed_in]
