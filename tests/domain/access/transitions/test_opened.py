"""Which secrets could be read although access wasn't granted, and since when."""

from dataclasses import replace
from datetime import datetime
from typing import Any

import pytest

from domain.access.assignment import End
from domain.access.grant import Opened
from domain.access.request import Request, RequestState
from domain.access.transitions.changes import revoke
from domain.access.transitions.opened import (
    created_for,
    facts_of_opened,
    note_found,
    note_opened,
    opened_since,
    part_opened,
    to_rotate,
)
from domain.reasons import Reason
from tests.support.builders import (
    HOUR,
    MINUTE,
    SECOND,
    a_grant,
    a_granting_request,
    a_request,
    a_target_alone,
    an_active_request,
)
from tests.support.clock import NINE

TARGETS = (a_target_alone("one", rotate_after=True), a_target_alone("other", rotate_after=True))
LATER = NINE + 5 * MINUTE
GONE, MISSING = End(shared=False, found=True), End(shared=False, found=False)
SHARED = End(shared=True, found=True)


def a_request_for_two(**changes: Any) -> Request:
    return a_granting_request(**({"targets": TARGETS} | changes))


ONE, OTHER = a_request_for_two().assignments


def one_opened(**changes: Any) -> Request:
    return note_opened(a_request_for_two(**changes), {ONE: NINE + SECOND}, LATER)


@pytest.mark.parametrize(
    ("created", "since"),
    [
        (NINE + MINUTE, NINE + MINUTE),
        (NINE, NINE),
        (NINE - SECOND, LATER),
        (LATER + SECOND, LATER),
        (None, LATER),
    ],
    ids=["in between", "at the approval", "shared with an older grant", "in the future", "unknown"],
)
def test_an_assignment_counts_from_its_creation_for_this_grant(
    created: datetime | None, since: datetime
) -> None:
    assert created_for(a_request_for_two(), created, LATER) == since


def test_an_assignment_is_noted_once_with_the_time_it_was_first_seen() -> None:
    again = note_opened(one_opened(), {ONE: None, OTHER: None}, LATER)

    assert again.granted.opened == (Opened(ONE.id, NINE + SECOND), Opened(OTHER.id, LATER))
    assert note_opened(again, {ONE: None}, LATER + HOUR) is again


def test_what_the_removal_found_counts_from_the_approval() -> None:
    found = note_found(replace(one_opened(), removed=(OTHER.id,)), [GONE, MISSING])

    assert found.granted.opened == (Opened(ONE.id, NINE + SECOND), Opened(OTHER.id, NINE))
    assert note_found(one_opened(), [MISSING, GONE]) == replace(found, removed=one_opened().removed)


@pytest.mark.parametrize("end", [MISSING, SHARED], ids=["nothing found", "another grant's"])
def test_what_was_not_this_grants_own_is_not_noted_at_its_end(end: End) -> None:
    assert note_found(a_request_for_two(), [end, end]).granted.opened == ()


def test_after_a_grant_its_end_notes_nothing() -> None:
    request = an_active_request(targets=TARGETS)

    assert note_found(request, [GONE, GONE]) is request
    assert facts_of_opened(request, [GONE, GONE]) == {}
    assert secrets_to_rotate(request) == ("one", "other")


def secrets_to_rotate(request: Request) -> tuple[str, ...]:
    return tuple(target.secret for target in to_rotate(request))


def test_only_what_could_be_read_is_rotated() -> None:
    assert secrets_to_rotate(one_opened()) == ("one",)
    assert secrets_to_rotate(a_request_for_two()) == ()
    assert [target.secret for target in part_opened(one_opened()).targets] == ["one"]


def test_everything_is_rotated_if_an_assignment_may_have_come_and_gone_unseen() -> None:
    unseen = a_request_for_two(unanswered=1, unanswered_ends=1)

    assert secrets_to_rotate(unseen) == ("one", "other")
    assert secrets_to_rotate(replace(unseen, unanswered=0)) == ()
    assert secrets_to_rotate(replace(unseen, unanswered_ends=0)) == ()


def test_the_first_time_of_reading_is_that_of_the_first_assignment_or_of_the_grant() -> None:
    grant = a_grant(granted_at=LATER, opened=(Opened(ONE.id, NINE),))

    assert opened_since(a_request()) is None
    assert opened_since(a_request_for_two()) is None
    assert opened_since(one_opened()) == NINE + SECOND
    assert opened_since(an_active_request()) == NINE
    assert opened_since(an_active_request(grant=grant)) == NINE


def test_the_end_says_what_was_removed_and_what_another_grant_still_uses() -> None:
    both = note_opened(one_opened(), {OTHER: LATER}, LATER)
    since = (NINE + SECOND).isoformat()

    assert facts_of_opened(a_request_for_two(), [GONE, GONE]) == {}
    assert facts_of_opened(both, [GONE, MISSING]) == {"opened_at": since, "opened": "one, other"}
    assert facts_of_opened(both, [GONE, SHARED]) == {
        "opened_at": since,
        "opened": "one",
        "opened_kept": "other",
    }
    assert facts_of_opened(one_opened(), [SHARED, MISSING]) == {
        "opened_at": since,
        "opened_kept": "one",
    }


@pytest.mark.parametrize("failure", [None, Reason("grant_stopped")])
def test_a_grant_that_ends_without_success_records_what_could_be_read(
    failure: Reason | None,
) -> None:
    ended = one_opened(state=RequestState.REVOKING, failure=failure)

    [event] = revoke(ended, [SHARED, MISSING], LATER).events

    kept = {"opened_at": (NINE + SECOND).isoformat(), "opened_kept": "one"}
    assert kept.items() <= event.facts.items()
