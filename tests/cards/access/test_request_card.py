"""The request card in every state, and when it has buttons."""

from dataclasses import replace

import pytest
from syrupy.assertion import SnapshotAssertion

from cards.access.request_card import request_card
from cards.kit.elements import Content
from domain.access.request import Request, RequestState
from domain.access.transitions import changes as change
from tests.cards.gallery import saying
from tests.cards.hostile import HOSTILE
from tests.cards.reading_cards import texts, whole_text
from tests.cards.scenarios import (
    ADA,
    BO,
    DANA,
    EVENTS,
    REQUESTS,
    VAULT_ID,
    a_request,
    minutes,
    stuck_under_a_lock,
)


@pytest.mark.parametrize("request_", REQUESTS.values(), ids=REQUESTS.keys())
def test_each_state_is_drawn_as_before(request_: Request, card_snapshot: SnapshotAssertion) -> None:
    assert request_card(request_, buttons=True) == card_snapshot


def test_hostile_text_is_drawn_as_before(card_snapshot: SnapshotAssertion) -> None:
    everything_at_once = " ".join(HOSTILE.values())[:1_000]

    assert request_card(saying(everything_at_once, a_request()), buttons=True) == card_snapshot


def test_every_state_has_a_story() -> None:
    assert set(RequestState) == {request.state for request in REQUESTS.values()}


@pytest.mark.parametrize("request_", REQUESTS.values(), ids=REQUESTS.keys())
def test_only_a_pending_request_can_be_decided(request_: Request) -> None:
    drawn = request_card(request_, buttons=True)

    assert (request_.state is RequestState.PENDING) == bool(_verbs(drawn))


def test_a_card_without_buttons_shows_the_same_and_decides_nothing() -> None:
    with_buttons = request_card(a_request(), buttons=True)
    without = request_card(a_request(), buttons=False)

    assert with_buttons["body"] == without["body"]
    assert "actions" not in without


def test_only_deny_asks_for_a_reason() -> None:
    approve, less, deny = request_card(a_request(), buttons=True)["actions"]

    assert approve["verb"] == "request.approve"
    assert approve["associatedInputs"] == "none"
    assert "reason" not in [element["id"] for element in less["card"]["body"]]
    assert deny["type"] == "Action.ShowCard"
    assert [element["id"] for element in deny["card"]["body"]] == ["reason"]
    assert [action["verb"] for action in deny["card"]["actions"]] == ["request.deny"]


def test_who_has_approved_can_only_deny_while_other_approvals_are_missing() -> None:
    approved = change.approve(a_request(min_approvals=2), ADA, minutes(4)).head

    own = request_card(approved, buttons=True, reader=ADA.object_id)
    others = request_card(approved, buttons=True, reader=BO.object_id)

    assert [action["title"] for action in own["actions"]] == ["Deny…"]
    assert [action["title"] for action in others["actions"]] == [
        "Approve",
        "Approve less…",
        "Deny…",
    ]


def test_the_requester_is_not_among_those_who_can_approve() -> None:
    request = a_request(approvers=(DANA.as_person(), replace(DANA, object_id="2").as_person()))

    drawn = request_card(replace(request, requester=replace(DANA, name="Someone")), buttons=True)

    assert texts(drawn).count("Dana Developer") == 1


@pytest.mark.parametrize(
    ("scope", "exposes", "expected"),
    [
        (VAULT_ID, 37, "The whole vault: 37 secrets"),
        (VAULT_ID, 1, "The whole vault: 1 secret"),
        (VAULT_ID, 1_200, "The whole vault: 1,200 secrets"),
        (VAULT_ID, None, "The whole vault; its secrets couldn't be counted"),
        (f"{VAULT_ID}/secrets/demo-api-key", 1, "Only this secret"),
    ],
)
def test_an_approver_sees_what_the_scope_opens(
    scope: str, exposes: int | None, expected: str
) -> None:
    drawn = request_card(a_request(scope=scope, exposes=exposes), buttons=True)

    assert expected in texts(drawn)


def test_a_role_that_is_not_built_in_is_shown_by_its_id() -> None:
    request = a_request()
    custom = "/subscriptions/0/providers/Microsoft.Authorization/roleDefinitions/ABC-1"

    drawn = request_card(
        replace(request, targets=(replace(request.targets[0], role=custom),)), buttons=False
    )

    assert "abc-1" in texts(drawn)


def _verbs(drawn: Content) -> list[str]:
    return [action.get("verb", action["type"]) for action in drawn.get("actions", [])]


def test_the_requester_does_not_see_azures_answer() -> None:
    stuck = stuck_under_a_lock().head

    assert "409 ScopeLocked" in whole_text(request_card(stuck, buttons=False, answers=True))
    assert "ScopeLocked" not in whole_text(request_card(stuck, buttons=False))


def test_a_failed_request_keeps_showing_azures_answer() -> None:
    failed, _ = EVENTS["failed under a lock"]

    assert "409 ScopeLocked" in whole_text(request_card(failed, buttons=False, answers=True))


def test_a_former_approver_sees_why_and_has_no_buttons(
    card_snapshot: SnapshotAssertion,
) -> None:
    assert request_card(a_request(), buttons=False, former=True) == card_snapshot


def test_break_glass_access_is_not_called_approved_when_others_have_to_review_it() -> None:
    request, _ = EVENTS["approvers changed, only admins left"]

    said = whole_text(request_card(request, buttons=False))

    assert request.broke_glass
    assert request.approvers_since
    assert "Approved for" not in said
    assert "for 1 hour 30 minutes" in said
