"""The messages to the requester and the audit channel for each event."""

from dataclasses import replace
from datetime import timedelta

import pytest
from syrupy.assertion import SnapshotAssertion

from cards.access.event_card import (
    audit_card,
    audit_summary,
    outcome_card,
    requester_card,
    requester_summary,
)
from cards.access.request_card import request_card
from domain.access.request import AccessEvent, Request
from domain.access.transitions import changes
from domain.workflow import Event
from tests.cards.gallery import event_saying, saying
from tests.cards.hostile import HOSTILE
from tests.cards.reading_cards import whole_text
from tests.cards.scenarios import ADA, EVENTS, NOW, REQUESTER_SCENARIOS, a_request, minutes

Scenario = tuple[Request, Event]


@pytest.mark.parametrize("scenario", REQUESTER_SCENARIOS.values(), ids=REQUESTER_SCENARIOS.keys())
def test_the_requesters_message_is_drawn_as_before(
    scenario: Scenario, card_snapshot: SnapshotAssertion
) -> None:
    assert {
        "summary": requester_summary(*scenario),
        "card": requester_card(*scenario),
    } == card_snapshot


@pytest.mark.parametrize("scenario", EVENTS.values(), ids=EVENTS.keys())
def test_the_audit_message_is_drawn_as_before(
    scenario: Scenario, card_snapshot: SnapshotAssertion
) -> None:
    assert {
        "summary": audit_summary(*scenario),
        "card": audit_card(*scenario, 3),
    } == card_snapshot


def test_every_kind_of_event_has_a_story() -> None:
    assert set(AccessEvent) == {event.kind for _, event in EVENTS.values()}


def test_the_grantee_sees_until_when_and_how_to_read_the_secret() -> None:
    card = requester_card(*EVENTS["granted"])

    assert "until 21 Nov 2026, 15:40 UTC" in whole_text(card).replace("  ", " ")
    assert (
        "az keyvault secret show --vault-name kv-demo --name demo-api-key "
        "--query value --output tsv"
    ) in whole_text(card)
    assert card["actions"][0]["url"] == (
        "https://portal.azure.com/#@72f988bf-86f1-41af-91ab-2d7cd011db47/asset/"
        "Microsoft_Azure_KeyVault/Secret/https://kv-demo.vault.azure.net/secrets/demo-api-key"
    )


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("revoked", "The role assignment is deleted, and Azure confirms it."),
        ("revoked, shared", "another grant still uses it"),
        ("revoked, already gone", "was already gone"),
        (
            "revoked, by a deletion without an answer",
            "An earlier attempt to delete it got no answer.",
        ),
        ("revoked, ended early", "Bo Backup  ended it early."),
        ("revoked, never granted", "No role assignment had been made yet."),
    ],
)
def test_the_end_of_access_says_what_actually_happened(name: str, expected: str) -> None:
    assert expected in whole_text(requester_card(*EVENTS[name]))
    assert expected in whole_text(audit_card(*EVENTS[name], 9))


def test_the_end_says_when_the_rotation_after_it_is_due() -> None:
    due = "The rotation of  demo-api-key  is due at 15:51 UTC."

    assert due in whole_text(requester_card(*EVENTS["revoked, rotated after"]))
    assert due in whole_text(audit_card(*EVENTS["revoked, rotated after"], 9))
    assert "is due" not in whole_text(audit_card(*EVENTS["revoked"], 9))


@pytest.mark.parametrize("scenario", EVENTS.values(), ids=EVENTS.keys())
def test_every_audit_card_names_its_time_its_number_and_its_correlation_id(
    scenario: Scenario,
) -> None:
    seen = whole_text(audit_card(*scenario, 12))

    assert "Correlation ID  req-01jd7q3v9k  · event 12" in seen
    assert f"{scenario[1].at:%H:%M} UTC" in seen


@pytest.mark.parametrize(
    "kind", [AccessEvent.REQUESTED, AccessEvent.BLOCKED, AccessEvent.APPROVED, "unheard of"]
)
def test_the_requester_has_no_card_for_what_is_not_for_them(kind: str) -> None:
    request, _ = EVENTS["requested"]

    with pytest.raises(ValueError, match=kind):
        requester_card(request, Event(kind, NOW))


def test_the_audit_channel_has_no_card_for_an_unheard_of_event() -> None:
    request, _ = EVENTS["requested"]

    with pytest.raises(ValueError, match="unheard of"):
        audit_card(request, Event("unheard of", NOW), 1)


def test_an_event_without_facts_is_drawn_without_them() -> None:
    request, event = EVENTS["unreachable"]
    bare = Event(event.kind, event.at)

    assert "An approver" in whole_text(requester_card(request, bare))
    assert "An approver" in whole_text(audit_card(request, bare, 2))


@pytest.mark.parametrize("words", HOSTILE.values(), ids=HOSTILE.keys())
@pytest.mark.parametrize("scenario", EVENTS.values(), ids=EVENTS.keys())
def test_a_summary_is_one_short_line_without_live_markup(scenario: Scenario, words: str) -> None:
    request, event = scenario
    summary = audit_summary(saying(words, request), event_saying(words, event))

    assert len(summary) <= 250
    assert not set(summary) & set("<>[]`\n\u202e\u200b\x00")


def test_only_the_audit_message_shows_azures_answer() -> None:
    for name in ("failed under a lock", "stuck under a lock"):
        assert "Azure answered 409 ScopeLocked." in audit_summary(*EVENTS[name])
        assert "ScopeLocked" not in whole_text(requester_card(*EVENTS[name]))


def test_access_kept_by_a_lock_says_what_to_do() -> None:
    assert audit_summary(*EVENTS["stuck under a lock"]).startswith(
        "Revocation stuck: Dana Developer's access to demo-api-key in kv-demo should be gone, but "
        "a resource lock keeps Azure from removing it. Remove the lock, and the access will be "
        "removed within five minutes."
    )


def test_a_grant_that_waits_for_permissions_says_why_and_until_when() -> None:
    said = requester_summary(*EVENTS["not permitted yet"])

    assert said == (
        "Not granted yet: Azure doesn't let me grant access to demo-api-key in kv-demo yet. "
        "New permissions take a few minutes to take effect; I'll keep trying until 14:19 UTC."
    )
    assert "Azure answered 403 AuthorizationFailed." in audit_summary(*EVENTS["not permitted yet"])


def test_a_grant_that_is_tried_past_midnight_says_until_which_day() -> None:
    request, event = EVENTS["no room yet"]
    late = replace(
        event, facts={**event.facts, "until": (event.at + timedelta(days=1)).isoformat()}
    )

    assert "keep trying until 22 Nov 2026, 14:" in requester_summary(request, late)


@pytest.mark.parametrize("name", ["granted", "denied", "lapsed", "failed", "scheduled"])
def test_the_outcome_is_drawn_as_before(name: str, card_snapshot: SnapshotAssertion) -> None:
    request, event = EVENTS[name]

    assert outcome_card(request, event) == card_snapshot


def test_of_an_expired_request_that_one_of_two_approved_nobody_says_that_no_one_did() -> None:
    approved = changes.approve(a_request(min_approvals=2), ADA, minutes(4)).head
    lapsed = changes.lapse(approved, minutes(480))
    drawn = [draw(lapsed.head, lapsed.events[0]) for draw in (requester_summary, audit_summary)]

    said = [*drawn, whole_text(request_card(lapsed.head, buttons=False))]
    assert [each for each in said if "no one" in each.lower()] == []
