from dataclasses import replace
from datetime import timedelta

import pytest

from domain.access.changes import approve, end, grant
from domain.access.request import (
    AccessEffect,
    Approval,
    Extension,
    Request,
    RequestState,
    next_move,
)
from domain.access.waiting import escalate, remind
from domain.access.windows import (
    allow_extension,
    ask_extension,
    decide_extension,
    decide_extension_answer,
    deny_extension,
    extend,
    extensions_asked,
    most_more,
    warn,
    warning_of,
    was_allowed,
    was_refused,
)
from domain.refusals import (
    AlreadyApproved,
    ExtensionAskedAlready,
    ExtensionDecided,
    ExtensionTooLong,
    NothingToExtend,
    NotYourGrant,
    SelfApproval,
    TooLateToExtend,
)
from domain.workflow import Move, Wait
from tests.support.builders import ADA, BO, DANA, HOUR, MINUTE, a_request, a_target, in_directory
from tests.support.clock import NINE

NOW = NINE + 5 * MINUTE


def _active(*, min_approvals: int = 1) -> Request:
    request = a_request()
    terms = replace(request.terms, longest=4 * HOUR, min_approvals=min_approvals)
    request = replace(request, terms=terms)
    for approver in (ADA, BO)[:min_approvals]:
        request = approve(request, approver, NINE).head
    return grant(request, NINE, NINE).head


@pytest.mark.parametrize(
    ("window", "before"),
    [(4 * HOUR, 15 * MINUTE), (20 * MINUTE, 5 * MINUTE), (2 * MINUTE, timedelta(seconds=30))],
)
def test_the_warning_comes_a_quarter_of_the_window_before_the_end_at_most_fifteen_minutes(
    window: timedelta, before: timedelta
) -> None:
    assert warning_of(NINE, NINE + window) == NINE + window - before


def test_a_window_of_seconds_ends_without_a_warning() -> None:
    assert warning_of(NINE, NINE + MINUTE) is None


def test_the_warning_comes_once_before_the_end() -> None:
    request = _active()
    warned = warn(request, NINE + 45 * MINUTE).head

    assert next_move(request, NINE) == Wait(NINE + 45 * MINUTE)
    assert next_move(request, NINE + 45 * MINUTE) == Move(AccessEffect.WARN)
    assert next_move(warned, NINE + 45 * MINUTE) == Wait(NINE + HOUR)


def test_a_due_end_comes_before_a_missed_warning() -> None:
    assert next_move(_active(), NINE + HOUR) == Move(AccessEffect.END)


def test_only_people_involved_can_ask_for_an_extension() -> None:
    assert isinstance(decide_extension(_active(), ADA, HOUR, NOW).reason, NotYourGrant)
    assert decide_extension(_active(), DANA, HOUR, NOW).allowed


def test_an_extension_beyond_the_cap_is_refused() -> None:
    request = _active()

    assert most_more(request) == 3 * HOUR
    assert decide_extension(request, DANA, 3 * HOUR, NOW).allowed
    assert isinstance(
        decide_extension(request, DANA, 3 * HOUR + MINUTE, NOW).reason, ExtensionTooLong
    )


def test_only_active_access_can_be_extended() -> None:
    assert isinstance(decide_extension(a_request(), DANA, HOUR, NOW).reason, NothingToExtend)


def test_only_one_extension_request_is_open_at_a_time() -> None:
    asked = ask_extension(_active(), DANA, HOUR, NINE + MINUTE).head

    assert asked.extension == Extension(HOUR, NINE + MINUTE)
    assert isinstance(decide_extension(asked, DANA, HOUR, NOW).reason, ExtensionAskedAlready)


def test_an_extension_moves_the_end_and_the_warning() -> None:
    asked = ask_extension(_active(), DANA, HOUR, NINE + MINUTE).head
    extended = extend(asked, ADA, HOUR, NINE + 2 * MINUTE).head

    assert extended.granted.expires_at == NINE + 2 * HOUR
    assert extended.granted.warn_at == NINE + 2 * HOUR - 15 * MINUTE
    assert extended.extension is None
    assert extended.state is RequestState.ACTIVE


