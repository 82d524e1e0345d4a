"""The messages about a start in the future."""

from dataclasses import replace

import pytest

from cards.access.event_card import audit_card, holder_card, requester_card
from domain.access.request import Request
from domain.access.transitions import changes
from domain.workflow import Change
from tests.cards.reading_cards import texts
from tests.cards.scenarios import ADA, BO, CY, minutes, planned, scheduled


def approved(*, for_cy: bool) -> Change[Request]:
    request = replace(planned(), beneficiary=CY.as_person() if for_cy else None)
    return changes.approve(request, ADA, minutes(4))


def test_the_grantee_reads_of_their_own_access() -> None:
    mine, others = approved(for_cy=False), approved(for_cy=True)

    assert "Your access to " in texts(requester_card(mine.head, mine.events[-1]))
    assert "Your access to " in texts(holder_card(others.head, others.events[-1]))


def test_others_read_whose_access_it_is() -> None:
    mine, others = approved(for_cy=False), approved(for_cy=True)

    assert "Dana Developer" in texts(audit_card(mine.head, mine.events[-1], 3))
    assert "Cy Chief" in texts(requester_card(others.head, others.events[-1]))


def test_readers_see_the_start_in_their_own_time_zone() -> None:
    mine = approved(for_cy=False)

    seen = texts(requester_card(mine.head, mine.events[-1]))

    assert "21 Nov 2026, 17:05 UTC" in seen
    assert "{{DATE(2026-11-21T17:05:00Z, COMPACT)}} {{TIME(2026-11-21T17:05:00Z)}} local" in seen


@pytest.mark.parametrize("text", ["", "soon"])
def test_an_event_without_a_readable_start_is_shown_without_it(text: str) -> None:
    called_off = changes.end_early(scheduled(), BO, minutes(30))
    event = replace(called_off.events[-1], facts={"starts_at": text})

    assert "an unknown date" in texts(audit_card(called_off.head, event, 4))
