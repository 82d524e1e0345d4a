"""What needs attention in any shard, read from the table with as few reads as that takes.

Three for each shard: the agenda; the outbox, with the lists and the quarantine that are its
neighbours among the keys; and the lists behind the archived workflows, of which there are many.
"""

import asyncio
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime

from domain.access.request import RequestState
from domain.rotation.rotation import RotationState
from services.storage import keys
from services.storage.table import Row, Table
from services.workflow.due.agenda import Agenda, DueRow, due_row
from services.workflow.due.quarantine import Quarantined, quarantined
from services.workflow.workflows import LISTS, UNREVIEWED, UNWATCHED

BEHIND_EACH_OTHER = (
    (RotationState.NEEDS_HUMAN, keys.OUTBOX, keys.QUARANTINE, RequestState.REVOKING),
    (RequestState.STUCK, UNREVIEWED, UNWATCHED),
)
"""Kinds of keys, with those together that have no others between them in a shard."""

MOST_WAITING = 1_000
"""How many rows of the outbox are read in each shard."""


@dataclass(frozen=True, slots=True)
class Attention:
    """What was read at one moment."""

    at: datetime
    listed: Mapping[str, list[str]]
    """The IDs of the workflows on each of the ``LISTS``."""
    due: list[DueRow]
    """Rows of the agenda that were due, claimed or not, oldest first; up to 100 a shard."""
    waiting: list[DueRow]
    """Announcements, due or postponed, longest waiting first."""
    quarantined: list[Quarantined]
    """Oldest first."""


class AttentionReader:
    """Reads it for all shards, whoever covers them."""

    def __init__(self, table: Table, agenda: Agenda) -> None:
        self._table = table
        self._agenda = agenda

    async def read(self, now: datetime) -> Attention:
        due, shards = await asyncio.gather(
            self._agenda.late(now), asyncio.gather(*(self._rows(shard) for shard in keys.SHARDS))
        )
        rows = [row for shard in shards for row in shard]
        return Attention(
            at=now,
            listed=_listed(rows),
            due=due,
            waiting=sorted(_waiting(rows), key=lambda row: row.since),
            quarantined=sorted(_quarantined(rows), key=lambda one: one.since),
        )

    async def _rows(self, shard: str) -> list[Row]:
        with_outbox, others = BEHIND_EACH_OTHER
        start, stop = f"{with_outbox[0]}~", f"{with_outbox[-1]}~~"
        first, last = await asyncio.gather(
            self._table.range(shard, start, stop, MOST_WAITING),
            self._table.range(shard, f"{others[0]}~", f"{others[-1]}~~"),
        )
        if len(first) < MOST_WAITING:
            return [*first, *last]
        # More may wait in the outbox, which isn't read; what comes behind it is.
        behind = max(f"{first[-1].key}!", keys.quarantine_key(""))
        return [*first, *await self._table.range(shard, behind, stop), *last]


def _listed(rows: Iterable[Row]) -> dict[str, list[str]]:
    listed: dict[str, list[str]] = {str(name): [] for name in LISTS}
    for row in rows:
        name, _, workflow_id = row.key.partition("~")
        if name in listed:  # a newer version may have others between them
            listed[name].append(workflow_id)
    return listed


def _waiting(rows: Iterable[Row]) -> list[DueRow]:
    """Read the outbox; the worker sets aside what can't be read."""
    found: list[DueRow] = []
    for row in rows:
        if row.key.startswith(f"{keys.OUTBOX}~"):
            try:
                found.append(due_row(row))
            except (LookupError, TypeError, ValueError):
                continue
    return found


def _quarantined(rows: Iterable[Row]) -> list[Quarantined]:
    return [quarantined(row) for row in rows if row.key.startswith(keys.quarantine_key(""))]