def test_an_extension_never_goes_beyond_the_cap() -> None:
    extended = extend(_active(), ADA, 9 * HOUR, NINE + MINUTE).head

    assert extended.granted.expires_at == NINE + 4 * HOUR


def test_a_denied_extension_leaves_the_end_unchanged() -> None:
    asked = ask_extension(_active(), DANA, HOUR, NINE + MINUTE).head
    refused = deny_extension(asked, ADA, NINE + 2 * MINUTE).head

    assert refused.granted.expires_at == NINE + HOUR
    assert isinstance(decide_extension_answer(refused, ADA, NOW).reason, ExtensionDecided)


def test_an_extension_needs_as_many_approvals_as_a_grant() -> None:
    asked = ask_extension(_active(min_approvals=2), DANA, HOUR, NINE + MINUTE).head
    first = allow_extension(asked, ADA, NINE + 2 * MINUTE)
    second = allow_extension(first.head, BO, NINE + 3 * MINUTE)

    assert first.head.granted == asked.granted
    assert first.head.extension == Extension(
        HOUR, NINE + MINUTE, approvals=(Approval(ADA, NINE + 2 * MINUTE),)
    )
    assert [(event.kind, event.actor) for event in (*first.events, *second.events)] == [
        ("extension_allowed", ADA),
        ("extended", BO),
    ]
    assert (first.events[0].facts["approvals"], first.events[0].facts["needed"]) == (1, 2)
    assert second.head.granted.expires_at == NINE + 2 * HOUR
    assert second.head.extension is None


def test_an_approver_of_an_extension_can_neither_approve_again_nor_deny() -> None:
    asked = ask_extension(_active(min_approvals=2), DANA, HOUR, NINE + MINUTE).head
    allowed = allow_extension(asked, ADA, NINE + 2 * MINUTE).head

    assert isinstance(decide_extension_answer(allowed, ADA, NOW).reason, AlreadyApproved)
    assert decide_extension_answer(allowed, BO, NOW).allowed


def test_an_approval_does_not_carry_over_to_the_next_extension_request() -> None:
    asked = ask_extension(_active(min_approvals=2), DANA, HOUR, NINE + MINUTE).head
    allowed = allow_extension(asked, ADA, NINE + 2 * MINUTE).head
    refused = deny_extension(allowed, BO, NINE + 3 * MINUTE).head
    again = ask_extension(refused, DANA, HOUR, NINE + 4 * MINUTE).head

    assert refused.extension is None
    assert again.extension == Extension(HOUR, NINE + 4 * MINUTE)
    assert decide_extension_answer(again, ADA, NOW).allowed


def test_an_extension_request_cannot_be_approved_after_access_ended() -> None:
    asked = ask_extension(_active(min_approvals=2), DANA, HOUR, NINE + MINUTE).head
    allowed = allow_extension(asked, ADA, NINE + 2 * MINUTE).head
    over = end(allowed, NINE + HOUR).head

    assert isinstance(decide_extension_answer(over, BO, NOW).reason, ExtensionDecided)


def test_a_repeated_answer_is_recognised_and_a_different_one_is_not() -> None:
    asked = ask_extension(_active(min_approvals=2), DANA, HOUR, NINE + MINUTE, "wish")
    allowed = allow_extension(asked.head, ADA, NINE + 2 * MINUTE, "wish")
    extended = allow_extension(allowed.head, BO, NINE + 3 * MINUTE, "wish")
    events = (*asked.events, *allowed.events)

    assert was_allowed(allowed.head, events, ADA, "wish")
    assert not was_allowed(allowed.head, events, BO, "wish")
    assert not was_refused(allowed.head, events, ADA, "wish")
    for approver in (ADA, BO):
        assert was_allowed(extended.head, (*events, *extended.events), approver, "wish")


