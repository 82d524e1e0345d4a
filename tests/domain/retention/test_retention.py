"""Which workflows are archived next, and what is recorded of each batch."""

from dataclasses import replace
from datetime import date, datetime, timedelta, timezone

import pytest

from domain.access.request import RequestState
from domain.announcement import Announcement, Audience, Subject
from domain.audit.history import Workflow
from domain.checkpoints.checkpoints import MARGIN, SOONER, end_of
from domain.reconciliation.orphan import Orphan, OrphanState
from domain.reconciliation.reconciliation import Reconciliation, ReconciliationState
from domain.retention import retention as rules
from domain.retention.announcements import retention_announcements
from domain.retention.retention import (
    ArchivedBatch,
    Retention,
    RetentionEffect,
    RetentionState,
    batch_of,
)
from domain.rotation.rotation import RotationState
from domain.workflow import Event, Fact, Move, Wait
from tests.support.builders import ASSIGNMENT, HOUR, SECOND, a_request
from tests.support.clock import NINE
from tests.support.rotation.builders import DAY, a_rotation

TODAY = NINE.date()
FIRST = rules.first(NINE)
BATCH = ArchivedBatch(
    day=TODAY, workflows=3, leaves=12, root="ab12", name="2026-03-02-0.jsonl", digest="cd34"
)
AMID = replace(FIRST, next_day=TODAY, part=1, start=5, due_at=NINE - HOUR)
FACTS: dict[str, Fact] = {
    "day": "2026-03-02",
    "workflows": 3,
    "leaves": 12,
    "root": "ab12",
    "name": "2026-03-02-0.jsonl",
    "digest": "cd34",
}
ORPHAN = Orphan(
    id="orp-one",
    state=OrphanState.REVOKED,
    assignment=ASSIGNMENT,
    description="",
    created_at=None,
    found_at=NINE,
)


def test_archiving_begins_at_once() -> None:
    first = rules.first(NINE)

    assert first == Retention(id="retention", state=RetentionState.WAITING, due_at=NINE)
    assert rules.next_move(FIRST, NINE) == Move(RetentionEffect.ARCHIVE)
    assert rules.next_move(FIRST, NINE - SECOND) == Wait(NINE)


@pytest.mark.parametrize(
    ("head", "due", "held", "expected"),
    [
        (a_request(state=RequestState.REVOKED), None, (), True),
        (a_request(state=RequestState.REVOKED), NINE, (), False),
        (a_request(state=RequestState.REVOKED), None, ("req-one",), False),
        (a_request(state=RequestState.CLOSED), None, (), False),
        (a_rotation(state=RotationState.ROTATED), None, ("req-one",), True),
        (a_rotation(state=RotationState.NEEDS_HUMAN), None, (), False),
        (a_rotation(state=RotationState.ABANDONED), None, (), False),
        (ORPHAN, None, (), True),
        (
            Reconciliation(id="one", state=ReconciliationState.WAITING, next_at=NINE),
            None,
            (),
            False,
        ),
    ],
)
def test_only_what_has_ended_and_is_confirmed_is_removed(
    head: Workflow, due: datetime | None, held: tuple[str, ...], expected: bool
) -> None:
    assert rules.may_be_removed(head, due, held) is expected


@pytest.mark.usefixtures("_far_west")
def test_with_nothing_to_do_it_waits_until_the_day_in_utc_is_over() -> None:
    late = datetime(2026, 3, 2, 23, 30, tzinfo=timezone(-timedelta(hours=1)))

    assert rules.tomorrow(AMID, NINE).head == replace(AMID, due_at=end_of(TODAY) + MARGIN)
    assert rules.tomorrow(AMID, late).head.due_at == end_of(date(2026, 3, 3)) + MARGIN


def test_each_day_is_looked_through_part_by_part() -> None:
    tomorrow = TODAY + DAY
    on_next = replace(FIRST, next_day=tomorrow)

    assert rules.on_day(AMID, tomorrow, NINE).head == on_next
    assert rules.passed_by(AMID, 3, NINE).head == replace(AMID, start=8, due_at=NINE)
    next_part = replace(AMID, part=2, start=0, due_at=NINE)
    assert rules.next_part(AMID, NINE, is_last=False).head == next_part
    assert rules.next_part(AMID, NINE, is_last=True).head == on_next
    without_day = replace(AMID, next_day=None)
    assert rules.next_part(without_day, NINE, is_last=True).head == replace(
        next_part, next_day=None
    )
    assert rules.postpone(AMID, NINE).head == replace(AMID, due_at=NINE + SOONER)


def test_a_batch_is_recorded_before_it_is_removed() -> None:
    change = rules.archived(replace(AMID, removed=2), BATCH, 4, NINE)

    assert change.head == replace(
        AMID, state=RetentionState.REMOVING, start=9, due_at=NINE, removing=BATCH
    )
    assert change.events == (Event("archived", NINE, None, FACTS),)
    assert rules.next_move(change.head, NINE) == Move(RetentionEffect.REMOVE)
    assert batch_of(change.events[0]) == BATCH


def test_a_batch_is_removed_some_at_a_time_and_recorded_with_the_last() -> None:
    removing = rules.archived(AMID, BATCH, 4, NINE).head

    some = rules.removed(removing, 2, NINE + HOUR, is_all=False)
    more = rules.removed(some.head, 1, NINE + HOUR, is_all=False)
    rest = rules.removed(more.head, 1, NINE + 2 * HOUR, is_all=True)

    assert some.head == replace(removing, removed=2, due_at=NINE + HOUR)
    assert some.events == ()
    assert more.head.removed == 3
    assert rest.head == replace(AMID, start=9, due_at=NINE + 2 * HOUR)
    said = {name: FACTS[name] for name in ("day", "workflows", "root", "name")}
    assert rest.events == (Event("removed", NINE + 2 * HOUR, None, said),)


def test_without_a_batch_nothing_is_recorded_as_removed() -> None:
    assert rules.removed(AMID, 0, NINE, is_all=True).events == ()


@pytest.mark.parametrize("missing", FACTS)
def test_an_event_without_one_of_its_facts_is_no_batch(missing: str) -> None:
    facts = {name: fact for name, fact in FACTS.items() if name != missing}

    with pytest.raises(ValueError, match=rf"^a batch without '{missing}'$"):
        batch_of(Event("archived", NINE, None, facts))


def test_each_event_is_a_message_in_the_audit_channel() -> None:
    events = [Event("archived", NINE, None, FACTS), Event("removed", NINE)]

    assert retention_announcements(events) == tuple(
        Announcement(
            key=f"audit-00000{number}",
            audience=Audience.AUDIT,
            subject=Subject.EVENT,
            revision=number,
            event=event,
        )
        for number, event in enumerate(events, start=1)
    )
