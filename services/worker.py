"""The background worker: moves due workflows on and delivers due announcements, for ever."""

import asyncio
import contextlib
import logging
from collections.abc import Awaitable, Callable
from datetime import datetime, timedelta
from typing import TypeVar

from domain.backoff import backoff
from services.agenda import CLAIM, Agenda, DueRow
from services.announcing import Announcer
from services.codec import WrittenByNewer
from services.engine import Clock, Engine

log = logging.getLogger(__name__)

POLL = timedelta(seconds=2)
"""How often a replica looks for what fell due; its own kicks need no look."""

_AT_ONCE = 16

T = TypeVar("T")


class Worker:
    """Works off two queues side by side: Teams being down delays no revocation."""

    def __init__(
        self,
        agenda: Agenda,
        outbox: Agenda,
        engine: Engine,
        announcer: Announcer,
        clock: Clock,
        jitter: Callable[[], float],
    ) -> None:
        self._agenda = agenda
        self._outbox = outbox
        self._engine = engine
        self._announcer = announcer
        self._clock = clock
        self._jitter = jitter
        self._left: dict[str, datetime] = {}
        self._kicks: set[asyncio.Task[None]] = set()
        self._stopping = asyncio.Event()
        self._outbox_kicked = asyncio.Event()

    async def run_once(self) -> None:
        """Do all that is due now: moves first, then the announcements that follow."""
        await self._move_due()
        await self._deliver_due()

    async def idle(self) -> None:
        """Wait until what was kicked has been moved on."""
        while self._kicks:
            kicked = tuple(self._kicks)
            await asyncio.gather(*kicked)
            # Their own callbacks may not have run yet.
            self._kicks.difference_update(kicked)

    async def run(self) -> None:
        """Work until ``stop``; a round that fails is logged, and the next one comes."""
        await asyncio.gather(
            self._rounds("agenda", self._move_due, None),
            self._rounds("outbox", self._deliver_due, self._outbox_kicked),
        )

    async def stop(self) -> None:
        """Claim nothing more, and finish what is under way."""
        self._stopping.set()
        self._outbox_kicked.set()
        await self.idle()

    def kick(self, workflow_id: str) -> None:
        """Move a workflow on now, after the answer that is being given; for its writer only."""
        task = asyncio.create_task(self._advance(workflow_id), name=f"advance {workflow_id}")
        self._kicks.add(task)
        task.add_done_callback(self._kicks.discard)

    async def _advance(self, workflow_id: str) -> None:
        self._outbox_kicked.set()
        try:
            await self._engine.advance(workflow_id)
        except Exception:
            # Its agenda row is there still: the claim runs out and the worker takes it up.
            log.exception("%s: could not be moved on now", workflow_id)
        self._outbox_kicked.set()

    async def _rounds(
        self, name: str, work: Callable[[], Awaitable[None]], kicked: asyncio.Event | None
    ) -> None:
        wake = kicked or self._stopping
        while not self._stopping.is_set():
            try:
                await work()
            except Exception:
                log.exception("a round of the %s failed; the next one follows", name)
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(wake.wait(), POLL.total_seconds())
            if kicked:
                kicked.clear()

    async def _move_due(self) -> None:
        now = self._clock()
        rows = await self._agenda.due(now)
        await _each(rows, self._move)
        if rows:
            self._outbox_kicked.set()

    async def _move(self, row: DueRow) -> None:
        if self._stopping.is_set() or self._is_left(row.workflow_id):
            return
        claimed = await self._agenda.claim(row, self._clock())
        if claimed is None:
            return
        try:
            # A claim that ran out was of somebody who has not said what came of it.
            stored = await self._engine.advance(claimed.workflow_id, row.claimed_until)
        except WrittenByNewer:
            await self._leave(self._agenda, [claimed])
            raise
        if stored is None or stored.due != claimed.due:
            # The moves replaced the row; where it stands for nothing any more, it goes.
            await self._agenda.settle(claimed)

    async def _deliver_due(self) -> None:
        rows = await self._outbox.due(self._clock())
        by_workflow: dict[str, list[DueRow]] = {}
        for row in rows:
            by_workflow.setdefault(row.workflow_id, []).append(row)
        await _each(list(by_workflow.values()), self._deliver)

    async def _deliver(self, rows: list[DueRow]) -> None:
        if self._stopping.is_set() or self._is_left(rows[0].workflow_id):
            return
        now = self._clock()
        claims = [await self._outbox.claim(row, now) for row in rows]
        claimed = [row for row in claims if row]
        if not claimed:
            return
        try:
            wait = await self._announcer.deliver(claimed[0].workflow_id)
        except WrittenByNewer:
            await self._leave(self._outbox, claimed)
            raise
        for row in claimed:
            if wait is None:
                await self._outbox.settle(row)
            else:
                until = self._clock() + backoff(row.attempt + 1, self._jitter(), wait)
                await self._outbox.put_off(row, until)

    async def _leave(self, queue: Agenda, claimed: list[DueRow]) -> None:
        """Give back what a newer Latchkey wrote, and keep away from it for a while."""
        self._left[claimed[0].workflow_id] = self._clock() + CLAIM
        for row in claimed:
            await queue.give_back(row)

    def _is_left(self, workflow_id: str) -> bool:
        until = self._left.get(workflow_id)
        if until and self._clock() < until:
            return True
        self._left.pop(workflow_id, None)
        return False


async def _each(items: list[T], work: Callable[[T], Awaitable[None]]) -> None:
    """Work on many at once; one that fails is logged and stops none of the others."""
    limit = asyncio.Semaphore(_AT_ONCE)

    async def guarded(item: T) -> None:
        async with limit:
            try:
                await work(item)
            except Exception:
                log.exception("%s failed; it falls due again", item)

    await asyncio.gather(*(guarded(item) for item in items))
