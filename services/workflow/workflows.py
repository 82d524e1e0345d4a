"""Workflows in the table: a head and its events, changed together with what is due.

One entity-group transaction replaces the head under its ETag, inserts the events, moves the
agenda row and adds the events to the outbox and to the history of who caused them. So an open
workflow always has an agenda row, and an event always has its announcement. Each event includes
the hash of the previous one, and the head has the last hash. People's names stand beside an event's
hashed text, so that they can be erased.
"""

import asyncio
import logging
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Generic, TypeVar

from domain.access.request import Request, RequestState
from domain.access.transitions import break_glass
from domain.audit import evidence
from domain.audit.evidence import StoredEvent
from domain.audit.history import opening_of
from domain.rotation.rotation import RotationState
from domain.rotation.schedule import ScheduledRotation
from domain.workflow import Change, Event
from services.faults import Conflict
from services.storage import keys
from services.storage.table import Delete, Insert, Operation, Replace, Row, Table, Value
from services.workflow import codec
from services.workflow.codec import Head, Unreadable
from services.workflow.due import quarantine
from services.workflow.event_rows import (
    INDEXED,
    NewSalt,
    chained,
    day_row,
    event_rows,
    read_event,
    stored_event,
)
from services.workflow.lanes import Lane
from services.workflow.lists import history_rows
from services.workflow.messages import Message, read_message
from services.workflow.settling import before_the_change

log = logging.getLogger(__name__)

LISTED = (RequestState.REVOKING, RequestState.STUCK, RotationState.NEEDS_HUMAN)
"""The states that need attention; each workflow in one of them has a list row."""

UNREVIEWED = "unreviewed"
"""The list of break-glass access that hasn't been reviewed; it has list rows too."""

UNWATCHED = "unwatched"
"""The list of secrets whose expiry can't be checked; it has list rows too."""

LISTS = (*LISTED, UNREVIEWED, UNWATCHED)

StoredT = TypeVar("StoredT", bound=Head, covariant=True)
HeadT = TypeVar("HeadT", bound=Head)


@dataclass(frozen=True, slots=True)
class Due:
    """When a workflow falls due; until ``claimed_until`` it belongs to its writer.

    ``lane`` is the lane of the due move. Regardless of it, access must be ended from ``ends_at``
    on. ``is_retry``: a revocation that failed, and is due at once when Azure answers again.
    """

    at: datetime
    claimed_until: datetime | None = None
    lane: Lane = Lane.ENDING
    ends_at: datetime | None = None
    is_retry: bool = False


@dataclass(frozen=True, slots=True)
class Stored(Generic[StoredT]):
    """A head as read or written, with its number of events, due time and ETag."""

    head: StoredT
    events: int
    due: datetime | None
    etag: str
    hash: str = ""
    """The last event's hash; empty if no event is chained yet."""


@dataclass(frozen=True, slots=True)
class Snapshot:
    """A complete workflow: head, events in order with their hashes, messages by key."""

    stored: Stored[Head]
    events: tuple[Event, ...]
    messages: Mapping[str, Message]
    hashes: tuple[str, ...] = ()
    unindexed: tuple[int, ...] = ()
    """The numbers of the events that an older version wrote, without the history's rows."""


@dataclass(frozen=True, slots=True)
class Trail:
    """A workflow's events exactly as stored, and what its head says about them."""

    stored: Stored[Head]
    events: tuple[StoredEvent, ...]

    def verify(self) -> evidence.Verdict:
        """Recompute the hash chain."""
        stored = self.stored
        return evidence.verify(stored.head.id, self.events, stored.events, stored.hash)


