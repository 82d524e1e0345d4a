"""Audit messages about the watch over an expiry."""

import pytest
from syrupy.assertion import SnapshotAssertion

from cards.rotation.expiry_watch_card import not_watched, watch_card, watch_summary
from domain.rotation.schedule import ScheduledRotation
from domain.workflow import Event
from tests.cards.expiry_watch_scenarios import WATCH_EVENTS, WATCHED, unwatched
from tests.cards.reading_cards import whole_text


@pytest.mark.parametrize("scenario", WATCH_EVENTS.values(), ids=WATCH_EVENTS)
def test_each_event_is_drawn_as_before(
    scenario: tuple[ScheduledRotation, Event], card_snapshot: SnapshotAssertion
) -> None:
    assert watch_card(*scenario, 2) == card_snapshot


def test_it_says_why_and_what_to_do() -> None:
    seen = whole_text(watch_card(*WATCH_EVENTS["disabled"], 1))

    assert "its current version is disabled" in seen
    assert "Enable that version, or write a new one." in seen
    assert "403 SecretDisabled" in seen


def test_the_notification_says_that_it_works_again() -> None:
    assert "can be checked again" in watch_summary(*WATCH_EVENTS["watched again"])


def test_the_list_names_the_secret_and_its_vault() -> None:
    said = "".join(str(getattr(part, "name", part)) for part in not_watched(unwatched()))

    assert "can't be checked: Latchkey isn't permitted to read it." in said


def test_other_events_have_no_message() -> None:
    with pytest.raises(ValueError, match="there is no message for"):
        watch_card(WATCHED, Event("planned", WATCHED.check_at), 1)
