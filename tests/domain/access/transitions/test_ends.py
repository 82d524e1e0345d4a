"""When access ends, and the warning before that."""

from datetime import timedelta

import pytest

from domain.access.request import AccessEffect, Request, next_move
from domain.access.transitions.changes import approve, grant
from domain.access.transitions.ends import end_of, warn, warning_of
from domain.workflow import Move, Wait
from tests.support.builders import ADA, HOUR, MINUTE, a_request
from tests.support.clock import NINE


def _active() -> Request:
    return grant(approve(a_request(), ADA, NINE).head, NINE, NINE).head


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


def test_access_that_was_not_given_has_no_end() -> None:
    granting = approve(a_request(), ADA, NINE).head

    with pytest.raises(ValueError, match="has no end yet"):
        end_of(granting)