class Workflows:
    """The store of workflows; each name in an event gets a salt of its own."""

    def __init__(self, table: Table, new_salt: NewSalt) -> None:
        self._table = table
        self._new_salt = new_salt
        self._months: set[str] = set()
        """The months that are noted in the history, as far as is known here."""

    async def create(
        self,
        change: Change[HeadT],
        due: Due | None,
        now: datetime,
        beside: Sequence[Operation] = (),
    ) -> Stored[HeadT]:
        """Store a new workflow; raises Conflict if its ID exists.

        ``beside`` are changes of other rows of its shard, which are stored with it or not at all.
        """
        with before_the_change():
            await self._note_month(change.head)
            listed = await self._listed_rows(None, change.head)
        number = len(change.events)
        events = chained(change, None, 0, "", self._new_salt)
        last = _last_hash(events, "")
        operations: list[Operation] = [
            Insert(keys.head_key(change.head.id), _head_values(change.head, number, last, due)),
            *event_rows(change, events),
            *day_row(change, events),
            *history_rows.opening_rows(change.head),
            *_actor_rows(change, 0),
            *_outbox_row(change, number, now),
            *listed,
            *beside,
        ]
        if due:
            operations.append(_agenda_row(change.head.id, due))
        etags = await self._table.transact(keys.shard_of(change.head.id), operations)
        return Stored(change.head, number, due.at if due else None, etags[0], last)

    async def commit(
        self,
        stored: Stored[Head],
        change: Change[HeadT],
        due: Due | None,
        now: datetime,
        *,
        row_etag: str | None = None,
    ) -> Stored[HeadT]:
        """Store a change; raises Conflict if someone else changed the workflow first.

        With an ETag of its agenda row, that must be unchanged, too.
        """
        expected = _expected_rows(stored.head, change.head)
        if expected is not None:
            try:
                return await self._commit(stored, change, due, now, expected, row_etag)
            except Conflict:
                if not expected:
                    raise
        listed = await self._listed_rows(stored.head, change.head)
        return await self._commit(stored, change, due, now, listed, row_etag)

    async def _commit(
        self,
        stored: Stored[Head],
        change: Change[HeadT],
        due: Due | None,
        now: datetime,
        listed: Sequence[Operation],
        row_etag: str | None,
    ) -> Stored[HeadT]:
        workflow_id = stored.head.id
        number = stored.events + len(change.events)
        events = chained(change, stored.head, stored.events, stored.hash, self._new_salt)
        last = _last_hash(events, stored.hash)
        values = _head_values(change.head, number, last, due)
        operations: list[Operation] = [
            Replace(keys.head_key(workflow_id), values, stored.etag),
            *event_rows(change, events),
            *day_row(change, events),
            *_actor_rows(change, stored.events),
            *_outbox_row(change, number, now),
            *listed,
            *_agenda_changes(workflow_id, stored.due, due, row_etag),
        ]
        etags = await self._table.transact(keys.shard_of(workflow_id), operations)
        return Stored(change.head, number, due.at if due else None, etags[0], last)

    async def load(self, workflow_id: str) -> Stored[Head] | None:
        """Read a workflow's head; None if the workflow doesn't exist."""
        row = await self._table.get(keys.shard_of(workflow_id), keys.head_key(workflow_id))
        return _stored(row) if row else None

    async def load_as(self, kind: type[HeadT], workflow_id: str) -> Stored[HeadT] | None:
        """Read a head of this kind; None if the ID doesn't exist or has another kind."""
        stored = await self.load(workflow_id)
        if stored is None or not isinstance(stored.head, kind):
            return None
        return Stored(stored.head, stored.events, stored.due, stored.etag, stored.hash)

    async def text_of(self, workflow_id: str) -> str:
        """Read a head as it is stored, whichever version wrote it; empty if it doesn't exist."""
        row = await self._table.get(keys.shard_of(workflow_id), keys.head_key(workflow_id))
        return str(row.values.get("head", "")) if row else ""

    async def load_readable(self, workflow_ids: Sequence[str]) -> dict[str, Stored[Head] | None]:
        """Read many heads by ID; those that this version can't read are left out."""
        ids = list(dict.fromkeys(workflow_ids))
        answers = await asyncio.gather(*map(self.load, ids), return_exceptions=True)
        found: dict[str, Stored[Head] | None] = {}
        for workflow_id, answer in zip(ids, answers, strict=True):
            if isinstance(answer, Unreadable):
                log.warning("%s is left out: %s", workflow_id, answer)
            elif isinstance(answer, BaseException):
                raise answer
            else:
                found[workflow_id] = answer
        return found

    async def listed(self, state: str) -> list[str]:
        """List the IDs of the workflows on one of the ``LISTS``."""
        prefix = keys.listed_key(state, "")
        shards = await asyncio.gather(
            *(self._table.range(shard, prefix, f"{prefix}~") for shard in keys.SHARDS)
        )
        return [row.key.removeprefix(prefix) for shard in shards for row in shard]

    async def put_back(self, workflow_id: str) -> bool:
        """Put back a workflow's quarantined rows when someone acts on it; return if any."""
        return await quarantine.put_back(self._table, workflow_id)

    async def snapshot(self, workflow_id: str) -> Snapshot | None:
        """Read a complete workflow; None if it doesn't exist."""
        prefix = keys.workflow_prefix(workflow_id)
        rows = await self._table.range(keys.shard_of(workflow_id), prefix, f"{prefix}~")
        stored = None
        events: list[Event] = []
        hashes: list[str] = []
        unindexed: list[int] = []
        messages: dict[str, Message] = {}
        for row in rows:
            match row.key.removeprefix(prefix).partition("-"):
                case ("head", _, _):
                    stored = _stored(row)
                case ("event", _, _):
                    events.append(read_event(row))
                    hashes.append(str(row.values.get("hash", "")))
                    if INDEXED not in row.values:
                        unindexed.append(len(events))
                case ("message", _, key):
                    messages[key] = read_message(row)
        if stored is None:
            return None
        return Snapshot(stored, tuple(events), messages, tuple(hashes), tuple(unindexed))

    async def _listed_rows(self, before: Head | None, after: Head) -> list[Operation]:
        """Update the lists of what needs attention: a row exists while the head says so.

        Existing rows are looked up, since an older version may not have known a list.
        """
        shard, wanted = keys.shard_of(after.id), _lists(after)
        operations: list[Operation] = []
        for name in sorted(wanted | _lists(before)):
            key = keys.listed_key(name, after.id)
            is_listed = await self._table.get(shard, key) is not None
            if name in wanted and not is_listed:
                operations.append(Insert(key, {"workflow": after.id}))
            if name not in wanted and is_listed:
                operations.append(Delete(key))
        return operations

    async def index_actors(self, snapshot: Snapshot, already: int) -> None:
        """Add what an older version left to its announcer: who caused the events behind a number.

        It is stopped before it announces all of them, and this version goes on. Idempotent.
        """
        head = snapshot.stored.head
        for number in snapshot.unindexed:
            event = snapshot.events[number - 1]
            rows = history_rows.actor_rows(head, [(number, event)]) if number > already else []
            if rows:
                with suppress(Conflict):  # they are there
                    await self._table.transact(keys.shard_of(head.id), rows)

    async def _note_month(self, head: Head) -> None:
        """Note the month of a workflow's opening before the workflow is stored."""
        opening = opening_of(head)
        month = f"{opening.at.astimezone(UTC):%Y-%m}" if opening else None
        if month and month not in self._months:
            await history_rows.note_month(self._table, month)
            self._months.add(month)

    async def stored_events(self, workflow_id: str) -> tuple[StoredEvent, ...] | None:
        """Read a workflow's events exactly as stored, whichever version wrote its head.

        None if the workflow doesn't exist.
        """
        head, events = await self._evidence(workflow_id)
        return events if head else None

    async def trail(self, workflow_id: str) -> Trail | None:
        """Read the evidence of a workflow's events; None if it doesn't exist."""
        head, events = await self._evidence(workflow_id)
        return Trail(_stored(head), events) if head else None

    async def _evidence(self, workflow_id: str) -> tuple[Row | None, tuple[StoredEvent, ...]]:
        prefix = keys.workflow_prefix(workflow_id)
        # The head sorts after the events and before the messages: one read, without messages.
        rows = await self._table.range(keys.shard_of(workflow_id), prefix, f"{prefix}message")
        head = next((row for row in rows if row.key == keys.head_key(workflow_id)), None)
        return head, tuple(stored_event(row, prefix) for row in rows if row is not head)


