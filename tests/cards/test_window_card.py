"""The messages about a window that can be answered."""

import pytest
from syrupy.assertion import SnapshotAssertion

from cards.window_card import approver_card, warning_card, window_summary
from domain.access import Request
from domain.workflow import Event
from tests.cards.stories import ABOUT_WINDOWS, EVENTS, active
from tests.cards.test_every_card import nodes

Story = tuple[Request, Event]


@pytest.mark.parametrize("story", ABOUT_WINDOWS.values(), ids=ABOUT_WINDOWS.keys())
def test_each_event_is_told_as_before(story: Story, card_snapshot: SnapshotAssertion) -> None:
    assert card_snapshot == {
        "summary": window_summary(*story),
        "requester": warning_card(*story),
        "approver": approver_card(*story),
    }


def test_the_warning_offers_what_the_cap_leaves() -> None:
    warning = warning_card(*EVENTS["expires soon"])

    assert [action["verb"] for action in warning["actions"]] == ["access.extend", "access.done"]
    assert [node["id"] for node in nodes(warning) if node.get("type") == "Input.Text"] == [
        "duration"
    ]


def test_a_wish_for_more_time_has_buttons_until_it_is_decided() -> None:
    asked = approver_card(*EVENTS["extension asked"])
    decided = approver_card(active(), EVENTS["extension asked"][1])

    assert [action["verb"] for action in asked["actions"]] == [
        "extension.allow",
        "extension.refuse",
    ]
    assert "actions" not in decided
