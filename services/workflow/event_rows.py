"""The rows of events: each is chained to the one before, and its names stand beside its text."""

from collections.abc import Callable, Sequence
from datetime import UTC

from domain.audit import evidence, kept_names, names_in_events, names_in_heads
from domain.audit.evidence import StoredEvent
from domain.workflow import Change, Event
from services.storage import keys
from services.storage.table import Insert, Operation, Row
from services.workflow import codec
from services.workflow.codec import Head

NewSalt = Callable[[], bytes]
"""Makes 16 random bytes."""

INDEXED = "indexed"
"""Says that an event was written with the history's row of who caused it.

Older versions leave that to whoever announces the event.
"""


def chained(
    change: Change[Head], before: Head | None, number: int, last_hash: str, new_salt: NewSalt
) -> list[StoredEvent]:
    """Write a change's events without names, each chained to the one before.

    ``number`` and ``last_hash`` are those of the last event of ``before``. Each name gets a salt of
    its own.
    """
    events: list[StoredEvent] = []
    previous = last_hash or evidence.root(change.head.id)

    def ids_of(name: str) -> tuple[str, ...]:
        return names_in_heads.ids_of(name, change.head, before)

    for at, event in enumerate(change.events, start=number + 1):
        hidden, names = names_in_events.hidden(event, new_salt, ids_of)
        text = codec.write_event(hidden)
        previous = evidence.link(previous, change.head.id, at, text)
        events.append(StoredEvent(at, text, previous, kept_names.written(names)))
    return events


def event_rows(change: Change[Head], events: Sequence[StoredEvent]) -> list[Operation]:
    return [
        Insert(
            keys.event_key(change.head.id, stored.number),
            {
                "kind": str(event.kind),
                "event": stored.text,
                "hash": stored.hash,
                "names": stored.names,
                INDEXED: True,
            },
        )
        for event, stored in zip(change.events, events, strict=True)
    ]


def day_row(change: Change[Head], events: Sequence[StoredEvent]) -> list[Operation]:
    """Note the last event for its day's checkpoint, which then needn't read every workflow."""
    if not change.events:
        return []
    day, last = change.events[-1].at.astimezone(UTC).date(), events[-1]
    return [Insert(keys.day_key(day, change.head.id, last.number), {"hash": last.hash})]


def read_event(row: Row) -> Event:
    """Read an event with its names; raises Unreadable."""
    return codec.read_event(str(row.values["event"]), str(row.values.get("names", "")))


def stored_event(row: Row, prefix: str) -> StoredEvent:
    """Read an event's row as stored; one under a foreign key gets the number 0."""
    digits = row.key.removeprefix(f"{prefix}event-")
    number = int(digits) if digits.isascii() and digits.isdigit() else 0
    text, link = str(row.values.get("event", "")), str(row.values.get("hash", ""))
    return StoredEvent(number, text, link, str(row.values.get("names", "")))