def _actor_rows(change: Change[Head], before: int) -> list[Insert]:
    """Return the history's rows of who caused the events of a change, behind so many."""
    return history_rows.actor_rows(change.head, list(enumerate(change.events, before + 1)))


def _head_values(head: Head, events: int, last_hash: str, due: Due | None) -> dict[str, Value]:
    values: dict[str, Value] = {
        "kind": codec.kind_of(head),
        "schema": codec.SCHEMA,
        "state": head.state.value,
        "head": codec.write_head(head),
        "events": events,
        "hash": last_hash,
    }
    if due:
        values["due"] = keys.instant(due.at)
    return values


def _stored(row: Row) -> Stored[Head]:
    values = row.values
    try:
        kind, schema, text = str(values["kind"]), int(str(values["schema"])), str(values["head"])
        due = datetime.fromisoformat(str(values["due"])) if "due" in values else None
        events, last_hash = int(str(values["events"])), str(values.get("hash", ""))
    except (LookupError, ValueError) as error:
        raise Unreadable(f"the row of a head: {type(error).__name__}") from None
    return Stored(codec.read_head(kind, schema, text), events, due, row.etag, last_hash)


def _last_hash(events: Sequence[StoredEvent], before: str) -> str:
    return events[-1].hash if events else before


def _outbox_row(change: Change[Head], number: int, now: datetime) -> list[Operation]:
    if not change.events:
        return []
    key = keys.due_key(keys.OUTBOX, now, f"{change.head.id}~{number:06d}")
    return [Insert(key, {"workflow": change.head.id})]


