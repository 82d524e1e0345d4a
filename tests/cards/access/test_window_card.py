"""Messages with buttons about ending access."""

import pytest
from syrupy.assertion import SnapshotAssertion

from cards.access.window_card import approver_card, warning_card, window_summary
from domain.access.request import Request
from domain.access.transitions import changes as change
from domain.access.transitions import extensions
from domain.workflow import Event
from tests.cards.reading_cards import whole_text
from tests.cards.scenarios import (
    ABOUT_WINDOWS,
    ADA,
    BO,
    DANA,
    EVENTS,
    HOUR,
    a_request,
    active,
    allowed_by_one,
    extending_by_two,
    minutes,
)
from tests.cards.test_every_card import nodes

Scenario = tuple[Request, Event]


@pytest.mark.parametrize("scenario", ABOUT_WINDOWS.values(), ids=ABOUT_WINDOWS.keys())
def test_each_message_is_drawn_as_before(
    scenario: Scenario, card_snapshot: SnapshotAssertion
) -> None:
    assert {
        "summary": window_summary(*scenario),
        "requester": warning_card(*scenario),
        "approver": approver_card(*scenario),
    } == card_snapshot


def test_the_warning_offers_what_the_limit_allows() -> None:
    warning = warning_card(*EVENTS["expires soon"])

    assert [action["verb"] for action in warning["actions"]] == ["access.extend", "access.done"]
    assert [node["id"] for node in nodes(warning) if node.get("type") == "Input.Text"] == [
        "duration"
    ]


def test_an_extension_request_has_buttons_until_it_is_decided() -> None:
    asked = approver_card(*EVENTS["extension asked"])
    decided = approver_card(active(), EVENTS["extension asked"][1])

    assert [action["verb"] for action in asked["actions"]] == [
        "extension.allow",
        "extension.refuse",
    ]
    assert "actions" not in decided


def test_the_buttons_stay_in_their_places_for_someone_who_has_allowed_more_time() -> None:
    asked = EVENTS["extension asked"][1]

    own = approver_card(allowed_by_one(), asked, ADA.object_id)

    assert own == approver_card(allowed_by_one(), asked, BO.object_id)


def test_who_has_approved_has_no_button_for_that_on_a_reminder() -> None:
    approved = change.approve(a_request(min_approvals=2), ADA, minutes(4)).head
    reminded = EVENTS["reminded"][1]

    assert "actions" not in approver_card(approved, reminded, ADA.object_id)
    assert len(approver_card(approved, reminded, BO.object_id)["actions"]) == 1


def test_approvers_see_how_many_have_allowed_it(card_snapshot: SnapshotAssertion) -> None:
    asked = EVENTS["extension asked"][1]

    assert "0 of 2 have allowed it" in whole_text(approver_card(extending_by_two(), asked))
    assert approver_card(allowed_by_one(), asked) == card_snapshot


def test_the_requester_sees_how_many_have_allowed_it(card_snapshot: SnapshotAssertion) -> None:
    assert warning_card(allowed_by_one(), EVENTS["expires soon"][1]) == card_snapshot


def test_one_extension_request_does_not_show_anothers_buttons() -> None:
    refused = extensions.deny_extension(extending_by_two(), ADA, minutes(82)).head
    again = extensions.ask_extension(refused, DANA, HOUR / 2, minutes(83)).head

    assert "actions" not in approver_card(again, EVENTS["extension asked"][1])


def test_an_outdated_extension_request_has_no_buttons() -> None:
    over = change.end(extending_by_two(), minutes(95)).head

    assert "actions" not in approver_card(over, EVENTS["extension asked"][1])
