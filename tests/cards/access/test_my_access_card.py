"""The list of a person's access and pending requests."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime

import pytest
from syrupy.assertion import SnapshotAssertion

from cards.access.my_access_card import my_access_card
from cards.kit.elements import Content
from cards.kit.listing import Paging
from domain.access.request import Request, RequestState
from tests.cards.reading_cards import texts, whole_text
from tests.cards.scenarios import (
    ADA,
    DANA,
    NOW,
    REQUESTS,
    a_request,
    active,
    ended_early,
    granting,
    minutes,
    scheduled,
    stuck,
)

OPEN = [active(), a_request(), granting(), ended_early(), stuck()]


def test_the_list_is_drawn_as_before(card_snapshot: SnapshotAssertion) -> None:
    assert _drawn(OPEN, 3, minutes(10)) == card_snapshot


def test_an_empty_list_is_drawn_as_before(card_snapshot: SnapshotAssertion) -> None:
    assert _drawn([], 0, NOW) == card_snapshot


def test_each_is_shown_with_the_time_left() -> None:
    seen = texts(_drawn([active(), a_request(), scheduled()], 0, minutes(35)))

    assert "Approved; starts on 21 Nov 2026, 17:05 UTC, in 2 hours" in seen
    assert (
        "Starts {{DATE(2026-11-21T17:05:00Z, COMPACT)}} {{TIME(2026-11-21T17:05:00Z)}} local"
    ) in seen
    assert "Granted; ends on 21 Nov 2026, 15:40 UTC, in 1 hour" in seen
    assert "Waiting for approval; expires on 21 Nov 2026, 22:05 UTC, in 7 hours" in seen


def test_the_header_counts_granted_and_pending_requests() -> None:
    assert "1 granted, 1 waiting for approval, 3 starting or ending" in texts(_drawn(OPEN, 0, NOW))


@pytest.mark.parametrize(
    ("request_", "expected"),
    [
        (active(), [("Extend…", ""), ("I'm done", "mine.done"), ("Show command", "")]),
        (granting(), [("I'm done", "mine.done")]),
        (a_request(), [("Cancel request", "mine.cancel")]),
        (scheduled(), [("Cancel request", "mine.cancel")]),
        (ended_early(), []),
        (stuck(), []),
    ],
)
def test_access_can_be_ended_and_requests_cancelled(
    request_: Request, expected: list[tuple[str, str]]
) -> None:
    assert _buttons(_drawn([request_], 0, NOW)) == expected


@pytest.mark.parametrize(
    ("more", "expected"), [(3, "… and 3 more."), (50, "… and at least 50 more.")]
)
def test_what_is_not_shown_is_counted_up_to_a_limit(more: int, expected: str) -> None:
    assert expected in texts(_drawn([active()], more, NOW))


@pytest.mark.parametrize("state", RequestState)
def test_every_state_has_a_text(state: RequestState) -> None:
    request = next(each for each in REQUESTS.values() if each.state is state)

    assert "demo-api-key" in whole_text(_drawn([request], 0, NOW))


def test_a_full_page_of_the_longest_names_fits_into_a_message() -> None:
    one = active()
    targets = tuple(replace(one.targets[0], secret=f"{number}{'x' * 126}") for number in range(10))
    request = replace(one, targets=targets)

    drawn = my_access_card(
        [request] * 5, 50, NOW, reader=DANA.object_id, paging=Paging("after", "following")
    )

    assert "… and 7 more secrets, read in the same way." in texts(drawn)
    assert len(str(drawn)) < 24 * 1024


def test_someone_elses_access_has_no_command() -> None:
    drawn = my_access_card([active()], 0, NOW, reader=ADA.object_id)

    assert "az keyvault" not in whole_text(drawn)


def test_extending_is_only_offered_up_to_the_policys_limit() -> None:
    longest = active()
    longest = replace(longest, terms=replace(longest.terms, longest=longest.window))

    assert ("Extend…", "") not in _buttons(_drawn([longest], 0, NOW))


def _drawn(requests: Sequence[Request], more: int, now: datetime) -> Content:
    return my_access_card(requests, more, now, reader=DANA.object_id)


def _buttons(drawn: Content) -> list[tuple[str, str]]:
    return [
        (action["title"], action.get("verb", ""))
        for container in drawn["body"]
        for item in container.get("items", [])
        for action in item.get("actions", [])
    ]


@pytest.mark.parametrize(
    ("request_", "to_the_grantee", "to_the_requester"),
    [
        (a_request(), [], ["Cancel request"]),
        (scheduled(), ["Call it off"], ["Cancel request"]),
        (granting(), ["I'm done"], ["I'm done"]),
        (active(), ["Extend…", "I'm done", "Show command"], ["Extend…", "I'm done"]),
    ],
)
def test_each_is_offered_only_what_they_can_do(
    request_: Request, to_the_grantee: list[str], to_the_requester: list[str]
) -> None:
    for_ada = replace(request_, beneficiary=ADA.as_person())

    for reader, offered in ((ADA, to_the_grantee), (DANA, to_the_requester)):
        drawn = my_access_card([for_ada], 0, NOW, reader=reader.object_id)
        assert [title for title, _ in _buttons(drawn)] == offered


def test_access_past_its_end_is_not_offered_any_more() -> None:
    drawn = _drawn([active()], 0, minutes(150))

    seen = texts(drawn)

    assert (
        "Should have ended on 21 Nov 2026, 15:40 UTC; it's being ended. Please don't use it" in seen
    )
    assert "1 starting or ending" in seen
    assert "az keyvault" not in whole_text(drawn)
    assert _buttons(drawn) == []
