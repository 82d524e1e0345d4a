"""Audit messages about an orphaned assignment."""

import pytest
from syrupy.assertion import SnapshotAssertion

from cards.access.orphan_card import orphan_card, orphan_summary
from domain.reconciliation import orphan as change
from domain.reconciliation.orphan import Orphan
from domain.workflow import Event
from tests.cards.orphan_scenarios import FOUND, ORPHAN_EVENTS
from tests.cards.reading_cards import whole_text
from tests.cards.scenarios import minutes


@pytest.mark.parametrize("scenario", ORPHAN_EVENTS.values(), ids=ORPHAN_EVENTS)
def test_each_event_is_drawn_as_before(
    scenario: tuple[Orphan, Event], card_snapshot: SnapshotAssertion
) -> None:
    assert orphan_card(*scenario, 2) == card_snapshot


@pytest.mark.parametrize("scenario", ORPHAN_EVENTS.values(), ids=ORPHAN_EVENTS)
def test_its_description_is_always_shown(scenario: tuple[Orphan, Event]) -> None:
    assert "Latchkey req-01jd7q3v9k: access to demo-api-key" in whole_text(
        orphan_card(*scenario, 2)
    )


def test_a_late_end_says_how_late_it_was() -> None:
    assert "It was stuck, and came 30 minutes late." in orphan_summary(
        *ORPHAN_EVENTS["removed after having been stuck"]
    )


def test_finding_one_has_no_message() -> None:
    with pytest.raises(ValueError, match="there is no message for"):
        orphan_card(FOUND, change.find(FOUND).events[0], 1)


def test_an_unknown_age_is_shown_as_unknown() -> None:
    event = change.revoke(FOUND, found=True, now=minutes(60)).events[0]
    old = Orphan(
        id=FOUND.id,
        state=FOUND.state,
        assignment=FOUND.assignment,
        description=FOUND.description,
        created_at=None,
        found_at=FOUND.found_at,
    )

    assert "not known" in whole_text(orphan_card(old, event, 2))
