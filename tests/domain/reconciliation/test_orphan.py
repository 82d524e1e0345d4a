"""An orphaned assignment: what it needs next, and how it ends."""

from dataclasses import replace
from datetime import datetime
from typing import Any

import pytest

from domain.access.grant import AzureAnswer
from domain.access.request import OVERDUE_AFTER, TRY_LINGERS
from domain.announcement import Announcement, Audience, Subject
from domain.reconciliation import orphan as change
from domain.reconciliation.announcements import orphan_announcements
from domain.reconciliation.orphan import Orphan, OrphanEffect, OrphanEvent, OrphanState
from domain.unknown_outcome import RESOURCE_MANAGER_LIFE
from domain.workflow import Done, Event, Fact, Move, Wait
from tests.support.builders import ADA, ASSIGNMENT, MINUTE, SECOND
from tests.support.clock import NINE

FOUND = Orphan(
    id="orp-one",
    state=OrphanState.REVOKING,
    assignment=ASSIGNMENT,
    description="Latchkey req-one: access to demo-api-key",
    created_at=None,
    found_at=NINE,
)


def test_a_found_orphan_is_revoked_at_once() -> None:
    assert change.next_move(FOUND, NINE) == Move(OrphanEffect.REVOKE)


def test_a_failed_attempt_is_retried_later_and_keeps_its_cause() -> None:
    tried = change.try_again(FOUND, "503", NINE, jitter=1.0)

    assert tried.events == ()
    assert (tried.head.attempt, tried.head.cause) == (1, "503")
    assert change.next_move(tried.head, NINE) == Wait(NINE + SECOND)


def test_after_five_minutes_it_is_stuck_and_announced_once() -> None:
    stuck = change.try_again(FOUND, "403", NINE + 5 * MINUTE, jitter=0.5)
    again = change.try_again(stuck.head, "403", NINE + 6 * MINUTE, jitter=0.5)

    assert [event.kind for event in stuck.events] == [OrphanEvent.STUCK]
    assert again.events == ()
    assert again.head.state is OrphanState.STUCK
    assert change.next_move(again.head, NINE + 60 * MINUTE) == Move(OrphanEffect.REVOKE)


def test_an_end_in_time_is_not_called_late() -> None:
    ended = change.revoke(FOUND, found=True, now=NINE)

    assert ended.events[0].facts == {"found": True}
    assert change.next_move(ended.head, NINE) == Done()


def test_an_end_after_being_stuck_records_how_late_it_was() -> None:
    stuck = replace(FOUND, state=OrphanState.STUCK)

    ended = change.revoke(stuck, found=False, now=NINE + 7 * MINUTE)

    assert ended.events[0].facts == {"found": False, "stuck_for": 420.0}


def test_an_orphan_taken_over_by_a_grant_is_left_alone() -> None:
    spared = change.spare(FOUND, NINE)

    assert change.next_move(spared.head, NINE) == Done()


def test_the_audit_channel_gets_the_outcome_and_not_the_beginning() -> None:
    found = change.find(FOUND).events
    stuck = change.try_again(FOUND, "403", NINE + 5 * MINUTE, jitter=0.5).events
    ended = change.revoke(FOUND, found=True, now=NINE).events

    told = orphan_announcements([*found, *stuck, *ended])

    assert told == tuple(
        Announcement(
            key=f"audit-00000{number}",
            audience=Audience.AUDIT,
            subject=Subject.EVENT,
            revision=number,
            event=event,
        )
        for number, event in ((2, stuck[0]), (3, ended[0]))
    )
    assert orphan_announcements(change.spare(FOUND, NINE).events) == ()


BUSY = AzureAnswer(503, "ServerBusy")


@pytest.mark.parametrize(
    ("changes", "now", "expected"),
    [
        ({"retry_at": NINE + MINUTE}, NINE + MINUTE - SECOND, Wait(NINE + MINUTE)),
        ({"retry_at": NINE + MINUTE}, NINE + MINUTE, Move(OrphanEffect.REVOKE)),
        ({"retry_at": NINE + 9 * MINUTE}, NINE, Wait(NINE + OVERDUE_AFTER)),
        ({"retry_at": NINE + 9 * MINUTE}, NINE + OVERDUE_AFTER, Move(OrphanEffect.RAISE_ALARM)),
        ({}, NINE + OVERDUE_AFTER, Move(OrphanEffect.REVOKE)),
        ({"attempt": 1}, NINE + OVERDUE_AFTER, Move(OrphanEffect.RAISE_ALARM)),
        ({"attempt": 1}, NINE + OVERDUE_AFTER - SECOND, Move(OrphanEffect.REVOKE)),
        (
            {"state": OrphanState.STUCK, "retry_at": NINE + 9 * MINUTE},
            NINE + OVERDUE_AFTER,
            Wait(NINE + 9 * MINUTE),
        ),
        ({"state": OrphanState.CLOSED}, NINE, Done()),
    ],
)
def test_an_orphan_is_tried_when_due_and_its_alarm_raised_after_five_minutes(
    changes: dict[str, Any], now: datetime, expected: object
) -> None:
    assert change.next_move(replace(FOUND, **changes), now) == expected


