"""Exports the history: every event as stored, and whether its hash chain is intact.

What doesn't fit into one file is continued in another one, newest first.
"""

import asyncio
import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum
from typing import Any

from domain.access.request import Request
from domain.audit import kept_names
from domain.audit.checkpoint import Leaf
from domain.audit.evidence import StoredEvent
from domain.audit.history import Filter, opening_of
from domain.drill.drill import Drill
from domain.rotation.rotation import Rotation
from domain.workflow import Event
from services.audit.days.exported_days import ExportedDay, ExportedDays, Other
from services.audit.files.csv_file import header_of, rows_of
from services.audit.history import History, Page
from services.clock import Clock
from services.progress import ProgressCount
from services.workflow import codec
from services.workflow.codec import Head
from services.workflow.workflows import Trail, Workflows

MOST = 5_000
"""The most workflows in a file; reading them takes some seconds."""

MOST_BYTES = 32 * 2**20
"""The most that is uploaded as one file."""

_PAGE = 100
_AT_ONCE = 16
_COLUMNS = (
    "workflow",
    "kind",
    "state",
    "secret",
    "vault",
    "left_out",
    "opened_at",
    "asked_by",
    "asked_by_id",
    "event_number",
    "event",
    "at",
    "by",
    "by_id",
    "event_hash",
    "last_hash",
    "verification",
    "stored_event",
    "names",
)


class Format(StrEnum):
    CSV = "csv"
    JSON = "json"


@dataclass(frozen=True, slots=True)
class FilePlace:
    """Where a file is among those of one export: its number, and after which row it starts."""

    number: int = 1
    position: str | None = None
    before: datetime | None = None
    """When the oldest workflow in the file before was opened: that one's days begin there."""


FIRST_FILE = FilePlace()


@dataclass(frozen=True, slots=True)
class Export:
    """An exported file; ``is_whole`` is False if it doesn't include all matches."""

    name: str
    body: bytes
    workflows: int
    """How many are in it, or how many single reads, in a file of those."""
    is_whole: bool
    number: int = 1
    """Which of the files of its export this is."""
    following: FilePlace | None = None
    """Where the next file starts; None if this is the last one."""
    newest: datetime | None = None
    """When the newest workflow in it was opened; None if there is none."""
    oldest: datetime | None = None


class Exporter:
    """Builds exports; the caller must have checked that the person is an admin."""

    def __init__(
        self, history: History, workflows: Workflows, days: ExportedDays, clock: Clock
    ) -> None:
        self._history = history
        self._workflows = workflows
        self._days = days
        self._clock = clock

    async def build(
        self,
        wanted: Filter,
        form: Format,
        count: ProgressCount | None = None,
        place: FilePlace = FIRST_FILE,
    ) -> Export:
        """Export what matches now, from a place on, as far as it fits into one file."""
        count = count or ProgressCount()
        pieces: list[bytes] = []
        heads: list[Head] = []
        workflows = size = 0
        position, more = place.position, True
        while more and len(heads) < MOST:
            page = await self._history.page(wanted, min(_PAGE, MOST - len(heads)), position)
            trails = await self._trails(page, count)
            # In a thread, since writing many would block other turns for too long.
            piece = await asyncio.to_thread(_piece, form, trails)
            if pieces and size + len(piece) > MOST_BYTES:
                break
            pieces += [piece] if trails else []
            heads += page.heads
            workflows += len(trails)
            size += len(piece)
            more, position = page.position is not None, page.position
        oldest, now = _opened(heads[-1:]), self._clock()
        following = FilePlace(place.number + 1, position, oldest or place.before) if more else None
        export = Export(
            name=_name(now, form, place.number, following),
            body=b"",
            workflows=workflows,
            is_whole=following is None and place.number == 1,
            number=place.number,
            following=following,
            newest=_opened(heads[:1]),
            oldest=oldest,
        )
        if form is Format.CSV:
            return replace(export, body=_csv(pieces))
        about = _about(export, now) | await self._evidence(wanted, heads, export, place)
        return replace(export, body=await asyncio.to_thread(_json, pieces, about))

    async def _trails(self, page: Page, count: ProgressCount) -> list[Trail]:
        limit = asyncio.Semaphore(_AT_ONCE)

        async def read(workflow_id: str) -> Trail | None:
            async with limit:
                with count.part():
                    return await self._workflows.trail(workflow_id)

        found = await asyncio.gather(*(read(head.id) for head in page.heads))
        return [trail for trail in found if trail]

    async def _evidence(
        self, wanted: Filter, heads: Sequence[Head], export: Export, place: FilePlace
    ) -> dict[str, Any]:
        """Say what the file includes, and add what shows that nothing of that is missing.

        Its days are those from the oldest workflow in it on. The file before has the later ones,
        and the first of those in common: together, they have each day.
        """
        is_filtered = bool(wanted.person or wanted.secret)
        since = export.oldest if export.following else wanted.since
        until = export.newest if export.number > 1 else None
        days = await self._days.since(
            export.oldest if is_filtered else since, place.before or until
        )
        others = None
        if not is_filtered:
            others = await self._days.others(days, {head.id for head in heads})
        return {
            "person": wanted.person,
            "secret": wanted.secret,
            "opened_since": since.isoformat() if since else None,
            "opened_until": until.isoformat() if until else None,
            "checkpoints": [_day(day) for day in days],
            "others": None if others is None else [_other(one) for one in others],
        }


def _name(now: datetime, form: Format, number: int, following: FilePlace | None) -> str:
    is_split = following is not None or number > 1
    return f"latchkey-{now:%Y%m%d-%H%M%S}{f'-{number}' if is_split else ''}.{form}"


