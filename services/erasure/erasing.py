"""Erases a person's name from everything in the table, a page at a time.

It goes through the rows of the shards themselves: every workflow is there, of whatever kind, also
those that no index lists. Each call can be repeated, also by several replicas at once.
"""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from itertools import groupby

from domain.access.request import Request
from domain.counters.counters import WORKFLOW_ID as COUNTERS
from domain.counters.counters import Counters
from domain.erasure.erasure import NOTHING, Found, Position, Stage
from services.access.sign_in.sign_in_rows import SignInRows
from services.audit.counts.day_figures import DayFigures, days_between
from services.erasure.rows_without import ErasedPerson, RowsWithout, followed_request, rows_without
from services.faults import Conflict, Unavailable
from services.people.addresses import ConversationAddresses
from services.storage import keys
from services.storage.table import Replace, Row, Table, in_batches
from services.workflow.codec import Unreadable
from services.workflow.workflows import Workflows

PAGE = 500
"""How many rows are read in a move."""

DAYS = 30
"""How many days' figures are."""

_TOGETHER = 8
_MOST_TRIES = 3


@dataclass(frozen=True, slots=True)
class _Page:
    """What was found in some rows, how many they are, and the key to go on from, if any."""

    found: Found
    rows: int
    following: str | None


class Erasing:
    """Erases one person at a time."""

    def __init__(
        self,
        table: Table,
        workflows: Workflows,
        figures: DayFigures,
        addresses: ConversationAddresses,
        sign_ins: SignInRows,
    ) -> None:
        self._table = table
        self._workflows = workflows
        self._figures = figures
        self._addresses = addresses
        self._sign_ins = sign_ins

    async def erase_rows(self, at: Position, person: ErasedPerson) -> tuple[Found, Position]:
        """Erase a person from the next rows; return what was found, and where to go on."""
        found, read = NOTHING, 0
        while at.stage is Stage.WORKFLOWS and read < PAGE:
            page = await self._erase_page(keys.SHARDS[at.shard], at.key, person)
            found, read = found + page.found, read + page.rows
            at = _after(at, page.following)
        return found, at

    async def erase_figures(
        self, day: date | None, person: ErasedPerson
    ) -> tuple[Found, date | None]:
        """Erase a person from the figures of some days; return where to go on, None at the end."""
        counters = await self._workflows.load_as(Counters, COUNTERS)
        if counters is None:
            return NOTHING, None
        start, end = day or counters.head.oldest, counters.head.next_day + timedelta(days=1)
        stop = min(start + timedelta(days=DAYS), end)
        each = [
            await self._figures.erase(one, person.object_id) for one in days_between(start, stop)
        ]
        return Found(erased=sum(each)), None if stop >= end else stop

    async def erase_others(self, person: ErasedPerson) -> None:
        """Erase what else has a person's rows; it comes back when they write again."""
        await self._addresses.forget(person.object_id)
        await self._sign_ins.forget(person.object_id)

    async def _erase_page(self, shard: str, start: str, person: ErasedPerson) -> _Page:
        if not start.startswith(f"{keys.WORKFLOW}~"):
            return await self._erase_answers(shard, start, person)
        rows = await self._table.range(shard, start, f"{keys.WORKFLOW}~~", PAGE)
        by_workflow = [list(those) for _, those in groupby(rows, key=_workflow_of)]
        is_last = len(rows) < PAGE
        if not is_last and len(by_workflow) > 1:
            by_workflow.pop()  # the rest of it is on the next page
        elif not is_last:
            by_workflow = [await self._rows(shard, _workflow_of(rows[0]))]
        limit = asyncio.Semaphore(_TOGETHER)

        async def erase(those: Sequence[Row]) -> Found:
            async with limit:
                return await self._erase_workflow(shard, those, person)

        each = await asyncio.gather(*map(erase, by_workflow))
        last = _workflow_of(by_workflow[-1][0]) if by_workflow else ""
        following = None if is_last else f"{keys.workflow_prefix(last)}~"
        return _Page(sum(each, NOTHING), len(rows), following)

    async def _erase_answers(self, shard: str, start: str, person: ErasedPerson) -> _Page:
        """Erase a person from the answers to plans."""
        rows = await self._table.range(
            shard, start or f"{keys.ANSWERED}~", f"{keys.ANSWERED}~~", PAGE
        )
        erased = 0
        for row in rows:
            by = str(row.values.get("by", ""))
            if person.is_meant(by) and row.values.get("name") != by:
                change = Replace(row.key, {**row.values, "name": by}, row.etag)
                await self._table.transact(shard, [change])
                erased += 1
        following = f"{rows[-1].key}~" if len(rows) == PAGE else f"{keys.WORKFLOW}~"
        return _Page(Found(erased=erased), len(rows), following)

    async def _erase_workflow(self, shard: str, rows: Sequence[Row], person: ErasedPerson) -> Found:
        """Erase a person from a workflow: its head and events together, if they changed since."""
        workflow_id = _workflow_of(rows[0])
        for _ in range(_MOST_TRIES):
            without = await self._without(rows, person)
            try:
                await self._change(shard, without)
            except Conflict:
                rows = await self._rows(shard, workflow_id)
                continue
            return without.found
        raise Unavailable("Latchkey", f"{workflow_id} keeps changing", outcome_unknown=False)

    async def _without(self, rows: Sequence[Row], person: ErasedPerson) -> RowsWithout:
        was_theirs = False
        request_id = followed_request(rows)
        if request_id is not None:
            was_theirs = await self._may_be_theirs(request_id, person)
        return rows_without(rows, person, was_theirs=was_theirs)

    async def _may_be_theirs(self, request_id: str, person: ErasedPerson) -> bool:
        """Return whether a request is a person's, or can't be read any more."""
        try:
            request = await self._workflows.load_as(Request, request_id)
        except Unreadable:
            return True
        return request is None or person.is_meant(request.head.requester.object_id)

    async def _change(self, shard: str, without: RowsWithout) -> None:
        """Change the rows in one transaction, as far as it holds them; the head comes last."""
        for operations in in_batches(without.operations):
            await self._table.transact(shard, operations)

    async def _rows(self, shard: str, workflow_id: str) -> list[Row]:
        prefix = keys.workflow_prefix(workflow_id)
        return await self._table.range(shard, prefix, f"{prefix}~")


def _workflow_of(row: Row) -> str:
    return row.key.split("~")[1]


def _after(at: Position, key: str | None) -> Position:
    """Return the next position: in the shard, in the next one, or behind the last one."""
    if key is not None:
        return replace(at, key=key)
    if at.shard + 1 < len(keys.SHARDS):
        return Position(shard=at.shard + 1)
    return Position(stage=Stage.FIGURES)
