"""Why nothing was granted: which secrets a failure names, and what it says."""

import pytest

from domain.access.grant import AzureAnswer
from domain.access.request import NO_ROOM, ROOM_PATIENCE, Request
from domain.access.transitions import failures
from domain.access.transitions.failures import EARLIER_ACCESS_ENDS
from domain.reasons import Param, Reason
from domain.refusals.decisions import (
    NoLongerAllowed,
    NoLongerRequestable,
    RequesterGone,
    RequestNotConfirmed,
)
from domain.refusals.refusal import Refusal
from domain.refusals.requests import NobodyApprovesAll, NobodyCanApprove, NoCommonWindow, OfSeveral
from domain.refusals.secrets import CouldNotEnd, NotRequestable
from tests.support.builders import a_grant, a_granting_request, a_target, a_target_alone
from tests.support.clock import NINE

ONE = a_granting_request()
A, B = a_target_alone("a"), a_target_alone("b")
TWO = a_granting_request(targets=(A, B))
WITHIN: dict[str, Param] = {"within": 600.0}


@pytest.mark.parametrize(
    ("request_", "which"), [(ONE, {}), (TWO, {"secrets": ("b",)})], ids=["one", "several"]
)
def test_a_failure_names_the_secrets_if_there_are_other_assignments(
    request_: Request, which: dict[str, Param]
) -> None:
    last = request_.assignments[-1]
    locked = {**which, "scopes": ("/subscriptions/s",)}

    assert failures.of_standing_access(request_, last) == Reason("assignment_exists", which)
    assert failures.of_refusal(request_, last) == Reason("assignment_refused", which)
    assert failures.of_lock(request_, last, ["/subscriptions/s"]) == Reason(
        "assignment_locked", locked
    )


@pytest.mark.parametrize(
    ("answer", "code", "params"),
    [
        (None, "assignment_not_made_in_time", WITHIN),
        (AzureAnswer(503, "ServerBusy"), "assignment_not_made_in_time", WITHIN),
        (AzureAnswer(401), "assignment_not_permitted_in_time", WITHIN),
        (AzureAnswer(403), "assignment_not_permitted_in_time", WITHIN),
        (AzureAnswer(None, EARLIER_ACCESS_ENDS), "earlier_access_ends", WITHIN),
        (AzureAnswer(400, NO_ROOM), "assignment_limit_reached", {}),
    ],
)
def test_a_grant_that_took_too_long_says_what_kept_it(
    answer: AzureAnswer | None, code: str, params: dict[str, Param]
) -> None:
    alone = a_granting_request(answer=answer)
    made = a_grant(made=(TWO.assignments[0].id,))
    several = a_granting_request(targets=(A, B), answer=answer, grant=made)

    assert failures.of_lost_patience(alone) == Reason(code, params)
    assert failures.of_lost_patience(several) == Reason(code, {"secrets": ("b",), **params})


def test_a_grant_that_waited_for_room_says_for_how_long_unless_a_part_of_it_was_made() -> None:
    [_, other] = TWO.assignments
    waited, partly = (
        a_granting_request(targets=(A, B), grant=a_grant(awaits_room=True, made=made))
        for made in ((), (other.id,))
    )

    hours: dict[str, Param] = {"secrets": ("a", "b"), "within": ROOM_PATIENCE.total_seconds()}
    assert failures.of_lost_patience(waited) == Reason("assignment_not_made_in_time", hours)
    minutes: dict[str, Param] = {"secrets": ("a",), **WITHIN}
    assert failures.of_lost_patience(partly) == Reason("assignment_not_made_in_time", minutes)


def test_secrets_that_share_an_assignment_need_no_names() -> None:
    shared = a_granting_request(targets=(a_target("a"), a_target("b")))

    assert failures.of_refusal(shared, shared.assignments[0]).params == {}


def test_an_obstacle_found_before_trying_is_the_whole_reason() -> None:
    why = Reason("vault_without_rbac")

    assert failures.of_obstacle(why) == Reason("nothing_granted", parts=(why,))


def test_lost_approvals_name_those_who_gave_them() -> None:
    assert failures.of_lost_approvals(["Ada", "Bo"]) == Reason(
        "approvals_no_longer_count", {"approvers": ("Ada", "Bo")}
    )


def test_a_refused_start_or_retry_gives_the_reasons_for_each_secret() -> None:
    locked = Reason("locked_read_only", {"lock": "keep"})
    refusal = OfSeveral({"a": CouldNotEnd(locked), "b": NotRequestable("b")})

    each = (locked, NotRequestable("b").reason)
    assert failures.of_refused_start(refusal.reason) == Reason("nothing_granted", parts=each)
    assert failures.of_refused_retry(refusal.reason) == Reason("grant_stopped", parts=each)


@pytest.mark.parametrize(
    ("refusal", "code"),
    [
        (NobodyCanApprove("a", "Eve"), "too_few_approvers_today"),
        (NobodyApprovesAll(["a", "b"]), "too_few_approve_all_today"),
        (NoCommonWindow(["a", "b"]), "no_common_window_today"),
        (RequestNotConfirmed("Eve"), "not_confirmed_today"),
    ],
)
def test_what_a_request_would_be_refused_with_is_said_of_today_for_one_that_was_made(
    refusal: Refusal, code: str
) -> None:
    today = Reason(code, refusal.reason.params)

    assert failures.of_refused_start(refusal.reason) == Reason("nothing_granted", parts=(today,))


def test_a_start_says_why_it_did_not_happen() -> None:
    assert failures.of_unchecked_start() == Reason("start_not_checked", WITHIN)
    assert failures.of_missed_start(NINE) == Reason("start_missed", {"at": NINE.isoformat()})


@pytest.mark.parametrize(
    ("refusal", "code"),
    [
        (NoLongerAllowed("a", "Dana", "Eve"), "not_allowed_today"),
        (NoLongerRequestable("a"), "not_requestable_today"),
        (RequestNotConfirmed("Eve"), "not_confirmed_today"),
        (RequesterGone("Eve"), "requester_gone"),
    ],
)
def test_why_something_is_not_allowed_now_does_not_say_that_it_waits_for_an_approval(
    refusal: Refusal, code: str
) -> None:
    assert failures.of_not_allowed(refusal.reason) == Reason(code, refusal.reason.params)
