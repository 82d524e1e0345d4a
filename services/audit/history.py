"""The history, newest first; a page's cost doesn't depend on how much is stored."""

import asyncio
import logging
import re
from collections.abc import AsyncIterator
from dataclasses import dataclass

from domain.audit.history import Filter, opening_of
from services.audit.history_order import HistoryOrder
from services.storage.table import Table
from services.workflow.codec import Head
from services.workflow.lists import history_rows
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
        return await self._page(wanted, most, position, at_once=most + 1)

    async def up_to(self, wanted: Filter, most: int) -> Page:
        """Return the newest ``most`` workflows, reading a hundred at a time."""
        return await self._page(wanted, most, None, at_once=100)

    async def _page(self, wanted: Filter, most: int, position: str | None, at_once: int) -> Page:
        order = await HistoryOrder.of(self._table, wanted, position, at_once)
        found: list[tuple[str, Head]] = []
        while len(found) <= most:  # one more shows whether there is a next page
            positions = await order.take(min(at_once, most + 1 - len(found)))
            if not positions:
                return Page(tuple(head for _, head in found), None)
            heads = await asyncio.gather(*map(self._head, positions))
            found += [(at, head) for at, head in zip(positions, heads, strict=True) if head]
        return Page(tuple(head for _, head in found[:most]), found[most - 1][0])

    async def walk(self, wanted: Filter) -> AsyncIterator[Batch]:
        """Read everything that matches with its events, newest first, some of it at a time."""
        order = await HistoryOrder.of(self._table, wanted, None, _AT_ONCE)
        while positions := await order.take(_AT_ONCE):
            answers = await asyncio.gather(*map(self._snapshot, positions), return_exceptions=True)
            unreadable: list[str] = []
            for position, answer in zip(positions, answers, strict=True):
                if isinstance(answer, ValueError):
                    log.warning("%s is left out: %s", position, answer)
                    unreadable.append(history_rows.workflow_of(position))
                elif isinstance(answer, BaseException):
                    raise answer
            snapshots = tuple(one for one in answers if isinstance(one, Snapshot))
            yield Batch(snapshots, tuple(unreadable))

    async def _snapshot(self, position: str) -> Snapshot | None:
        """Read a workflow with its events; None if its row is stale; ValueError if unreadable."""
        snapshot = await self._workflows.snapshot(history_rows.workflow_of(position))
        is_current = snapshot and _is_current(position, snapshot.stored.head)
        return snapshot if is_current else None

    async def _head(self, position: str) -> Head | None:
        """Read a workflow; None if its row is stale: never stored, or opened later."""
        stored = await self._workflows.load(history_rows.workflow_of(position))
        return stored.head if stored and _is_current(position, stored.head) else None


def _is_current(position: str, head: Head) -> bool:
    """Return whether a row is of a workflow as it is; former ones were written before it."""
    opening = opening_of(head)
    return opening is not None and position == history_rows.position(opening.at, head.id)


def is_position(text: str) -> bool:
    """Return whether a text is a valid position; others aren't looked up."""
    return _POSITION.fullmatch(text) is not None
