"""The requester's own card in every state, and what they can do on it."""

import re
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from syrupy.assertion import SnapshotAssertion

from cards.access.own_card import own_card
from cards.kit.elements import Content
from domain.access.request import Request
from domain.access.transitions import waiting
from tests.cards.gallery import saying
from tests.cards.hostile import HOSTILE
from tests.cards.reading_cards import whole_text
from tests.cards.scenarios import DANA, REQUESTS, a_request, active, minutes, taken
from tests.cards.several_scenarios import REQUESTS_OF_SEVERAL

OWN = {
    **REQUESTS,
    "pending, reminded": waiting.remind(a_request(), minutes(20), DANA).head,
    "active, for somebody else": replace(active(), beneficiary=replace(DANA.as_person(), name="E")),
    "break-glass": taken(),
    **REQUESTS_OF_SEVERAL,
}


@pytest.mark.parametrize("request_", OWN.values(), ids=OWN.keys())
def test_each_state_is_drawn_as_before(request_: Request, card_snapshot: SnapshotAssertion) -> None:
    assert own_card(request_, minutes(25)) == card_snapshot


def test_hostile_text_is_drawn_as_before(card_snapshot: SnapshotAssertion) -> None:
    everything_at_once = " ".join(HOSTILE.values())[:1_000]

    assert own_card(saying(everything_at_once, active()), minutes(25)) == card_snapshot


def test_it_says_who_was_asked_and_when_and_how_long_it_took_so_far() -> None:
    drawn = whole_text(own_card(a_request(), minutes(25)))

    assert "Sent  at 14:05 UTC  for  Ada Approver and Bo Backup  to decide." in drawn
    assert "Not decided as of 14:30 UTC, after 25 minutes." in drawn


_FALSE_ONCE_IT_IS_OVER = re.compile(
    r"Waiting for|asks to|asks for|has access|\bactive\b|granting access|Revoking|cleaning up", re.I
)


@pytest.mark.parametrize("name", OWN)
def test_nothing_that_stays_is_false_once_it_is_over(name: str) -> None:
    """The first events after these update the card, so that nothing of it stays."""
    updated = ("removed and watched", "ended early", "ended before")
    drawn = whole_text(own_card(OWN[name], minutes(25)))

    assert name.startswith(updated) or not _FALSE_ONCE_IT_IS_OVER.search(drawn)


def test_it_says_how_much_time_is_left_and_as_of_when() -> None:
    drawn = whole_text(own_card(active(), minutes(25)))

    assert "1 hour 10 minutes  left as of 14:30 UTC" in drawn


def test_it_says_when_the_secret_is_rotated_until_it_is() -> None:
    ended = OWN["revoked, rotated after"]

    assert "15:51 UTC   demo-api-key  is rotated" in whole_text(own_card(ended, minutes(100)))
    assert "rotated" not in whole_text(own_card(ended, minutes(106)))


def test_it_says_nothing_is_left_once_the_window_is_over() -> None:
    assert " left as of " not in whole_text(own_card(active(), minutes(95)))


def test_access_past_its_end_is_not_offered_any_more() -> None:
    late = own_card(active(), minutes(150))

    seen = whole_text(late)

    assert "Should have ended" in seen
    assert (
        "should have ended on  21 Nov 2026, 15:40 UTC , but hadn't as of 16:35 UTC. Please don't "
        "use it."
    ) in seen
    assert "az keyvault" not in seen
    assert [action["title"] for action in late["actions"]] == ["Details", "Refresh"]


def test_only_active_access_of_ones_own_shows_how_to_read() -> None:
    with_command = [
        name for name, one in OWN.items() if "az keyvault" in whole_text(own_card(one, minutes(25)))
    ]

    assert with_command
    assert all("active" in name for name in with_command)
    assert "active, for somebody else" not in with_command


@pytest.mark.parametrize(
    ("name", "titles"),
    [
        ("pending", ["Remind", "Cancel request", "Details", "Refresh"]),
        ("scheduled", ["Cancel request", "Details", "Refresh"]),
        ("active", ["I'm done", "Extend…", "Open in the Azure portal", "Details", "Refresh"]),
        (
            "active, more time asked for",
            ["I'm done", "Open in the Azure portal", "Details", "Refresh"],
        ),
        ("granting", ["Details", "Refresh"]),
        ("revoked", ["Details"]),
        ("denied", ["Details"]),
    ],
)
def test_a_requester_can_do_what_the_state_allows(name: str, titles: list[str]) -> None:
    assert _titles(own_card(OWN[name], minutes(25))) == titles


def test_details_are_hidden_until_they_are_asked_for() -> None:
    drawn = own_card(a_request(), minutes(25))

    [hidden] = [one for one in drawn["body"] if one.get("isVisible") is False]
    [details] = [one for one in drawn["actions"] if one["title"] == "Details"]
    assert details["targetElements"] == [hidden["id"]]
    assert "Smoke test" in whole_text({"body": [hidden]})


def test_remind_names_the_reminder_that_the_card_shows() -> None:
    before, after = a_request(), waiting.remind(a_request(), minutes(20), DANA).head

    assert _since(before) == ""
    assert _since(after) == (before.requested_at + timedelta(minutes=20)).isoformat()


def _since(request: Request) -> Any:
    return own_card(request, minutes(25))["actions"][0]["data"]["since"]


def _titles(drawn: Content) -> list[str]:
    return [action["title"] for action in drawn["actions"]]
