from dataclasses import replace
from datetime import timedelta

import pytest

from domain.access import AccessEffect, Extension, Request, RequestState, next_move
from domain.access_changes import approve, grant
from domain.refusals import (
    ExtensionAskedAlready,
    ExtensionDecided,
    ExtensionTooLong,
    NothingToExtend,
    NotYourGrant,
    SelfApproval,
)
from domain.waiting import escalate, remind
from domain.windows import (
    ask_extension,
    decide_extension,
    decide_extension_answer,
    deny_extension,
    extend,
    most_more,
    warn,
    warning_of,
)
from domain.workflow import Move, Wait
from tests.support.builders import ADA, BO, DANA, HOUR, MINUTE, a_request, a_target, in_directory
from tests.support.clock import NINE


def _active() -> Request:
    request = a_request()
    request = replace(request, terms=replace(request.terms, longest=4 * HOUR))
    granting = approve(request, ADA, NINE).head
    return grant(granting, NINE, NINE).head


@pytest.mark.parametrize(
    ("window", "before"),
    [(4 * HOUR, 15 * MINUTE), (20 * MINUTE, 5 * MINUTE), (2 * MINUTE, timedelta(seconds=30))],
)
def test_the_end_is_announced_a_quarter_of_the_window_before_it_at_most_fifteen_minutes(
    window: timedelta, before: timedelta
) -> None:
    assert warning_of(NINE, NINE + window) == NINE + window - before


def test_a_window_of_seconds_ends_without_a_warning() -> None:
    assert warning_of(NINE, NINE + MINUTE) is None


def test_the_warning_comes_once_and_the_end_after_it() -> None:
    request = _active()
    warned = warn(request, NINE + 45 * MINUTE).head

    assert next_move(request, NINE) == Wait(NINE + 45 * MINUTE)
    assert next_move(request, NINE + 45 * MINUTE) == Move(AccessEffect.WARN)
    assert next_move(warned, NINE + 45 * MINUTE) == Wait(NINE + HOUR)


def test_an_end_that_is_due_comes_before_a_warning_that_was_missed() -> None:
    assert next_move(_active(), NINE + HOUR) == Move(AccessEffect.END)


def test_more_time_is_asked_for_by_its_holder_alone() -> None:
    assert isinstance(decide_extension(_active(), ADA, HOUR).reason, NotYourGrant)
    assert decide_extension(_active(), DANA, HOUR).allowed


def test_more_time_than_the_cap_leaves_is_refused() -> None:
    request = _active()

    assert most_more(request) == 3 * HOUR
    assert decide_extension(request, DANA, 3 * HOUR).allowed
    assert isinstance(decide_extension(request, DANA, 3 * HOUR + MINUTE).reason, ExtensionTooLong)


def test_what_is_not_active_cannot_be_extended() -> None:
    assert isinstance(decide_extension(a_request(), DANA, HOUR).reason, NothingToExtend)


def test_one_wish_for_more_time_is_open_at_once() -> None:
    asked = ask_extension(_active(), DANA, HOUR, NINE + MINUTE).head

    assert asked.extension == Extension(HOUR, NINE + MINUTE)
    assert isinstance(decide_extension(asked, DANA, HOUR).reason, ExtensionAskedAlready)


def test_an_extension_moves_the_end_and_the_warning() -> None:
    asked = ask_extension(_active(), DANA, HOUR, NINE + MINUTE).head
    extended = extend(asked, ADA, HOUR, NINE + 2 * MINUTE).head

    assert extended.granted.expires_at == NINE + 2 * HOUR
    assert extended.granted.warn_at == NINE + 2 * HOUR - 15 * MINUTE
    assert extended.extension is None
    assert RequestState.ACTIVE is extended.state


def test_an_extension_never_goes_beyond_the_cap() -> None:
    extended = extend(_active(), ADA, 9 * HOUR, NINE + MINUTE).head

    assert extended.granted.expires_at == NINE + 4 * HOUR


def test_a_refused_extension_leaves_the_end_where_it_is() -> None:
    asked = ask_extension(_active(), DANA, HOUR, NINE + MINUTE).head
    refused = deny_extension(asked, ADA, NINE + 2 * MINUTE).head

    assert refused.granted.expires_at == NINE + HOUR
    assert isinstance(decide_extension_answer(refused, ADA).reason, ExtensionDecided)


def test_nobody_allows_their_own_extension() -> None:
    asked = ask_extension(_active(), DANA, HOUR, NINE + MINUTE).head

    assert isinstance(decide_extension_answer(asked, DANA).reason, SelfApproval)
    assert decide_extension_answer(asked, ADA).allowed


def test_an_approver_may_allow_less_time_and_the_secret_alone() -> None:
    request = a_request(targets=(a_target(secret_scope="/vault/secrets/one"),))
    approved = approve(request, ADA, NINE, window=10 * MINUTE, narrowed=True).head

    assert approved.window == 10 * MINUTE
    assert [one.scope for one in approved.assignments] == ["/vault/secrets/one"]
    assert [target.exposes for target in approved.targets] == [1]


def test_of_several_approvers_the_strictest_counts() -> None:
    request = a_request()
    request = replace(request, terms=replace(request.terms, min_approvals=2))
    first = approve(request, ADA, NINE, window=10 * MINUTE).head
    second = approve(first, BO, NINE, window=30 * MINUTE).head

    assert second.window == 10 * MINUTE


def test_approvers_are_reminded_once_and_others_asked_later() -> None:
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