def _opened(heads: Sequence[Head]) -> datetime | None:
    openings = (opening_of(head) for head in heads)
    return next((opening.at for opening in openings if opening), None)


def _about(export: Export, now: datetime) -> dict[str, Any]:
    return {
        "exported_at": now.isoformat(),
        "is_whole": export.is_whole,
        "file": export.number,
        "is_last_file": export.following is None,
    }


def _piece(form: Format, trails: Sequence[Trail]) -> bytes:
    if form is Format.CSV:
        return rows_of(_COLUMNS, _rows(trails))
    written = (json.dumps(exported(one), indent=1, ensure_ascii=False) for one in trails)
    return ",\n".join(written).encode()


def exported(trail: Trail) -> dict[str, Any]:
    """Return a workflow as an export has it: its events as stored, with their hashes."""
    return _workflow(trail) | {"events": [_event(event) for event in trail.events]}


def _csv(pieces: Sequence[bytes]) -> bytes:
    return b"".join([header_of(_COLUMNS), *pieces])


def _json(pieces: Sequence[bytes], about: dict[str, Any]) -> bytes:
    chain = "sha256(previous hash, LF, workflow, LF, number, LF, stored_event), all as UTF-8 text"
    start = "the first event's previous hash is sha256(workflow)"
    root = "RFC 6962 with SHA-256 over the leaves in their order, each as three lines"
    named = "HMAC-SHA256 of the name, keyed with its salt, both as UTF-8 text and bytes"
    hashed = {
        "names": f"name: and the hexadecimal {named}; without a salt where the name was erased",
        "chain": f"{chain}; {start}",
        "days": f"sha256(previous, LF, day, LF, workflows, LF, root); the root is {root}",
    }
    opening = json.dumps(about | hashed, indent=1, ensure_ascii=False)
    before = opening.removesuffix("\n}").encode()
    return b"".join([before, b',\n "workflows": [\n', b",\n".join(pieces), b"\n]}"])


def _day(day: ExportedDay) -> dict[str, Any]:
    """Write a day; each leaf is a short text, since there are many."""
    checkpoint, leaves = day.checkpoint, day.leaves
    return {
        "day": checkpoint.day.isoformat(),
        "workflows": checkpoint.workflows,
        "root": checkpoint.root,
        "previous": checkpoint.previous,
        "hash": checkpoint.hash,
        "leaves": None if leaves is None else [_leaf(one) for one in sorted(leaves)],
    }


def _leaf(leaf: Leaf) -> str:
    return f"{leaf.workflow} {leaf.number} {leaf.hash}"


def _other(other: Other) -> dict[str, Any]:
    return {"workflow": other.workflow, "events": [_event(event) for event in other.events]}


def _rows(trails: Sequence[Trail]) -> Iterator[dict[str, Any]]:
    for trail in trails:
        workflow = _workflow(trail)
        del workflow["unbroken"]
        for event in trail.events:
            yield workflow | _event(event) | {"names": _names_alone(event)}


def _workflow(trail: Trail) -> dict[str, Any]:
    head = trail.stored.head
    opening = opening_of(head)
    verdict = trail.verify()
    name, object_id = _asker(head)
    return {
        "workflow": head.id,
        "kind": codec.kind_of(head),
        "state": str(head.state),
        "secret": ", ".join(opening.secrets) if opening else "",
        "vault": _vault(head),
        "left_out": _left_out(head),
        "opened_at": opening.at.isoformat() if opening else "",
        "asked_by": name,
        "asked_by_id": object_id,
        "last_hash": verdict.hash,
        "verification": str(verdict.sentence),
        "unbroken": verdict.is_unbroken,
    }


def _event(stored: StoredEvent) -> dict[str, Any]:
    event = _read(stored)
    actor = event.actor if event else None
    return {
        "event_number": stored.number,
        "event": str(event.kind) if event else "unreadable",
        "at": event.at.isoformat() if event else "",
        "by": actor.name if actor else "",
        "by_id": actor.object_id if actor else "",
        "event_hash": stored.hash,
        "stored_event": stored.text,
        "names": _names(stored),
    }


def _names(stored: StoredEvent) -> dict[str, Any] | str | None:
    """Return the names beside an event; as stored if they can't be read."""
    if not stored.names:
        return None
    try:
        found = kept_names.read(stored.names)
    except ValueError:
        return stored.names
    return {token: kept_names.members_of(kept) for token, kept in found.items()}


def _names_alone(stored: StoredEvent) -> str:
    """Return what stands for which name, for people: a table doesn't verify anything."""
    found = kept_names.readable(stored.names)
    names = {token: kept.name for token, kept in found.items() if not kept.is_erased}
    return json.dumps(names, ensure_ascii=False) if names else ""


def _read(stored: StoredEvent) -> Event | None:
    """Read an event; None if its text was tampered with, which is exported as well."""
    try:
        return codec.read_event(stored.text, stored.names)
    except ValueError:
        return None


def _asker(head: Head) -> tuple[str, str]:
    match head:
        case Request():
            return head.requester.name, head.requester.object_id
        case Rotation() if asker := head.trigger.actor:
            return asker.name, asker.object_id
        case Drill() if asker := head.asked_by:
            return asker.name, asker.object_id
        case _:
            return "", ""


def _left_out(head: Head) -> str:
    """Name the secrets that approvers left out; the events say who did."""
    left_out = head.left_out if isinstance(head, Request) else ()
    return ", ".join(one.target.secret for one in left_out)


def _vault(head: Head) -> str:
    match head:
        case Request():
            return ", ".join(dict.fromkeys(target.vault for target in head.asked_for))
        case Rotation():
            return head.terms.vault_name
        case Drill():
            return head.vault
        case _:
            return ""
