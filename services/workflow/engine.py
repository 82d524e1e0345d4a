"""Advances workflows: clicks, the worker and crash recovery all call ``advance``."""

import asyncio
import logging
from collections.abc import Awaitable, Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any, Protocol, TypeVar

from opentelemetry.trace import NoOpTracer, Tracer

from domain.workflow import Change, Done, Move, Wait
from services.answer_time import nobody_waiting
from services.clock import Clock
from services.faults import Conflict, Fault, Unavailable
from services.log_context import logged_under
from services.storage.table import Operation
from services.turn_changes import note_change
from services.workflow.codec import Head
from services.workflow.due.agenda import CLAIM, DueRow
from services.workflow.journal import Journal
from services.workflow.lanes import Lane, in_lane
from services.workflow.lists.index import Index
from services.workflow.ownership import owned_until
from services.workflow.settling import before_the_change
from services.workflow.workflows import Due, HeadT, Stored, Workflows

log = logging.getLogger(__name__)

Enter = Callable[[Lane], Awaitable[bool]]
"""Enters a lane before one of its moves; False if it has no free place."""

KindT = TypeVar("KindT")

MOVE_TIMEOUT = timedelta(seconds=15)
"""How long a move may take; shorter than a claim, so that claims outlive their moves."""


class Kind(Protocol[KindT]):
    """What the engine needs from a kind of workflow.

    The kinds that end access don't inherit from it, so that each of them says all of this itself.
    """

    def next_move(self, head: KindT, now: datetime) -> Move[str] | Wait | Done:
        """Return the next move, a wait, or that the workflow is done."""

    def lane(self, effect: str) -> Lane:
        """Return the lane of an effect."""

    def only_records(self, effect: str) -> bool:
        """Return whether an effect changes nothing outside: what comes of it is all there is."""
        del effect
        return False

    def ends_at(self, head: KindT) -> datetime | None:
        """Return when access must be ended, regardless of earlier moves; None for never."""
        del head
        return None

    async def perform(self, effect: str, head: KindT) -> Change[KindT]:
        """Perform the effect, read it back and return the change to record; idempotent."""

    def fail(self, effect: str, head: KindT, fault: Fault) -> Change[KindT]:
        """Return the change to record when the effect failed.

        If the fault's outcome is unknown, the effect may still happen later.
        """

    def interrupted(self, head: KindT, at: datetime) -> KindT:
        """Note that another replica crashed during a move, and what it may have sent."""
        del at
        return head

    def overtaken(self, head: KindT, tried: KindT) -> KindT:
        """Note what a move may still do whose outcome somebody else's change came before.

        ``tried`` is the head that it would have recorded; what is recorded is what it returns.
        """
        del tried
        return head

    def hurried(self, head: KindT, now: datetime) -> KindT:
        """Make a retry due now that waits for Azure to answer; the same head if none does."""
        del now
        return head

    def alarm_at(self, head: KindT) -> datetime | None:
        """Return when something must be recorded that no move may delay, if anything.

        A move that is still running then is cancelled: its outcome is unknown.
        """
        del head
        return None


@dataclass(frozen=True, slots=True)
class Advanced:
    """A workflow after its moves, and when it was due before them.

    If its due time has changed since, the moves removed the agenda row of the earlier one.
    """

    stored: Stored[Head] | None
    was_due: datetime | None


class CorruptWorkflow(Exception):
    """Rows of a workflow were added or removed by hand; someone must repair the table."""


