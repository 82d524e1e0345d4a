"""The one loop that moves workflows on: a click, the worker and recovery all call ``advance``."""

import asyncio
import logging
from collections.abc import Awaitable, Callable
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any, Protocol, TypeVar

from domain.workflow import Change, Done, Move, Wait
from services.clock import Clock
from services.faults import Conflict, Fault, Unavailable
from services.workflow.agenda import CLAIM
from services.workflow.codec import Head
from services.workflow.index import Index
from services.workflow.journal import Journal
from services.workflow.lanes import Lane, in_lane
from services.workflow.workflows import Due, HeadT, Stored, Workflows

log = logging.getLogger(__name__)

Enter = Callable[[Lane], Awaitable[bool]]
"""Goes into a lane before a move of that lane; False where there is no place in it."""

KindT = TypeVar("KindT")

MOVE_TIMEOUT = timedelta(seconds=15)
"""How long one move may take; shorter than a claim, so that a claim outlives its move."""


class Kind(Protocol[KindT]):
    """What the engine has to know of one kind of workflow."""

    def next_move(self, head: KindT, now: datetime) -> Move[str] | Wait | Done:
        """Say what comes next."""

    def lane(self, effect: str) -> Lane:
        """Say what an effect is for."""

    def ends_at(self, head: KindT) -> datetime | None:
        """Say from when on there is access to be ended, whatever is due before; None for never."""

    async def perform(self, effect: str, head: KindT) -> Change[KindT]:
        """Do it, read it back, and return what is to be recorded; idempotent."""

    def fail(self, effect: str, head: KindT, fault: Fault) -> Change[KindT]:
        """Return what is to be recorded when it could not be done.

        Where the fault's outcome is unknown it may be done all the same, later than this.
        """

    def interrupted(self, head: KindT, at: datetime) -> KindT:
        """Note that whoever moved this on died by then, and what they may have sent."""
        del at
        return head

    def alarm_at(self, head: KindT) -> datetime | None:
        """Say when there is something to record that no move may hold up; None where there is not.

        A move that is under way then is cut off: its outcome is unknown.
        """
        del head
        return None


class CorruptWorkflow(Exception):
    """Somebody removed or added rows of a workflow by hand; a person has to mend the table."""


