"""Which workflows are archived next: those that ended longest ago, a batch at a time.

A batch is written to the archive and read back. Then it is recorded, with the Merkle root over what
identifies its workflows, and only then removed from the table.
"""

from collections.abc import Collection
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta
from enum import StrEnum

from domain.access.request import Request, RequestState
from domain.audit.history import Workflow
from domain.checkpoints.checkpoints import MARGIN, SOONER, end_of
from domain.drill.drill import Drill
from domain.reconciliation.orphan import Orphan
from domain.rotation.rotation import Rotation, RotationState
from domain.workflow import Change, Event, Fact, Move, Wait

WORKFLOW_ID = "retention"
"""There is only one, shared by all replicas."""

LEAST_DAYS = 400
"""Reviews and reports go back a year, and read what began a month earlier."""

_UNCONFIRMED = frozenset({RequestState.CLOSED, RotationState.ABANDONED})
"""The ends of which nobody has seen that they are so."""


class RetentionState(StrEnum):
    WAITING = "waiting"
    REMOVING = "removing"


class RetentionEffect(StrEnum):
    ARCHIVE = "archive"
    REMOVE = "remove"


class RetentionEvent(StrEnum):
    ARCHIVED = "archived"
    REMOVED = "removed"


@dataclass(frozen=True, slots=True, kw_only=True)
class ArchivedBatch:
    """Workflows that ended on a day, in one file of the archive."""

    day: date
    workflows: int
    leaves: int
    """How many of their events are identified in the list."""
    root: str
    """The Merkle root over that list."""
    name: str
    """The file's name."""
    digest: str
    """The SHA-256 of its content."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Retention:
    """Which day is next, and how much of it is done."""

    id: str
    state: RetentionState
    next_day: date | None = None
    """The day whose workflows are archived next: None before the first one."""
    part: int = 0
    """Which part of that day."""
    start: int = 0
    """How many workflows of that part are done."""
    due_at: datetime
    """When to go on."""
    removing: ArchivedBatch | None = None
    removed: int = 0
    """How many workflows of that batch are removed."""

    @property
    def is_amid_a_day(self) -> bool:
        """Whether some of the next day's workflows may be archived already."""
        return bool(self.part or self.start)


def first(now: datetime) -> Retention:
    """Begin at once."""
    return Retention(id=WORKFLOW_ID, state=RetentionState.WAITING, due_at=now)


def next_move(retention: Retention, now: datetime) -> Move[RetentionEffect] | Wait:
    """Return what comes next: there is always another day."""
    if now < retention.due_at:
        return Wait(retention.due_at)
    return Move(RetentionEffect.REMOVE if retention.removing else RetentionEffect.ARCHIVE)


def may_be_removed(head: Workflow, due: datetime | None, held: Collection[str]) -> bool:
    """Return whether a workflow's rows may be removed once they are archived.

    Not if it is open, in need of a human, of an end that nobody has confirmed, or ``held`` by a
    lease or by rows that wait.
    """
    if (
        not isinstance(head, Request | Rotation | Orphan | Drill)
        or due is not None
        or head.id in held
    ):
        return False
    if isinstance(head, Rotation) and head.state is RotationState.NEEDS_HUMAN:
        return False
    return head.state not in _UNCONFIRMED


def tomorrow(retention: Retention, now: datetime) -> Change[Retention]:
    """Look again when the present day is over: there is nothing to do."""
    due = end_of(now.astimezone(UTC).date()) + MARGIN
    return Change(replace(retention, due_at=due))


def on_day(retention: Retention, day: date, now: datetime) -> Change[Retention]:
    """Go on with a day."""
    return Change(replace(retention, next_day=day, part=0, start=0, due_at=now))


def passed_by(retention: Retention, count: int, now: datetime) -> Change[Retention]:
    """Go on behind some workflows of which none may be removed."""
    return Change(replace(retention, start=retention.start + count, due_at=now))


def next_part(retention: Retention, now: datetime, *, is_last: bool) -> Change[Retention]:
    """Go on with the next part of the day, or with the next day after the last one."""
    if is_last and retention.next_day:
        return on_day(retention, retention.next_day + timedelta(days=1), now)
    return Change(replace(retention, part=retention.part + 1, start=0, due_at=now))


def archived(
    retention: Retention, batch: ArchivedBatch, count: int, now: datetime
) -> Change[Retention]:
    """Record that a batch is in the archive; ``count`` workflows of the part were looked at."""
    head = replace(
        retention,
        state=RetentionState.REMOVING,
        start=retention.start + count,
        due_at=now,
        removing=batch,
        removed=0,
    )
    facts: dict[str, Fact] = {
        "day": batch.day.isoformat(),
        "workflows": batch.workflows,
        "leaves": batch.leaves,
        "root": batch.root,
        "name": batch.name,
        "digest": batch.digest,
    }
    return Change(head, (Event(RetentionEvent.ARCHIVED, now, None, facts),))


def removed(retention: Retention, count: int, now: datetime, *, is_all: bool) -> Change[Retention]:
    """Record that some of the batch is removed, and with the last ones that all of it is."""
    batch = retention.removing
    if batch is None or not is_all:
        return Change(replace(retention, removed=retention.removed + count, due_at=now))
    head = replace(retention, state=RetentionState.WAITING, removing=None, removed=0, due_at=now)
    facts: dict[str, Fact] = {
        "day": batch.day.isoformat(),
        "workflows": batch.workflows,
        "root": batch.root,
        "name": batch.name,
    }
    return Change(head, (Event(RetentionEvent.REMOVED, now, None, facts),))


def postpone(retention: Retention, now: datetime) -> Change[Retention]:
    """Try again a little later."""
    return Change(replace(retention, due_at=now + SOONER))


def batch_of(event: Event) -> ArchivedBatch:
    """Return the batch that an event recorded; raises ValueError if it can't be one."""
    facts = event.facts
    try:
        return ArchivedBatch(
            day=date.fromisoformat(str(facts["day"])),
            workflows=int(str(facts["workflows"])),
            leaves=int(str(facts["leaves"])),
            root=str(facts["root"]),
            name=str(facts["name"]),
            digest=str(facts["digest"]),
        )
    except KeyError as error:
        raise ValueError(f"a batch without {error}") from None
