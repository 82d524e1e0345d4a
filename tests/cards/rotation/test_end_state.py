"""What is said about the end of a rollback: only what was read."""

from dataclasses import replace

import pytest

from cards.audit.event_lines import event_line
from cards.kit.elements import Field
from cards.kit.sentences import plain_text
from cards.rotation.admin_messages import rotation_admin_message
from cards.rotation.audit_messages import rotation_audit_message
from cards.rotation.end_state import current_version, describe_end_state
from cards.rotation.rotation_card import rotation_card
from domain.rotation.rotation import CurrentAtEnd, Rotation, RotationEvent, WhichVersion
from domain.workflow import Event
from tests.cards.reading_cards import whole_text
from tests.cards.rotation_scenarios import ANEW, NEW, OLD, RESTORED, ROTATIONS

SAID = {
    WhichVersion.OLD: "It was rolled back: the old version is current.",
    WhichVersion.NEW: "It was rolled back, but the version that it wrote is current.",
    WhichVersion.RESTORED: "It was rolled back: the old value is in use again, as a new version",
    WhichVersion.OTHERS: "It was rolled back: a version that someone else wrote is current now.",
    WhichVersion.NONE: "It was rolled back, but no version is current",
    WhichVersion.UNREADABLE: "It was rolled back, but which version is current couldn't be read.",
}
IDS = {
    WhichVersion.OLD: OLD,
    WhichVersion.NEW: NEW,
    WhichVersion.RESTORED: RESTORED,
    WhichVersion.OTHERS: ANEW,
    WhichVersion.NONE: "",
    WhichVersion.UNREADABLE: "",
}


def _ended(at_end: CurrentAtEnd | None) -> Rotation:
    return replace(ROTATIONS["rolled back"], current_at_end=at_end)


@pytest.mark.parametrize("which", WhichVersion)
def test_each_end_is_told_from_what_was_read(which: WhichVersion) -> None:
    rotation = _ended(CurrentAtEnd(which, IDS[which]))

    said = plain_text(describe_end_state(rotation))

    assert [each for each, words in SAID.items() if said.startswith(words)] == [which]


@pytest.mark.parametrize("which", WhichVersion)
def test_the_card_names_the_version_that_was_read_or_none(which: WhichVersion) -> None:
    rotation = _ended(CurrentAtEnd(which, IDS[which]))

    named = (Field("Current version", IDS[which][:8]),) if IDS[which] else ()
    assert current_version(rotation) == named
    card = whole_text(rotation_card(rotation, buttons=False))
    assert ("Current version" in card) == bool(named)


def test_where_an_older_version_read_nothing_nothing_is_said_of_the_current_version() -> None:
    rotation = _ended(None)

    said = plain_text(describe_end_state(rotation))

    assert said.startswith("It was rolled back. ")
    assert current_version(rotation) == ()


def test_each_of_two_rollbacks_says_how_it_ended_itself() -> None:
    rotation = _ended(CurrentAtEnd(WhichVersion.RESTORED, RESTORED))
    before_a_late_write = {"current": str(WhichVersion.OLD), "version": OLD}
    first = Event(RotationEvent.ROLLED_BACK, rotation.asked_at, None, before_a_late_write)

    told = (
        rotation_audit_message(rotation, first).summary(),
        rotation_admin_message(rotation, first).summary(),
        event_line(rotation, first),
    )

    for said in told:
        assert SAID[WhichVersion.OLD] in said
        assert SAID[WhichVersion.RESTORED] not in said


def test_while_a_late_write_is_undone_the_rollback_before_it_names_no_current_version() -> None:
    before_a_late_write = {"current": str(WhichVersion.OLD), "version": OLD}
    rotation = _ended(None)
    first = Event(RotationEvent.ROLLED_BACK, rotation.asked_at, None, before_a_late_write)

    message = rotation_audit_message(rotation, first)

    assert "It was rolled back. " in message.summary()
    assert "Current version" not in [field.label for field in message.fields]