def test_an_extension_request_with_the_id_of_a_denied_one_can_be_denied_too() -> None:
    asked = ask_extension(_active(), DANA, HOUR, NINE + MINUTE, "wish")
    refused = deny_extension(asked.head, ADA, NINE + 2 * MINUTE, "wish")
    again = ask_extension(refused.head, DANA, HOUR, NINE + 3 * MINUTE, "wish")
    events = (*asked.events, *refused.events)

    assert was_refused(refused.head, events, ADA, "wish")
    assert not was_refused(again.head, (*events, *again.events), ADA, "wish")


def test_extension_requests_are_counted_whatever_their_outcome() -> None:
    asked = ask_extension(_active(), DANA, HOUR, NINE)
    allowed = allow_extension(asked.head, ADA, NINE)
    again = ask_extension(allowed.head, DANA, HOUR, NINE)

    assert extensions_asked(again.head, (*asked.events, *allowed.events, *again.events)) == 2


def test_extensions_that_need_no_approval_are_counted() -> None:
    request = _active()
    request = replace(request, terms=replace(request.terms, extend_freely=True))
    extended = extend(request, DANA, HOUR, NINE)

    assert extensions_asked(extended.head, extended.events) == 1


def test_no_one_approves_their_own_extension() -> None:
    asked = ask_extension(_active(), DANA, HOUR, NINE + MINUTE).head

    assert isinstance(decide_extension_answer(asked, DANA, NOW).reason, SelfApproval)
    assert decide_extension_answer(asked, ADA, NOW).allowed


def test_an_approver_can_shorten_the_window_and_narrow_the_scope_to_the_secret() -> None:
    request = a_request(targets=(a_target(secret_scope="/vault/secrets/one"),))
    approved = approve(request, ADA, NINE, window=10 * MINUTE, narrowed=True).head

    assert approved.window == 10 * MINUTE
    assert [one.scope for one in approved.assignments] == ["/vault/secrets/one"]
    assert [target.exposes for target in approved.targets] == [1]


def test_the_strictest_of_several_approvals_counts() -> None:
    request = a_request()
    request = replace(request, terms=replace(request.terms, min_approvals=2))
    first = approve(request, ADA, NINE, window=10 * MINUTE).head
    second = approve(first, BO, NINE, window=30 * MINUTE).head

    assert second.window == 10 * MINUTE


def test_approvers_are_reminded_once_and_the_request_is_escalated_later() -> None:
    request = replace(
        a_request(),
        remind_at=NINE + HOUR,
        escalate_at=NINE + 2 * HOUR,
        terms=replace(a_request().terms, escalation=(in_directory(BO),)),
    )
    reminded = remind(request, NINE + HOUR).head
    escalated = escalate(reminded, NINE + 2 * HOUR).head

    assert next_move(request, NINE + HOUR) == Move(AccessEffect.REMIND)
    assert next_move(reminded, NINE + HOUR) == Wait(NINE + 2 * HOUR)
    assert next_move(reminded, NINE + 2 * HOUR) == Move(AccessEffect.ESCALATE)
    assert in_directory(BO) in escalated.terms.approvers
    assert next_move(escalated, NINE + 2 * HOUR) == Wait(escalated.lapses_at)


def test_after_the_end_extensions_are_refused_even_if_the_worker_is_late() -> None:
    asked = ask_extension(_active(), DANA, HOUR, NINE + MINUTE).head
    end_of_window = NINE + HOUR

    assert isinstance(
        decide_extension(_active(), DANA, HOUR, end_of_window).reason, TooLateToExtend
    )
    assert isinstance(decide_extension_answer(asked, ADA, end_of_window).reason, TooLateToExtend)
    assert decide_extension_answer(asked, ADA, end_of_window - MINUTE).allowed
