"""What a line that isn't understood may have meant."""

import pytest

from bot.handlers.command_table import COMMANDS
from bot.handlers.lines.suggestions import Suggestions
from cards.kit.verbs import LONGEST_LINE
from cards.operations.suggestion_card import Offer

KNOWN = {"a-key", "b-key"}
SUGGESTIONS = Suggestions(COMMANDS, KNOWN.__contains__)


@pytest.mark.parametrize(
    ("typed", "form", "lines"),
    [
        ("hlep", "help", ["help"]),
        ("secret", "secrets", ["secrets"]),
        ("reqest secret a-key", "request secret NAME", ["request secret a-key"]),
        (
            "Requst secret `a-key` for 2h because \u201cprod\u201d is down.",
            "request secret NAME",
            ["request secret `a-key` for 2h because \u201cprod\u201d is down."],
        ),
        ("secret a-key", "secrets", ["request secret a-key"]),
        ("i need a-key", None, ["request secret a-key"]),
        ("a-key", None, ["request secret a-key"]),
        ("my acess", "my access", ["my access"]),
        ("my acces please", "my access", ["my access"]),
        ("cancel", "cancel ID", ["my access"]),
        ("cancle req-abcdefghij", "cancel ID", ["cancel req-abcdefghij"]),
        ("revoke", "revoke ID", ["my access"]),
        ("extend", "extend ID 1h", ["my access"]),
        ("extend req-abcdefghij", "extend ID 1h", ["my access"]),
        ("rotate", "rotate NAME", ["rotations"]),
        ("retry", "retry ID", ["stuck"]),
        ("make me a sandwich", None, ["help"]),
        ("sandwich!", None, ["help"]),
    ],
)
def test_the_nearest_command_is_offered_with_what_was_typed(
    typed: str, form: str | None, lines: list[str]
) -> None:
    found = SUGGESTIONS.of(typed, in_channel=False)

    assert (found.form, [offer.line for offer in found.offers]) == (form, lines)


@pytest.mark.parametrize(
    ("typed", "lines"),
    [
        (
            "request secret a-key b-key 2h because a test",
            ["request secret a-key, b-key 2h because a test"],
        ),
        (
            "request secret a-key deploy fix",
            ["request secret a-key for deploy fix"],
        ),
        (
            "request x-key y-key for 2h",
            ["request secret x-key, y-key for 2h", "request secret x-key for y-key for 2h"],
        ),
    ],
)
def test_a_missing_comma_is_offered_by_what_the_names_are(typed: str, lines: list[str]) -> None:
    found = SUGGESTIONS.of(typed, in_channel=False)

    assert [offer.line for offer in found.offers] == lines


@pytest.mark.parametrize("typed", ["cancle req-abcdefghij", "brake glass a-key because fire"])
def test_in_a_channel_nobody_is_led_to_change_something_by_a_button(typed: str) -> None:
    assert SUGGESTIONS.of(typed, in_channel=True).offers == (Offer("help", "help"),)


def test_a_button_carries_no_endless_line() -> None:
    found = SUGGESTIONS.of("reqest secret a-key because " + "x" * LONGEST_LINE, in_channel=False)

    assert found.offers == (Offer("help", "help"),)
