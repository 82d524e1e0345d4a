"""The messages about access that matter most, for someone whose Teams is in German."""

from collections.abc import Iterator
from dataclasses import replace

import pytest
from syrupy.assertion import SnapshotAssertion

from cards.access.event_card import audit_card, audit_summary, requester_card, requester_summary
from cards.access.review_card import review_card
from cards.access.window_card import approver_card, window_summary
from cards.languages.language import language_of, speaking
from domain.access.request import Request
from domain.workflow import Event
from tests.cards.reading_cards import whole_text
from tests.cards.scenarios import EVENTS, REQUESTER_SCENARIOS

AUDITED = {
    name: EVENTS[name]
    for name in (
        "requested",
        "granted, by rule",
        "ended early",
        "stuck under a lock",
        "approvers changed, groups",
    )
}
TOLD = {
    name: REQUESTER_SCENARIOS[name]
    for name in ("granted", "denied", "revoked, still readable", "stuck")
}


@pytest.fixture(autouse=True)
def in_german() -> Iterator[None]:
    with speaking(language_of("de-DE")):
        yield


@pytest.mark.parametrize("scenario", AUDITED.values(), ids=AUDITED.keys())
def test_the_audit_message_is_drawn_as_before(
    scenario: tuple[Request, Event], card_snapshot: SnapshotAssertion
) -> None:
    assert {
        "summary": audit_summary(*scenario),
        "card": audit_card(*scenario, 3),
    } == card_snapshot


@pytest.mark.parametrize("scenario", TOLD.values(), ids=TOLD.keys())
def test_the_requesters_message_is_drawn_as_before(
    scenario: tuple[Request, Event], card_snapshot: SnapshotAssertion
) -> None:
    assert {
        "summary": requester_summary(*scenario),
        "card": requester_card(*scenario),
    } == card_snapshot


def test_the_message_about_a_requested_extension_is_drawn_as_before(
    card_snapshot: SnapshotAssertion,
) -> None:
    scenario = EVENTS["extension asked"]

    assert {
        "summary": window_summary(*scenario),
        "card": approver_card(*scenario),
    } == card_snapshot


def test_the_message_that_asks_for_a_review_is_drawn_as_before(
    card_snapshot: SnapshotAssertion,
) -> None:
    assert review_card(*EVENTS["broke glass"], buttons=True) == card_snapshot


def test_names_and_conditions_that_events_keep_in_english_are_said_in_german() -> None:
    request, ended = EVENTS["revoked, still readable"]
    facts = {**ended.facts, "still_secrets": "app-key, demo-key and web-key"}

    by_rule = audit_card(*EVENTS["approved by rule"], 3)
    still_readable = audit_card(request, replace(ended, facts=facts), 3)

    assert (
        "genannte Personen, höchstens 1 Stunde 30 Minuten, Mon-Fri 08:00-18:00 Europe/Berlin, "
        "mit Ticket"
    ) in whole_text(by_rule)
    assert "app-key, demo-key und web-key" in whole_text(still_readable)