class Engine:
    """Stores changes together with their next due time, and performs moves."""

    def __init__(
        self,
        workflows: Workflows,
        clock: Clock,
        journal: Journal,
        index: Index,
        tracer: Tracer | None = None,
    ) -> None:
        self._workflows = workflows
        self._index = index
        self._clock = clock
        self._journal = journal
        self._tracer = tracer or NoOpTracer()
        self._kinds: dict[type[Any], Kind[Any]] = {}
        self._on_due: Callable[[str, Due], None] = lambda *_: None
        self._on_announced: Callable[[str], None] = lambda _: None
        self._on_unanswered: Callable[[str], None] = lambda _: None
        self._hands_over = False
        self._claimed: dict[str, datetime] = {}
        """Until when this process has claimed moves that it recorded and hasn't begun, by ID."""

    def register(self, head: type[KindT], kind: Kind[KindT]) -> None:
        """Register a kind of workflow; kinds may start workflows through this engine."""
        self._kinds[head] = kind

    def on_due(self, listener: Callable[[str, Due], None]) -> None:
        """Register a listener for each due time that is written here."""
        self._on_due = listener

    def on_announced(self, listener: Callable[[str], None]) -> None:
        """Register a listener for each workflow whose events are to be announced."""
        self._on_announced = listener

    def on_unanswered(self, listener: Callable[[str], None]) -> None:
        """Register a listener for each workflow of which a change may be stored late."""
        self._on_unanswered = listener

    def hand_over(self) -> None:
        """Leave every further move to other replicas, without a claim that they'd have to await."""
        self._hands_over = True

    async def open(self, change: Change[HeadT], beside: Sequence[Operation] = ()) -> Stored[HeadT]:
        """Store a new workflow; raises Conflict if its ID exists.

        ``beside`` are changes of other rows of its shard, which are stored with it or not at all.
        """
        with before_the_change():
            await self._index.prepare(None, change.head)
        now = self._clock()
        due = self._due(change.head, now)
        with self._telling_if_unanswered(change.head.id):
            stored = await self._workflows.create(change, due, now, beside)
        self._journal.write(change)
        self._note_claim(change.head.id, due)
        self._tell(change, due)
        return stored

    async def record(
        self, stored: Stored[Head], change: Change[HeadT], *, is_claimed: bool = True
    ) -> Stored[HeadT]:
        """Store a change; raises Conflict if someone else was first.

        An immediate move is claimed for the caller, unless it is to be anyone's. If the same move
        was due before, its row stays as it is: someone may be performing it.
        """
        now = self._clock()
        if stored.due and self._stays_due(stored, change.head, now):
            return await self._store(stored, change, Due(stored.due))
        due = self._due(change.head, now, is_claimed=is_claimed)
        after = await self._store(stored, change, due)
        self._note_claim(change.head.id, due)
        return after

    async def _record_outcome(
        self, stored: Stored[Head], change: Change[Head], unclaimed: DueRow | None = None
    ) -> Stored[Head]:
        """Store what came of a move, and claim the next one; raises Conflict.

        ``unclaimed``: its agenda row, if it isn't claimed; it must be unchanged, too.
        """
        self._claimed.pop(change.head.id, None)
        return await self._store(stored, change, self._due(change.head, self._clock()), unclaimed)

    async def _store(
        self,
        stored: Stored[Head],
        change: Change[HeadT],
        due: Due | None,
        unclaimed: DueRow | None = None,
    ) -> Stored[HeadT]:
        with before_the_change():
            await self._index.prepare(stored.head, change.head)
        etag = unclaimed.etag if unclaimed else None
        now = self._clock()
        try:
            with self._telling_if_unanswered(change.head.id):
                after = await self._workflows.commit(stored, change, due, now, row_etag=etag)
        except Conflict:
            if unclaimed is None:
                await self._require_other_head(stored)
            raise
        self._journal.write(change)
        self._index.pass_on(stored.head, change.head)
        self._tell(change, due)
        return after

    def _stays_due(self, stored: Stored[Head], after: Head, now: datetime) -> bool:
        """Return whether a change leaves the move that is due now as it is."""
        kind = self._kind_of(after)
        if kind.ends_at(stored.head) != kind.ends_at(after):
            return False
        move = kind.next_move(after, now)
        return isinstance(move, Move) and move == kind.next_move(stored.head, now)

    def _note_claim(self, workflow_id: str, due: Due | None) -> None:
        """Note a claim that was written for whoever recorded the change."""
        if due and due.claimed_until:
            self._claimed[workflow_id] = due.claimed_until
        else:
            self._claimed.pop(workflow_id, None)

    @contextmanager
    def _telling_if_unanswered(self, workflow_id: str) -> Iterator[None]:
        """Tell who waits for it that a change may be stored although nothing says so."""
        try:
            yield
        except Unavailable as fault:
            if fault.outcome_unknown:
                note_change()
                self._on_unanswered(workflow_id)
            raise

    def _tell(self, change: Change[Any], due: Due | None) -> None:
        """Tell who waits for it what was just written."""
        note_change()
        if due:
            self._on_due(change.head.id, due)
        if change.events:
            self._on_announced(change.head.id)

    async def _require_other_head(self, stored: Stored[Head]) -> None:
        """Raise CorruptWorkflow if nobody else changed the head: a retry would never succeed."""
        present = await self._workflows.load(stored.head.id)
        if present and present.etag == stored.etag:
            if await self._workflows.put_back(stored.head.id):
                return  # another version had quarantined its agenda row
            raise CorruptWorkflow(f"{stored.head.id}: its agenda row isn't where its head says")

    async def hurry(self, workflow_id: str, *, is_claimed: bool = False) -> bool:
        """Make a retry due now that waits for Azure to answer; return whether there was one.

        Any replica performs it, unless it is claimed for the caller.
        """
        stored = await self._workflows.load(workflow_id)
        if stored is None:
            return False
        head = self._kind_of(stored.head).hurried(stored.head, self._clock())
        if head == stored.head:
            return False
        try:
            await self.record(stored, Change(head), is_claimed=is_claimed)
        except Conflict:
            return False  # it isn't waiting any more
        return True

    async def advance_recorded(self, workflow_id: str, enter: Enter) -> Stored[Head] | None:
        """Advance a workflow whose move this process claimed when it recorded it.

        Without such a claim, what is due is somebody else's, or the worker's to find: None.
        """
        claimed_until = self._claimed.pop(workflow_id, None)
        if claimed_until:
            return await self.advance(workflow_id, enter=enter, owned=claimed_until)
        await self._index.tidy(workflow_id)
        return None

    async def advance(
        self,
        workflow_id: str,
        interrupted_at: datetime | None = None,
        enter: Enter | None = None,
        owned: datetime | None = None,
    ) -> Stored[Head] | None:
        """Perform and record moves until the workflow waits or is done, and return it.

        ``interrupted_at``: another replica's claim expired then without a recorded outcome, so the
        answers to its requests to Azure are lost. No turn limits what this takes, whoever calls it:
        what came of an effect has to be recorded. With ``enter``, each move needs a place in its
        lane; if there is none, its row stays due. After ``hand_over``, or when the claim that ends
        at ``owned`` has run out, no further move is begun.
        """
        return (await self.advance_from(workflow_id, interrupted_at, enter, owned)).stored

    async def advance_from(
        self,
        workflow_id: str,
        interrupted_at: datetime | None = None,
        enter: Enter | None = None,
        owned: datetime | None = None,
    ) -> Advanced:
        """Do the same as ``advance``, and also return when the workflow was due before."""
        with nobody_waiting(), logged_under(workflow_id):
            return await self._advance_from(workflow_id, interrupted_at, enter, owned)

    async def _advance_from(
        self,
        workflow_id: str,
        interrupted_at: datetime | None,
        enter: Enter | None,
        owned: datetime | None,
    ) -> Advanced:
        owned = owned or self._clock() + CLAIM
        stored = await self._workflows.load(workflow_id)
        was_due = stored.due if stored else None
        if stored and interrupted_at:
            stored = await self._noted(stored, interrupted_at)
        return Advanced(await self._go_on(workflow_id, stored, enter, owned), was_due)

    async def advance_unclaimed(self, row: DueRow, enter: Enter) -> Stored[Head] | None:
        """Do the same from a due row that nobody claimed, if its move only records.

        Nothing outside is changed before the record, which is conditional on the head and on the
        row, and claims the next move. None if nothing was recorded: the row has to be claimed
        first, or someone else was first.
        """
        if row.claimed_until:
            return None  # its holder recorded no outcome
        with nobody_waiting(), logged_under(row.workflow_id):
            stored = await self._workflows.load(row.workflow_id)
            if stored is None or stored.due != row.due or self._hands_over:
                return None
            kind = self._kind_of(stored.head)
            move = kind.next_move(stored.head, self._clock())
            if not isinstance(move, Move) or not kind.only_records(move.effect):
                return None
            if not await enter(kind.lane(move.effect)):
                return None
            change = await self._perform(move.effect, stored.head)
            recorded_at = self._clock()
            try:
                after = await self._record_outcome(stored, change, unclaimed=row)
            except Conflict:
                return None
            return await self._go_on(row.workflow_id, after, enter, recorded_at + CLAIM)

    async def _go_on(
        self, workflow_id: str, stored: Stored[Head] | None, enter: Enter | None, owned: datetime
    ) -> Stored[Head] | None:
        while stored:
            kind = self._kind_of(stored.head)
            move = kind.next_move(stored.head, self._clock())
            if not isinstance(move, Move) or self._hands_over:
                break
            if enter and not await enter(kind.lane(move.effect)):
                break
            if self._clock() >= owned:
                log.warning("%s: left to others, as its claim ran out", workflow_id)
                break
            change = await self._perform(move.effect, stored.head)
            try:
                recorded_at = self._clock()
                stored = await self._record_outcome(stored, change)
                owned = recorded_at + CLAIM  # it was written with the next move, if there is one
            except Conflict:
                stored = await self._overtaken(stored, change.head)
        await self._index.tidy(workflow_id)
        return stored

    async def _overtaken(self, beaten: Stored[Head], tried: Head) -> Stored[Head] | None:
        """Note what a move may still do that couldn't record its outcome, and return the present.

        None if the row isn't the claimed one any more: what is due now belongs to others.
        """
        while stored := await self._workflows.load(beaten.head.id):
            head = self._kind_of(stored.head).overtaken(stored.head, tried)
            try:
                if head != stored.head:
                    stored = await self.record(stored, Change(head), is_claimed=False)
            except Conflict:
                continue
            return stored if stored.due == beaten.due else None
        return None

    async def _noted(self, stored: Stored[Head], interrupted_at: datetime) -> Stored[Head] | None:
        """Note what the crashed replica may have sent; the next move records it.

        If the workflow waits instead, it is recorded now. Otherwise it would be noted with a later
        time whenever this claim expires.
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
        with (
            in_lane(self._kind_of(head).lane(effect)),
            owned_until(self._clock() + MOVE_TIMEOUT, self._clock),
            self._tracer.start_as_current_span(str(effect), attributes={"correlation_id": head.id}),
        ):
            return await self._outcome(effect, head)

    async def _outcome(self, effect: str, head: Head) -> Change[Any]:
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
            # A bug must not leave access in place: the move is retried like any other.
            log.exception("%s: could not %s", head.id, effect)
            return kind.fail(effect, head, Unavailable("Latchkey", "unexpected error"))

    def _patience(self, alarm_at: datetime | None) -> timedelta:
        """Return how long a move may take: only until the alarm, which must not be late."""
        left = alarm_at - self._clock() if alarm_at else MOVE_TIMEOUT
        return min(left, MOVE_TIMEOUT) if left > timedelta() else MOVE_TIMEOUT

    def _due(self, head: Head, now: datetime, *, is_claimed: bool = True) -> Due | None:
        """Return when a head falls due; an immediate move stays claimed by its writer.

        A writer that hands over claims none.
        """
        kind = self._kind_of(head)
        ends_at = kind.ends_at(head)
        match kind.next_move(head, now):
            case Move(effect):
                is_claimed = is_claimed and not self._hands_over
                claimed_until = now + CLAIM if is_claimed else None
                return Due(now, claimed_until, kind.lane(effect), ends_at)
            case Wait(until):
                then = kind.next_move(head, until)
                lane = kind.lane(then.effect) if isinstance(then, Move) else Lane.ENDING
                is_retry = kind.hurried(head, now) != head
                return Due(until, None, lane, ends_at, is_retry)
            case Done():
                return None

    def _kind_of(self, head: Head) -> Kind[Any]:
        return self._kinds[type(head)]
