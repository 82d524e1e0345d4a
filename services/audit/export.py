"""Exports the history: every event as stored, and whether its hash chain is intact."""

import asyncio
import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from domain.access.request import Request
from domain.audit.checkpoint import Leaf
from domain.audit.evidence import StoredEvent
from domain.audit.history import Filter, opening_of
from domain.rotation.rotation import Rotation
from domain.workflow import Event
from services.audit.csv_file import csv_of
from services.audit.exported_days import ExportedDay, ExportedDays, Other
from services.audit.history import History, Page
from services.clock import Clock
from services.progress import ProgressCount
from services.workflow import codec
from services.workflow.codec import Head
from services.workflow.workflows import Trail, Workflows

MOST = 1_000
"""The most workflows in an export: the newest."""

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
)


class Format(StrEnum):
    CSV = "csv"
    JSON = "json"


@dataclass(frozen=True, slots=True)
class Export:
    """An exported file; ``is_whole`` is False if it doesn't include all matches."""

    name: str
    body: bytes
    workflows: int
    is_whole: bool


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
        self, wanted: Filter, form: Format, count: ProgressCount | None = None
    ) -> Export:
        """Export everything that matches now."""
        count = count or ProgressCount()
        page = await self._history.up_to(wanted, MOST)
        count.expect(len(page.heads))
        limit = asyncio.Semaphore(_AT_ONCE)

        async def read(workflow_id: str) -> Trail | None:
            async with limit:
                with count.part():
                    return await self._workflows.trail(workflow_id)

        found = await asyncio.gather(*(read(head.id) for head in page.heads))
        trails = [trail for trail in found if trail]
        is_whole = page.position is None
        now = self._clock()
        about: dict[str, Any] = {"exported_at": now.isoformat(), "is_whole": is_whole}
        if form is Format.JSON:
            about |= await self._evidence(wanted, page)
        # In a thread, since a large export would block other turns for too long.
        body = await asyncio.to_thread(_written, form, trails, about)
        return Export(f"latchkey-{now:%Y%m%d-%H%M%S}.{form}", body, len(trails), is_whole)

    async def _evidence(self, wanted: Filter, page: Page) -> dict[str, Any]:
        """Say what the file includes, and add what shows that nothing of that is missing."""
        is_filtered = bool(wanted.person or wanted.secret)
        oldest = opening_of(page.heads[-1]) if page.heads else None
        since = oldest.at if oldest and page.position else wanted.since
        days = await self._days.since(oldest.at if oldest and is_filtered else since)
        others = None
        if not is_filtered:
            others = await self._days.others(days, {head.id for head in page.heads})
        return {
            "person": wanted.person,
            "secret": wanted.secret,
            "opened_since": since.isoformat() if since else None,
            "checkpoints": [_day(day) for day in days],
            "others": None if others is None else [_other(one) for one in others],
        }


def _written(form: Format, trails: Sequence[Trail], about: dict[str, Any]) -> bytes:
    return csv_of(_COLUMNS, _rows(trails)) if form is Format.CSV else _json(trails, about)


def _json(trails: Sequence[Trail], about: dict[str, Any]) -> bytes:
    chain = "sha256(previous hash, LF, workflow, LF, number, LF, stored_event), all as UTF-8 text"
    start = "the first event's previous hash is sha256(workflow)"
    root = "RFC 6962 with SHA-256 over the leaves in their order, each as three lines"
    whole = about | {
        "chain": f"{chain}; {start}",
        "days": f"sha256(previous, LF, day, LF, workflows, LF, root); the root is {root}",
        "workflows": [
            _workflow(trail) | {"events": [_event(event) for event in trail.events]}
            for trail in trails
        ],
    }
    return json.dumps(whole, indent=1, ensure_ascii=False).encode()


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
            yield workflow | _event(event)


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
    }


def _read(stored: StoredEvent) -> Event | None:
    """Read an event; None if its text was tampered with, which is exported as well."""
    try:
        return codec.read_event(stored.text)
    except ValueError:
        return None


def _asker(head: Head) -> tuple[str, str]:
    match head:
        case Request():
            return head.requester.name, head.requester.object_id
        case Rotation() if asker := head.trigger.actor:
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
        case _:
            return ""
