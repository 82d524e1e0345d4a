"""The welcome, and the list of all commands."""

import pytest
from syrupy.assertion import SnapshotAssertion

from cards.operations.help_card import help_card, suggested, welcome_card


def test_the_commands_are_drawn_in_groups(card_snapshot: SnapshotAssertion) -> None:
    groups = {
        "For everyone": [
            ("request secret NAME [for 2h] [because …]", "Ask for access to a secret."),
            ("secrets", "List the secrets you can ask for."),
        ],
        "For admins": [("doctor", "Check configuration and permissions")],
    }

    assert help_card(groups) == card_snapshot


ROLES = pytest.mark.parametrize(
    ("is_approver", "is_admin"),
    [(False, False), (True, False), (False, True), (True, True)],
    ids=["developer", "approver", "admin", "both"],
)


@ROLES
def test_the_welcome_is_for_what_a_person_can_do(
    card_snapshot: SnapshotAssertion,
    is_approver: bool,
    is_admin: bool,
) -> None:
    assert welcome_card(is_approver=is_approver, is_admin=is_admin) == card_snapshot


@ROLES
def test_teams_shows_all_of_its_buttons_and_suggestions(
    is_approver: bool,
    is_admin: bool,
) -> None:
    card = welcome_card(is_approver=is_approver, is_admin=is_admin)

    assert len(card["actions"]) <= 6
    assert len(suggested(is_approver=is_approver, is_admin=is_admin)) <= 3
