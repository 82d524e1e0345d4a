"""Messages about a rotation to the audit channel and the admin who asked."""

import pytest
from syrupy.assertion import SnapshotAssertion

from cards.rotation.event_card import (
    rotation_audit_card,
    rotation_audit_summary,
    rotation_person_card,
    rotation_person_summary,
)
from domain.rotation.messages import has_message
from domain.rotation.rotation import Rotation, RotationEvent
from domain.workflow import Event
from tests.cards.gallery import event_saying
from tests.cards.hostile import HOSTILE
from tests.cards.reading_cards import whole_text
from tests.cards.rotation_scenarios import (
    ROTATION_EVENTS,
    STEP_EVENTS,
    TOLD_TO_ADMIN,
    a_rotation,
    rotation_saying,
)

Scenario = tuple[Rotation, Event]


@pytest.mark.parametrize("scenario", ROTATION_EVENTS.values(), ids=ROTATION_EVENTS.keys())
def test_the_audit_message_is_drawn_as_before(
    scenario: Scenario, card_snapshot: SnapshotAssertion
) -> None:
    assert {
        "summary": rotation_audit_summary(*scenario),
        "card": rotation_audit_card(*scenario, 3),
    } == card_snapshot


@pytest.mark.parametrize("scenario", TOLD_TO_ADMIN.values(), ids=TOLD_TO_ADMIN.keys())
def test_the_admins_message_is_drawn_as_before(
    scenario: Scenario, card_snapshot: SnapshotAssertion
) -> None:
    assert {
        "summary": rotation_person_summary(*scenario),
        "card": rotation_person_card(*scenario),
    } == card_snapshot


def test_every_event_except_single_steps_has_a_message() -> None:
    told = {event.kind for _, event in ROTATION_EVENTS.values()}

    assert all(has_message(event) for _, event in ROTATION_EVENTS.values())
    assert not any(has_message(event) for event in STEP_EVENTS)
    assert told | {event.kind for event in STEP_EVENTS} == set(RotationEvent)


@pytest.mark.parametrize("event", STEP_EVENTS, ids=lambda event: event.kind)
def test_single_steps_have_no_card_of_their_own(event: Event) -> None:
    with pytest.raises(ValueError, match=event.kind):
        rotation_audit_card(a_rotation(), event, 2)


@pytest.mark.parametrize(
    "scenario",
    [scenario for name, scenario in ROTATION_EVENTS.items() if name not in TOLD_TO_ADMIN],
    ids=[name for name in ROTATION_EVENTS if name not in TOLD_TO_ADMIN],
)
def test_the_admin_who_asked_has_no_card_for_what_is_not_for_them(scenario: Scenario) -> None:
    with pytest.raises(ValueError, match=scenario[1].kind):
        rotation_person_card(*scenario)


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("started", "requested by  Ada Approver"),
        ("started on schedule", "on its schedule"),
        ("started near expiry", "expires soon"),
        ("started after a grant", "Dana Developer's access req-01jd7q3v9k ended"),
        ("agreed", "Bo Backup  approved it."),
    ],
)
def test_the_start_says_why_it_runs(name: str, expected: str) -> None:
    assert expected in whole_text(rotation_audit_card(*ROTATION_EVENTS[name], 1))


@pytest.mark.parametrize("name", ["needs a human", "not retired"])
def test_a_message_that_needs_a_human_shows_the_commands(name: str) -> None:
    scenario = ROTATION_EVENTS[name]

    assert "retry rot-01jd8b2m4t" in whole_text(rotation_audit_card(*scenario, 9))
    assert "retry rot-01jd8b2m4t" in whole_text(rotation_person_card(*scenario))


def test_success_shows_the_end_of_the_overlap() -> None:
    scenario = ROTATION_EVENTS["overlapping"]

    assert "22 Nov 2026, 14:05 UTC" in whole_text(rotation_audit_card(*scenario, 9))
    assert "22 Nov 2026, 14:05 UTC" in whole_text(rotation_person_card(*scenario))


@pytest.mark.parametrize("scenario", ROTATION_EVENTS.values(), ids=ROTATION_EVENTS.keys())
def test_every_audit_card_names_its_time_its_number_and_its_correlation_id(
    scenario: Scenario,
) -> None:
    seen = whole_text(rotation_audit_card(*scenario, 12))

    assert "Correlation ID  rot-01jd8b2m4t  · event 12" in seen
    assert f"{scenario[1].at:%H:%M} UTC" in seen


@pytest.mark.parametrize("words", HOSTILE.values(), ids=HOSTILE.keys())
@pytest.mark.parametrize("scenario", ROTATION_EVENTS.values(), ids=ROTATION_EVENTS.keys())
def test_a_summary_is_one_short_line_without_live_markup(scenario: Scenario, words: str) -> None:
    rotation, event = scenario
    summary = rotation_audit_summary(rotation_saying(words, rotation), event_saying(words, event))

    assert len(summary) <= 250
    assert not set(summary) & set("<>[]`\n\u202e\u200b\x00")


@pytest.mark.parametrize("name", TOLD_TO_ADMIN)
def test_no_message_says_how_long_an_old_version_works(name: str) -> None:
    rotation, event = TOLD_TO_ADMIN[name]

    said = whole_text(rotation_person_card(rotation, event))
    said += whole_text(rotation_audit_card(rotation, event, 3))

    # It may expire in its overlap, or be disabled by somebody.
    assert "valid for" not in said
    assert "valid until" not in said