class Engine:
    """Stores changes with the due time that follows from them, and performs moves."""

    def __init__(self, workflows: Workflows, clock: Clock, journal: Journal, index: Index) -> None:
        self._workflows = workflows
        self._index = index
        self._clock = clock
        self._journal = journal
        self._kinds: dict[type[Any], Kind[Any]] = {}
        self._tell: Callable[[str, Due], None] = lambda *_: None

    def register(self, head: type[KindT], kind: Kind[KindT]) -> None:
        """Take a kind of workflow on; kinds may start workflows through this same engine."""
        self._kinds[head] = kind

    def tell(self, listener: Callable[[str, Due], None]) -> None:
        """Let somebody know of each due time that is written here."""
        self._tell = listener

    async def open(self, change: Change[HeadT]) -> Stored[HeadT]:
        """Store a new workflow; raises Conflict where its id exists."""
        await self._index.prepare(None, change.head)
        now = self._clock()
        due = self._due(change.head, now)
        stored = await self._workflows.create(change, due, now)
        self._journal.write(change)
        if due:
            self._tell(change.head.id, due)
        return stored

    async def record(self, stored: Stored[Head], change: Change[HeadT]) -> Stored[HeadT]:
        """Store a change; raises Conflict where somebody else was first."""
        await self._index.prepare(stored.head, change.head)
        now = self._clock()
        due = self._due(change.head, now)
        try:
            after = await self._workflows.commit(stored, change, due, now)
        except Conflict:
            await self._require_other_head(stored)
            raise
        self._journal.write(change)
        self._index.pass_on(stored.head, change.head)
        if due:
            self._tell(change.head.id, due)
        return after

    async def _require_other_head(self, stored: Stored[Head]) -> None:
        """Raise CorruptWorkflow if nobody else changed the head: a retry would never succeed."""
        present = await self._workflows.load(stored.head.id)
        if present and present.etag == stored.etag:
            if await self._workflows.put_back(stored.head.id):
                return  # another version had set its agenda row aside
            raise CorruptWorkflow(f"{stored.head.id}: its agenda row is not where its head says")

    async def advance(
        self,
        workflow_id: str,
        interrupted_at: datetime | None = None,
        enter: Enter | None = None,
    ) -> Stored[Head] | None:
        """Perform and record moves until the workflow waits or is done; return it as it is.

        ``interrupted_at``: somebody else had claimed it until then and has not said what came of
        it. Whatever they sent to Azure was not answered to anybody. Where there is somewhere to
        ``enter``, each move has a place in its own lane; without one its row stays due.
        """
        stored = await self._workflows.load(workflow_id)
        if stored and interrupted_at:
            stored = await self._noted(stored, interrupted_at)
        while stored:
            kind = self._kind_of(stored.head)
            move = kind.next_move(stored.head, self._clock())
            if not isinstance(move, Move):
                break
            lane = kind.lane(move.effect)
            if enter and not await enter(lane):
                break
            with in_lane(lane):
                change = await self._perform(move.effect, stored.head)
            try:
                stored = await self.record(stored, change)
            except Conflict:
                stored = await self._workflows.load(workflow_id)
        await self._index.tidy(workflow_id)
        return stored

    async def _noted(self, stored: Stored[Head], interrupted_at: datetime) -> Stored[Head] | None:
        """Note what whoever died may have sent; the move that follows records it.

        Where none follows, since that is waited for, it is recorded at once: it would be noted for
        a later time whenever this claim runs out.
        """
        kind = self._kind_of(stored.head)
        head = kind.interrupted(stored.head, interrupted_at)
        if head == stored.head or isinstance(kind.next_move(head, self._clock()), Move):
            return replace(stored, head=head)
        try:
            return await self.record(stored, Change(head))
        except Conflict:
            return await self._workflows.load(stored.head.id)

    async def _perform(self, effect: str, head: Head) -> Change[Any]:
        kind = self._kind_of(head)
        try:
            async with asyncio.timeout(self._patience(kind.alarm_at(head)).total_seconds()):
                return await kind.perform(effect, head)
        except Fault as fault:
            log.warning("%s: could not %s: %s", head.id, effect, fault)
            return kind.fail(effect, head, fault)
        except TimeoutError:
            log.warning("%s: could not %s in time", head.id, effect)
            return kind.fail(effect, head, Unavailable("Azure", "no answer in time"))
        except Exception:
            # A fault of ours must not leave access in place: it is retried like any other.
            log.exception("%s: could not %s", head.id, effect)
            return kind.fail(effect, head, Unavailable("Latchkey", "unexpected error"))

    def _patience(self, alarm_at: datetime | None) -> timedelta:
        """Say how long a move may take: no longer than to the alarm, which is recorded in time."""
        left = alarm_at - self._clock() if alarm_at else MOVE_TIMEOUT
        return min(left, MOVE_TIMEOUT) if left > timedelta() else MOVE_TIMEOUT

    def _due(self, head: Head, now: datetime) -> Due | None:
        """Say when a head falls due; what is to be done at once stays claimed by its writer."""
        kind = self._kind_of(head)
        ends_at = kind.ends_at(head)
        match kind.next_move(head, now):
            case Move(effect):
                return Due(now, now + CLAIM, kind.lane(effect), ends_at)
            case Wait(until):
                then = kind.next_move(head, until)
                lane = kind.lane(then.effect) if isinstance(then, Move) else Lane.ENDING
                return Due(until, None, lane, ends_at)
            case Done():
                return None

    def _kind_of(self, head: Head) -> Kind[Any]:
        return self._kinds[type(head)]
