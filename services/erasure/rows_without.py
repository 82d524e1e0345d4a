"""The rows of one workflow without a person's name and email."""

import re
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, replace

from domain.audit import kept_names
from domain.audit.kept_names import KeptName, KeptNames
from domain.audit.names_in_events import names_in
from domain.audit.names_in_heads import people_in, without_names
from domain.erasure.erasure import NOTHING, Erasure, Found
from domain.rotation.owed import OwedRotation
from domain.rotation.rotation import Cause, Rotation
from domain.workflow import Event
from services.storage.table import Operation, Replace, Row
from services.workflow import codec
from services.workflow.codec import Head, Unreadable

_REQUEST = re.compile(r"\breq-[a-z0-9-]+", re.ASCII)
"""The request whose grant ended. Older versions wrote its requester's name beside it."""


@dataclass(frozen=True, slots=True)
class RowsWithout:
    """What to change in a workflow's rows, and what was found in them; the head comes last."""

    operations: tuple[Operation, ...] = ()
    found: Found = NOTHING


@dataclass(frozen=True, slots=True)
class ErasedPerson:
    """The person whose name is erased."""

    object_id: str

    def is_meant(self, object_id: str) -> bool:
        return object_id.lower() == self.object_id.lower()

    def is_among(self, ids: Iterable[str]) -> bool:
        return any(map(self.is_meant, ids))

    def is_in(self, row: Row) -> bool:
        """Return whether a row has the person's object ID anywhere."""
        wanted = self.object_id.lower()
        return any(wanted in str(value).lower() for value in row.values.values())


def followed_request(rows: Sequence[Row]) -> str | None:
    """Return the request that a rotation followed, if an older version wrote a name beside it."""
    details = (_detail_in(row) for row in rows if _may_follow(row))
    named = next((detail for detail in details if detail != _without_name(detail)), None)
    return None if named is None else _without_name(named)


def rows_without(rows: Sequence[Row], person: ErasedPerson, *, was_theirs: bool) -> RowsWithout:
    """Return a workflow's rows without a person's name.

    ``was_theirs``: the rotation followed a request of theirs, or of someone who isn't known any
    more.
    """
    is_part = any(map(person.is_in, rows))
    if not (is_part or was_theirs):
        return RowsWithout()
    head_row = next((row for row in rows if _is_head(row)), None)
    events = [row for row in rows if "event" in row.values]
    head, is_unreadable = _read_head(head_row)
    known = _names_of(person, head, events)
    operations = [one for row in events if (one := _event_without(row, person, known))]
    after = _head_without(head, person, was_theirs=was_theirs)
    if head_row and head and after and after != head:
        values = {
            **head_row.values,
            "schema": codec.SCHEMA,
            "head": codec.write_head(after),
        }
        operations.append(Replace(head_row.key, values, head_row.etag))
    older = [row for row in events if "names" not in row.values]
    found = Found(
        workflows=int(is_part and not isinstance(head, Erasure)),
        erased=int(bool(operations)),
        older=sum(_may_name(row, person, was_theirs=was_theirs) for row in older),
        unreadable=int(is_unreadable),
    )
    return RowsWithout(tuple(operations), found)


def _is_head(row: Row) -> bool:
    return "head" in row.values


def _read_head(row: Row | None) -> tuple[Head | None, bool]:
    """Read a head, and return whether it can't be read."""
    if row is None:
        return None, False
    try:
        values = row.values
        return codec.read_head(
            str(values["kind"]), int(str(values["schema"])), str(values["head"])
        ), False
    except (LookupError, ValueError):
        return None, True


def _names_of(person: ErasedPerson, head: Head | None, events: Sequence[Row]) -> frozenset[str]:
    """Return the names that the person has in a workflow."""
    people = people_in(head) if head else ()
    names = {one.name for one in people if person.is_meant(one.object_id)}
    for row in events:
        for kept in _kept(row).values():
            if len(kept.ids) == 1 and person.is_among(kept.ids):
                names.add(kept.name)
    return frozenset(names - {"", person.object_id})


def _event_without(row: Row, person: ErasedPerson, known: Collection[str]) -> Operation | None:
    names = _kept(row)
    after = {
        token: kept.erased if _is_theirs(kept, person, known) else kept
        for token, kept in names.items()
    }
    if after == names:
        return None
    return Replace(row.key, {**row.values, "names": kept_names.written(after)}, row.etag)


def _is_theirs(kept: KeptName, person: ErasedPerson, known: Collection[str]) -> bool:
    """Return whether it names the person; one without an ID does if it is or has their name."""
    if kept.ids:
        return person.is_among(kept.ids)
    return any(name in kept.name for name in known)


def _kept(row: Row) -> KeptNames:
    return kept_names.readable(str(row.values.get("names", "")))


def _head_without(head: Head | None, person: ErasedPerson, *, was_theirs: bool) -> Head | None:
    match head:
        case Rotation() if was_theirs:
            detail = _without_name(head.trigger.detail)
            head = replace(head, trigger=replace(head.trigger, detail=detail))
        case OwedRotation() if was_theirs:
            head = replace(head, detail=_without_name(head.detail))
    return without_names(head, person.is_meant)


def _may_name(row: Row, person: ErasedPerson, *, was_theirs: bool) -> bool:
    """Return whether an event of an older version has the person's name in its text, or may."""
    try:
        event = codec.read_event(str(row.values["event"]))
    except Unreadable:
        return person.is_in(row)
    detail = _detail_of(event)
    if was_theirs and detail != _without_name(detail):
        return True
    return any(
        name not in ("", *ids) and (person.is_among(ids) or not ids)
        for name, ids in names_in(event)
    )


def _may_follow(row: Row) -> bool:
    """Return whether a row can be of a rotation that followed a grant, without reading it."""
    text = "".join(str(row.values.get(name, "")) for name in ("kind", "head", "event"))
    return '"detail"' in text and ("grant" in text or "owed" in text)


def _without_name(detail: str) -> str:
    found = _REQUEST.search(detail)
    return found[0] if found else ""


def _detail_in(row: Row) -> str:
    """Return the detail of what started a rotation; empty if a row has none."""
    if _is_head(row):
        match _read_head(row)[0]:
            case Rotation() as head if head.trigger.cause is Cause.GRANT_ENDED:
                return head.trigger.detail
            case OwedRotation() as head:
                return head.detail
        return ""
    try:
        return _detail_of(codec.read_event(str(row.values.get("event", ""))))
    except Unreadable:
        return ""


def _detail_of(event: Event) -> str:
    is_after = event.facts.get("cause") == Cause.GRANT_ENDED
    return str(event.facts.get("detail") or "") if is_after else ""
