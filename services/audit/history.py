"""The history, newest first; a page's cost doesn't depend on how much is stored."""

import asyncio
import logging
import re
from collections.abc import AsyncIterator
from dataclasses import dataclass

from domain.audit.history import Filter, opening_of
from services.storage.table import Row, Table
from services.workflow import history_rows
from services.workflow.codec import Head
from services.workflow.workflows import Snapshot, Workflows

log = logging.getLogger(__name__)

_AT_ONCE = 50
"""How many workflows are read at once, with their events."""

_POSITION = re.compile(r"\d{17}~[a-z]{3}-[a-z0-9-]{1,40}", re.ASCII)


@dataclass(frozen=True, slots=True)
class Page:
    """A page of workflows as they are now; ``position`` starts the next page, if any."""

    heads: tuple[Head, ...]
    position: str | None


@dataclass(frozen=True, slots=True)
class Batch:
    """Some workflows with their events, and the IDs of others that this version can't read."""

    snapshots: tuple[Snapshot, ...]
    unreadable: tuple[str, ...]


class History:
    """Reads the history index; callers check permissions first."""

    def __init__(self, table: Table, workflows: Workflows) -> None:
        self._table = table
        self._workflows = workflows

    async def page(self, wanted: Filter, most: int, position: str | None = None) -> Page:
        """Return up to ``most`` workflows after ``position``, newest first."""
        found: list[tuple[str, Head]] = []
        while True:
            missing = most + 1 - len(found)  # one more shows whether there is a next page
            rows = await self._rows(wanted, position, missing)
            heads = await asyncio.gather(*(self._head(row) for row in rows))
            found += [(row.key, head) for row, head in zip(rows, heads, strict=True) if head]
            if len(found) > most:
                return Page(tuple(head for _, head in found[:most]), found[most - 1][0])
            if len(rows) < missing:
                return Page(tuple(head for _, head in found), None)
            position = rows[-1].key

    async def up_to(self, wanted: Filter, most: int) -> Page:
        """Return the newest ``most`` workflows, reading a hundred at a time."""
        heads: list[Head] = []
        position = None
        while len(heads) < most:
            page = await self.page(wanted, min(100, most - len(heads)), position)
            heads += page.heads
            position = page.position
            if position is None:
                break
        return Page(tuple(heads), position)

    async def walk(self, wanted: Filter) -> AsyncIterator[Batch]:
        """Read everything that matches with its events, newest first, some of it at a time."""
        position = None
        while rows := await self._rows(wanted, position, _AT_ONCE):
            answers = await asyncio.gather(
                *(self._snapshot(row) for row in rows), return_exceptions=True
            )
            unreadable: list[str] = []
            for row, answer in zip(rows, answers, strict=True):
                if isinstance(answer, ValueError):
                    log.warning("%s is left out: %s", row.key, answer)
                    unreadable.append(history_rows.workflow_of(row.key))
                elif isinstance(answer, BaseException):
                    raise answer
            snapshots = tuple(one for one in answers if isinstance(one, Snapshot))
            yield Batch(snapshots, tuple(unreadable))
            position = rows[-1].key

    async def _snapshot(self, row: Row) -> Snapshot | None:
        """Read a row's workflow with its events; None if stale; ValueError if unreadable."""
        snapshot = await self._workflows.snapshot(history_rows.workflow_of(row.key))
        is_current = snapshot and _is_current(row, snapshot.stored.head)
        return snapshot if is_current else None

    async def _rows(self, wanted: Filter, position: str | None, most: int) -> list[Row]:
        # "~" sorts after everything else: after the row at the position, before the next one.
        start = f"{position}~" if position else ""
        stop = f"{history_rows.inverted(wanted.since)}~~" if wanted.since else "~"
        rows: list[Row] = []
        async for partition in self._partitions(wanted, position):
            rows += await self._table.range(partition, start, stop, most - len(rows))
            if len(rows) == most:
                break
        return rows

    async def _partitions(self, wanted: Filter, position: str | None) -> AsyncIterator[str]:
        if partition := history_rows.partition_of(wanted):
            yield partition
            return
        since = wanted.since and history_rows.month_of(history_rows.inverted(wanted.since))
        newest = history_rows.month_key(history_rows.month_of(position)) if position else ""
        for row in await self._table.range(history_rows.MONTHS, newest, "~"):
            month = history_rows.workflow_of(row.key)
            if since and month < since:
                return
            yield history_rows.month_partition(month)

    async def _head(self, row: Row) -> Head | None:
        """Read a row's workflow; None if stale: it was never stored, or was opened later."""
        stored = await self._workflows.load(history_rows.workflow_of(row.key))
        return stored.head if stored and _is_current(row, stored.head) else None


def _is_current(row: Row, head: Head) -> bool:
    opening = opening_of(head)
    return opening is not None and row.key == history_rows.row_key(opening.at, head.id)


def is_position(text: str) -> bool:
    """Return whether a text is a valid position; others aren't looked up."""
    return _POSITION.fullmatch(text) is not None