def _expected_rows(before: Head, after: Head) -> list[Operation] | None:
    """Return the changes of list rows that fit if the rows are as the head before says.

    None if a row may be missing that should stay: an older version may not have known its list.
    """
    wanted, listed = _lists(after), _lists(before)
    if wanted & listed:
        return None
    return [
        *(
            Insert(keys.listed_key(name, after.id), {"workflow": after.id})
            for name in sorted(wanted)
        ),
        *(Delete(keys.listed_key(name, after.id)) for name in sorted(listed)),
    ]


def _lists(head: Head | None) -> frozenset[str]:
    """Return the lists that a workflow is on."""
    if head is None:
        return frozenset()
    states = {str(head.state)} if head.state in LISTED else set()
    if isinstance(head, Request) and break_glass.awaits_review(head):
        return frozenset({*states, UNREVIEWED})
    if isinstance(head, ScheduledRotation) and head.is_unwatched:
        return frozenset({*states, UNWATCHED})
    return frozenset(states)


def _agenda_changes(
    workflow_id: str, before: datetime | None, due: Due | None, row_etag: str | None
) -> list[Operation]:
    """Move a workflow's agenda row to its new due time; a row that stays keeps its claim."""
    row = _agenda_row(workflow_id, due) if due else None
    if due and before == due.at:
        # At this very instant. Without a claim, it gets the one of the next move.
        return [Replace(row.key, row.values, row_etag)] if row and row_etag else []
    gone = [Delete(keys.due_key(keys.AGENDA, before, workflow_id), row_etag)] if before else []
    return [*gone, *([row] if row else [])]


def _agenda_row(workflow_id: str, due: Due) -> Insert:
    values: dict[str, Value] = {"workflow": workflow_id, "lane": due.lane.value}
    if due.ends_at and due.lane is not Lane.ENDING:
        values["ends_at"] = keys.instant(due.ends_at)
    if due.claimed_until:
        values["claimed_until"] = keys.instant(due.claimed_until)
    if due.is_retry:
        values["is_retry"] = True
    return Insert(keys.due_key(keys.AGENDA, due.at, workflow_id), values)
