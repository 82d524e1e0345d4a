"""The help card."""

from syrupy.assertion import SnapshotAssertion

from cards.operations.help_card import help_card


def test_the_commands_are_drawn_as_before(card_snapshot: SnapshotAssertion) -> None:
    commands = [
        ("request secret NAME [for 2h] [because …]", "Ask for access to a secret."),
        ("secrets", "List the secrets you can ask for."),
    ]

    assert help_card(commands) == card_snapshot