def test_what_an_overtaken_removal_sent_and_found_is_noted() -> None:
    present = replace(FOUND, retry_at=NINE, unanswered=1)
    tried = replace(FOUND, may_vanish_until=NINE, unanswered=2, was_found=True)

    assert change.overtaken(present, tried) == replace(tried, retry_at=NINE)
    assert change.overtaken(tried, FOUND) == tried


def test_each_end_of_an_orphan_is_recorded() -> None:
    tried = replace(FOUND, retry_at=NINE, cause="403")

    found, spared = change.find(FOUND), change.spare(tried, NINE)
    revoked = change.revoke(tried, found=True, now=NINE)
    closed = change.close(tried, ADA, "the vault is gone", NINE)
    retried = change.retry_now(FOUND, ADA, NINE + MINUTE)

    described: dict[str, Fact] = {
        "description": FOUND.description,
        "assignment": ASSIGNMENT.id,
    }
    assert found.head == FOUND
    assert found.events == (Event("found", NINE, None, described),)
    assert spared.head == replace(tried, state=OrphanState.SPARED, retry_at=None)
    assert spared.events == (Event("spared", NINE),)
    assert revoked.head == replace(tried, state=OrphanState.REVOKED, retry_at=None)
    assert revoked.events == (Event("revoked", NINE, None, {"found": True}),)
    assert closed.head == replace(
        tried,
        state=OrphanState.CLOSED,
        retry_at=None,
        may_vanish_until=NINE + TRY_LINGERS + RESOURCE_MANAGER_LIFE,
        unanswered=1,
    )
    why: dict[str, Fact] = {"reason": "the vault is gone", "cause": "403"}
    assert closed.events == (Event("closed", NINE, ADA, why),)
    assert retried.head == replace(FOUND, retry_at=NINE + MINUTE)
    assert retried.events == (Event("retried", NINE + MINUTE, ADA),)


def test_a_failed_attempt_keeps_azures_answer_and_the_alarm_tells_it() -> None:
    tried = change.try_again(FOUND, "busy", NINE, jitter=0.5, answer=BUSY)
    told = change.try_again(FOUND, "busy", NINE, jitter=0, retry_after=MINUTE)
    stuck = change.try_again(tried.head, "busy", NINE + OVERDUE_AFTER, jitter=0, answer=BUSY)

    once = replace(FOUND, attempt=1, retry_at=NINE + 0.75 * SECOND, cause="busy", answer=BUSY)
    assert tried.head == once
    assert told.head.retry_at == NINE + MINUTE
    facts: dict[str, Fact] = {
        "cause": "busy",
        "attempt": 2,
        "status": 503,
        "code": "ServerBusy",
    }
    assert stuck.events == (Event("stuck", NINE + OVERDUE_AFTER, None, facts),)


def test_unanswered_deletions_are_counted_and_the_latest_is_waited_for() -> None:
    once = change.note_unanswered(FOUND, NINE + MINUTE)
    twice = change.note_unanswered(once, NINE)

    until = NINE + MINUTE + RESOURCE_MANAGER_LIFE
    assert once == replace(FOUND, may_vanish_until=until, unanswered=1)
    assert twice == replace(FOUND, may_vanish_until=until, unanswered=2)


@pytest.mark.parametrize(
    ("changes", "retry_at"),
    [
        ({"retry_at": NINE + MINUTE}, NINE),
        ({"retry_at": NINE + MINUTE, "state": OrphanState.STUCK}, NINE),
        ({"retry_at": NINE - MINUTE}, NINE - MINUTE),
        ({"retry_at": NINE}, NINE),
        ({}, None),
        ({"retry_at": NINE + MINUTE, "state": OrphanState.CLOSED}, NINE + MINUTE),
    ],
)
def test_only_an_orphan_that_waits_is_hurried(
    changes: dict[str, Any], retry_at: datetime | None
) -> None:
    orphan = replace(FOUND, **changes)

    hurried = change.hurry(orphan, NINE)

    assert hurried == replace(orphan, retry_at=retry_at)
    assert (hurried is orphan) is (orphan.retry_at == retry_at)
