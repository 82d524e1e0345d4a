"""The card of a drill, and the messages about it."""

import pytest
from syrupy.assertion import SnapshotAssertion

from cards.access.drill_card import drill_card, drill_plan_card
from cards.access.messages.drill_messages import drill_audit_card
from cards.languages.language import LANGUAGES, speaking
from domain.drill.announcements import is_announced
from domain.drill.drill import Drill
from domain.workflow import Event
from tests.cards.drill_scenarios import DRILL_EVENTS, DRILLS, PLANNED
from tests.support.reading import words


def test_the_question_is_asked_as_before(snapshot: SnapshotAssertion) -> None:
    assert words(drill_plan_card(PLANNED)).splitlines() == snapshot


@pytest.mark.parametrize("drill", DRILLS.values(), ids=DRILLS)
def test_each_state_reads_as_before(drill: Drill, snapshot: SnapshotAssertion) -> None:
    assert words(drill_card(drill)).splitlines() == snapshot


@pytest.mark.parametrize("scenario", DRILL_EVENTS.values(), ids=DRILL_EVENTS)
def test_each_audit_message_reads_as_before(
    scenario: tuple[Drill, Event], snapshot: SnapshotAssertion
) -> None:
    assert is_announced(*scenario)
    assert words(drill_audit_card(*scenario, 2)).splitlines() == snapshot


@pytest.mark.parametrize("name", ["succeeded", "late"])
def test_it_reads_in_german_as_before(name: str, snapshot: SnapshotAssertion) -> None:
    with speaking(LANGUAGES["de"]):
        drawn = [drill_card(DRILLS[name]), drill_audit_card(*DRILL_EVENTS[name], 2)]

    assert [words(one).splitlines() for one in drawn] == snapshot
