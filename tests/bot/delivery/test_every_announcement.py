"""Every event, drawn for everyone who gets it, whoever the access is for."""

from dataclasses import replace

import pytest

from bot.delivery.drawing import draw_announcement
from bot.delivery.refresh import card_of
from domain.access.announcements import announcements
from domain.announcement import Audience, as_one, in_audit_channel
from domain.checkpoints.announcements import checkpoint_announcements
from domain.policy_file.announcements import policy_file_announcements
from domain.reconciliation.announcements import orphan_announcements
from domain.reconciliation.orphan import Orphan, OrphanEvent
from domain.retention.announcements import retention_announcements
from domain.retention.retention import Retention
from domain.workflow import Change, Event
from tests.cards.checkpoint_scenarios import DAY_TAKEN
from tests.cards.erasure_scenarios import ERASURES
from tests.cards.orphan_scenarios import FOUND
from tests.cards.policy_file_scenarios import POLICY_FILE_EVENTS
from tests.cards.retention_scenarios import ARCHIVED, REMOVED
from tests.cards.scenarios import EVENTS
from tests.support.builders import EVE
from tests.support.reading import stacked, words

_NOT_ANNOUNCED = {OrphanEvent.FOUND, OrphanEvent.SPARED}


@pytest.mark.parametrize("is_for_somebody_else", [False, True])
@pytest.mark.parametrize("name", EVENTS)
def test_every_event_of_a_request_is_drawn_for_everyone_who_gets_it(
    name: str, is_for_somebody_else: bool
) -> None:
    request, event = EVENTS[name]
    if is_for_somebody_else:
        request = replace(request, beneficiary=EVE.as_person())

    sent = announcements(request, [event])
    drawn = [draw_announcement(each, request) for each in sent]

    assert drawn
    assert all(message["summary"] for message in drawn)


def test_events_announced_together_are_one_card_with_each_ones_fingerprint() -> None:
    request, ended = EVENTS["ended"]
    _, revoked = EVENTS["revoked"]
    audit = [
        replace(one, hash=f"{one.revision}" * 64)
        for one in announcements(request, [ended, revoked])
        if one.audience is Audience.AUDIT and one.event
    ]

    message = draw_announcement(as_one(audit), request)

    apart = [draw_announcement(each, request) for each in audit]
    assert message["summary"] == apart[-1]["summary"]
    assert stacked(card_of(message)) == [card_of(one)["body"] for one in apart]
    assert "event 1 · fingerprint 1111" in words(card_of(message))
    assert "event 2 · fingerprint 2222" in words(card_of(message))


@pytest.mark.parametrize("name", POLICY_FILE_EVENTS)
def test_every_event_of_the_policy_file_is_drawn(name: str) -> None:
    file, event = POLICY_FILE_EVENTS[name]

    drawn = [draw_announcement(each, file) for each in policy_file_announcements([event])]

    assert drawn
    assert all(message["summary"] for message in drawn)


@pytest.mark.parametrize("kind", [one for one in OrphanEvent if one not in _NOT_ANNOUNCED])
def test_every_announced_event_of_an_orphan_is_drawn(kind: OrphanEvent) -> None:
    orphan: Orphan = FOUND
    event = Event(kind, orphan.found_at, EVE, {"found": True, "attempt": 3, "reason": "gone"})

    drawn = [draw_announcement(each, orphan) for each in orphan_announcements([event])]

    assert drawn
    assert all(message["summary"] for message in drawn)


def test_a_checkpoint_is_drawn() -> None:
    (sent,) = checkpoint_announcements(DAY_TAKEN.events)

    assert draw_announcement(sent, DAY_TAKEN.head)["summary"]


@pytest.mark.parametrize("name", ERASURES)
def test_an_erased_name_is_announced(name: str) -> None:
    change = ERASURES[name]
    (sent,) = in_audit_channel(change.events)

    assert draw_announcement(sent, change.head)["summary"]


@pytest.mark.parametrize("change", [ARCHIVED, REMOVED])
def test_what_was_archived_is_drawn(change: Change[Retention]) -> None:
    (sent,) = retention_announcements(change.events)

    assert draw_announcement(sent, change.head)["summary"]
