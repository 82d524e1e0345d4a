"""Converts heads and events to JSON and back; a head is stored with its kind and schema."""

from functools import cache
from typing import Any

from pydantic import TypeAdapter

from domain.access.request import Request
from domain.audit import kept_names, names_in_events
from domain.checkpoints.checkpoints import Checkpoints
from domain.counters.counters import Counters
from domain.drill.drill import Drill
from domain.drill.drills import Drills
from domain.erasure.erasure import Erasure
from domain.policy_file.file import PolicyFile
from domain.reconciliation.orphan import Orphan
from domain.reconciliation.reconciliation import Reconciliation
from domain.retention.retention import Retention
from domain.rotation.owed import OwedRotation
from domain.rotation.rotation import Rotation
from domain.rotation.schedule import ScheduledRotation
from domain.workflow import Event
from services.workflow.codec_upgrades import one_spelling, upgraded, upgraded_event

SCHEMA = 9
"""Grows when a head changes its meaning; ``codec_upgrades`` then says how to read older ones."""

Head = (
    Request
    | Rotation
    | ScheduledRotation
    | OwedRotation
    | Orphan
    | Reconciliation
    | PolicyFile
    | Checkpoints
    | Counters
    | Retention
    | Erasure
    | Drill
    | Drills
)

_KINDS: dict[type[Any], str] = {
    Request: "access",
    Rotation: "rotation",
    ScheduledRotation: "schedule",
    OwedRotation: "owed_rotation",
    Orphan: "orphan",
    Reconciliation: "reconciliation",
    PolicyFile: "policy_file",
    Checkpoints: "checkpoints",
    Counters: "counters",
    Retention: "retention",
    Erasure: "erasure",
    Drill: "drill",
    Drills: "drills",
}
_CLASSES = {name: kind for kind, name in _KINDS.items()}
_EVENT: TypeAdapter[Event] = TypeAdapter(Event)


@cache
def _adapter(kind: str) -> TypeAdapter[Any]:
    """Return what reads and writes heads of a kind.

    It is made when it is first needed: that takes up to 20 ms for a kind, and some are rare.
    """
    return TypeAdapter(_CLASSES[kind])


_adapter(_KINDS[Request])  # which every deployment needs, so its first turn doesn't wait for it


def kind_of(head: Head) -> str:
    """Return a head's kind of workflow."""
    return _KINDS[type(head)]


def write_head(head: Head) -> str:
    return _adapter(kind_of(head)).dump_json(head).decode()


class Unreadable(ValueError):
    """This version can't read a row. The message never quotes the row's text."""


class WrittenByNewer(Unreadable):
    """The row was written by a newer Latchkey, which may be running alongside this one."""


def read_head(kind: str, schema: int, text: str) -> Head:
    """Read a head; raises WrittenByNewer for a newer schema, or Unreadable."""
    if schema > SCHEMA:
        raise WrittenByNewer(f"a {kind} of schema {schema} was written by a newer Latchkey")
    try:
        head: Head = _adapter(one_spelling(kind)).validate_json(
            upgraded(one_spelling(kind), schema, text)
        )
    except (LookupError, TypeError, ValueError, AttributeError) as error:
        raise Unreadable(f"a head of schema {schema}: {type(error).__name__}") from None
    return head


def write_event(event: Event) -> str:
    return _EVENT.dump_json(event).decode()


def read_event(text: str, names: str = "") -> Event:
    """Read an event with the names beside it; raises Unreadable.

    It is spelled as today however old it is. In place of erased names it has object IDs.
    """
    try:
        event = upgraded_event(_EVENT.validate_json(text))
    except ValueError as error:
        raise Unreadable(f"an event: {type(error).__name__}") from None
    return names_in_events.shown(event, kept_names.readable(names))
