"""Which events update cards that refresh themselves, and which are left to the refresh."""

from collections.abc import Callable, Sequence

import pytest

from domain.access.announcements import REQUESTER_EVENTS
from domain.access.request import AccessEvent
from domain.access.updates import (
    TOLD,
    last_change,
    last_change_not_told,
    last_unplanned_change,
)
from domain.workflow import Event
from tests.support.clock import NINE

ASKED = AccessEvent.REQUESTED
GIVEN = (ASKED, AccessEvent.APPROVED, AccessEvent.GRANTED)
OVER = (AccessEvent.ENDED, AccessEvent.REVOKED)


def numbered(kinds: Sequence[AccessEvent], needed: int = 1) -> list[tuple[int, Event]]:
    """Build events of these kinds; the approvals count up to ``needed``."""
    given = 0
    found = []
    for number, kind in enumerate(kinds, start=1):
        given += kind is AccessEvent.APPROVED
        facts = {"approvals": given, "needed": needed} if kind is AccessEvent.APPROVED else {}
        found.append((number, Event(kind, NINE, None, facts)))
    return found


def test_the_warning_changes_no_card() -> None:
    assert last_change(numbered([*GIVEN, AccessEvent.EXPIRES_SOON])) == 3


@pytest.mark.parametrize("last", [last_change, last_unplanned_change, last_change_not_told])
def test_without_an_event_nothing_is_updated(
    last: Callable[[Sequence[tuple[int, Event]]], int],
) -> None:
    assert last([]) == 0


@pytest.mark.parametrize(
    "outcome",
    [
        pytest.param([AccessEvent.APPROVED, AccessEvent.GRANTED], id="granted"),
        pytest.param([AccessEvent.APPROVED], id="about to be granted"),
        pytest.param([AccessEvent.DENIED], id="denied"),
        pytest.param([AccessEvent.LAPSED], id="lapsed"),
        pytest.param([AccessEvent.APPROVED, AccessEvent.FAILED], id="failed"),
        pytest.param([AccessEvent.APPROVED, AccessEvent.GAVE_UP, AccessEvent.FAILED], id="gave up"),
        pytest.param([AccessEvent.APPROVED, AccessEvent.SCHEDULED], id="scheduled"),
        pytest.param(
            [
                AccessEvent.APPROVED,
                AccessEvent.SCHEDULED,
                AccessEvent.STARTED,
                AccessEvent.NO_ROOM_YET,
                AccessEvent.GRANTED,
                *OVER,
            ],
            id="a whole life",
        ),
    ],
)
def test_what_the_requester_is_told_does_not_update_their_card(outcome: list[AccessEvent]) -> None:
    events = numbered([ASKED, *outcome])

    assert last_change_not_told(events) == 1


def test_what_the_requester_is_told_by_nothing_else_updates_their_card() -> None:
    told_by_the_card = [
        AccessEvent.REMINDED,
        AccessEvent.ESCALATED,
        AccessEvent.APPROVERS_CHANGED,
        AccessEvent.APPROVED_BY_RULE,
        AccessEvent.CANCELLED,
        AccessEvent.CALLED_OFF,
        AccessEvent.EXTENSION_ASKED,
        AccessEvent.EXTENSION_ALLOWED,
        AccessEvent.EXTENDED,
        AccessEvent.EXTENSION_DENIED,
        AccessEvent.ENDED_EARLY,
        AccessEvent.VANISHED,
        AccessEvent.STUCK,
        AccessEvent.CLOSED,
        AccessEvent.REVIEWED,
        AccessEvent.READS_SEEN,
    ]

    assert [last_change_not_told(numbered([ASKED, kind])) for kind in told_by_the_card] == [
        2
    ] * len(told_by_the_card)


def test_the_first_of_two_approvals_updates_the_requesters_card_and_the_last_one_does_not() -> None:
    first = [ASKED, AccessEvent.APPROVED]

    assert last_change_not_told(numbered(first, needed=2)) == 2
    assert last_change_not_told(numbered([*first, AccessEvent.APPROVED], needed=2)) == 2


def test_an_approval_without_a_count_updates_the_requesters_card() -> None:
    events = [(1, Event(ASKED, NINE)), (2, Event(AccessEvent.APPROVED, NINE))]

    assert last_change_not_told(events) == 2


def test_the_decision_updates_the_approvers_cards_and_an_end_on_time_does_not() -> None:
    denied = [ASKED, AccessEvent.DENIED]

    assert last_unplanned_change(numbered(denied)) == 2
    assert last_unplanned_change(numbered(GIVEN)) == 3
    assert last_unplanned_change(numbered([*GIVEN, AccessEvent.EXPIRES_SOON, *OVER])) == 3


@pytest.mark.parametrize(
    "ends",
    [
        pytest.param([AccessEvent.ENDED_EARLY], id="early"),
        pytest.param([AccessEvent.VANISHED], id="vanished"),
        pytest.param([AccessEvent.ENDED, AccessEvent.STUCK], id="stuck"),
        pytest.param([AccessEvent.ENDED, AccessEvent.WATCHED], id="watched"),
    ],
)
def test_any_other_end_updates_all_cards_until_it_is_over(ends: list[AccessEvent]) -> None:
    begun, over = numbered([*GIVEN, *ends]), numbered([*GIVEN, *ends, AccessEvent.REVOKED])

    for last in (last_unplanned_change, last_change_not_told):
        assert last(begun) == len(begun)
        assert last(over) == len(over)


def test_a_failure_that_was_stuck_updates_the_card_that_says_so() -> None:
    stuck = [ASKED, AccessEvent.APPROVED, AccessEvent.GAVE_UP, AccessEvent.STUCK]

    assert last_change_not_told(numbered([*stuck, AccessEvent.FAILED])) == 5


def test_an_end_on_time_updates_the_cards_that_show_an_undecided_extension() -> None:
    asked = [*GIVEN, AccessEvent.EXTENSION_ASKED]
    answers = (AccessEvent.EXTENDED, AccessEvent.EXTENSION_DENIED)
    answered = [numbered([*asked, answer, *OVER]) for answer in answers]

    assert last_unplanned_change(numbered([*asked, *OVER])) == 6
    assert [last_unplanned_change(events) for events in answered] == [5, 5]
    assert [last_change_not_told(events) for events in answered] == [5, 5]


def test_later_events_update_a_card_whose_end_was_left_out() -> None:
    events = numbered([*GIVEN, *OVER, AccessEvent.READS_SEEN])

    assert last_unplanned_change(events) == 6


def test_whatever_is_left_out_is_a_message_of_its_own() -> None:
    assert TOLD <= REQUESTER_EVENTS
