"""The list of secrets that can be requested."""

from datetime import timedelta

from syrupy.assertion import SnapshotAssertion

from cards.access.secrets_card import SecretRow, secrets_card
from cards.kit.listing import Paging
from domain.people import Principals
from tests.cards.reading_cards import whole_text
from tests.cards.scenarios import ADA
from tests.support.reading import buttons

DECIDERS = Principals((ADA.as_person(),), ())
ROWS = [
    SecretRow("app-api-key", timedelta(hours=4), DECIDERS),
    SecretRow("team-*", timedelta(hours=1), DECIDERS),
]


def test_the_list_is_drawn_as_before(card_snapshot: SnapshotAssertion) -> None:
    assert secrets_card(ROWS, Paging("10", "20")) == card_snapshot


def test_an_empty_list_is_drawn_as_before(card_snapshot: SnapshotAssertion) -> None:
    assert secrets_card([]) == card_snapshot


def test_a_secret_has_a_button_that_carries_its_name() -> None:
    request = buttons(secrets_card(ROWS[:1]))["Request"]

    assert request["data"] == {"secret": "app-api-key"}
    assert request["tooltip"] == "Request: app-api-key"


def test_a_pattern_has_no_button_but_the_command_to_type() -> None:
    pattern = secrets_card(ROWS[1:])

    assert list(buttons(pattern)) == []
    assert "type: request secret NAME" in whole_text(pattern)


def test_where_all_have_a_button_nothing_has_to_be_typed() -> None:
    assert "type: request" not in whole_text(secrets_card(ROWS[:1]))


def test_a_full_page_of_long_names_fits_into_a_message() -> None:
    people = tuple(ADA.as_person() for _ in range(20))
    row = SecretRow("x" * 127, timedelta(hours=4), Principals(people, ()))

    assert len(str(secrets_card([row] * 10, Paging("10", "20")))) < 20 * 1024
