"""What the audit channel is told of an orphaned assignment."""

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
def test_whatever_became_of_it_its_description_is_shown(scenario: tuple[Orphan, Event]) -> None:
    assert "Latchkey req-01jd7q3v9k: access to demo-api-key" in whole_text(
        orphan_card(*scenario, 2)
    )


def test_an_end_that_was_late_says_by_how_much() -> None:
    assert "It came 30 minutes late: it had been stuck." in orphan_summary(
        *ORPHAN_EVENTS["removed after having been stuck"]
    )


def test_nobody_is_told_that_one_was_merely_found() -> None:
    with pytest.raises(ValueError, match="nobody is told of"):
        orphan_card(FOUND, change.find(FOUND).events[0], 1)


def test_an_orphan_whose_age_is_not_known_says_so() -> None:
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
