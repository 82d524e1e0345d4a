"""Cards that refresh when someone looks at them."""

from cards.kit.elements import caption, card
from cards.kit.refresh import MOST_USERS, with_refresh


def test_it_asks_for_the_card_by_key_and_sends_no_input() -> None:
    content = card([caption("So it is.")])

    refreshed = with_refresh(content, "req-one", "approver-1", ["29:ada"])

    assert refreshed == {
        **content,
        "refresh": {
            "action": {
                "type": "Action.Execute",
                "title": "Refresh",
                "verb": "card.refresh",
                "data": {"workflow": "req-one", "card": "approver-1"},
                "associatedInputs": "none",
            },
            "userIds": ["29:ada"],
        },
    }


def test_it_lists_at_most_as_many_people_as_teams_accepts() -> None:
    refreshed = with_refresh({}, "req-one", "key", [f"29:{number}" for number in range(100)])

    assert len(refreshed["refresh"]["userIds"]) == MOST_USERS
