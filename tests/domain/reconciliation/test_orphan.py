"""An orphaned assignment: what it needs next, and how it ends."""

from dataclasses import replace

from domain.reconciliation import orphan as change
from domain.reconciliation.announcements import orphan_announcements
from domain.reconciliation.orphan import Orphan, OrphanEffect, OrphanEvent, OrphanState
from domain.workflow import Done, Move, Wait
from tests.support.builders import ASSIGNMENT, MINUTE, SECOND
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

    assert [one.key for one in told] == ["audit-000002", "audit-000003"]
    assert orphan_announcements(change.spare(FOUND, NINE).events) == ()
