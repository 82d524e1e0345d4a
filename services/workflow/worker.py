"""The background worker: advances due workflows and delivers due announcements."""

import asyncio
import contextlib
import logging
from collections.abc import Callable, Collection, Sequence
from datetime import datetime, timedelta

from services.answer_time import nobody_waiting
from services.clock import Clock
from services.faults import log_failure
from services.storage import keys
from services.workflow.announcing.announcer import Announcer
from services.workflow.announcing.delivery import Delivery
from services.workflow.announcing.outbox_rows import OutboxRows
from services.workflow.codec import Head, Unreadable
from services.workflow.due.agenda import CLAIM, Agenda, DueRow, claimed, claiming
from services.workflow.due.due_work import DueWork, Work
from services.workflow.due.quarantine import Quarantine
from services.workflow.due.shard_leases import ShardLeases
from services.workflow.due.unhandled import Unhandled
from services.workflow.engine import MOVE_TIMEOUT, CorruptWorkflow, Engine
from services.workflow.lanes import Lane, Place, Places, in_lane
from services.workflow.late_updates import to_update_again
from services.workflow.recovery import Recovery
from services.workflow.workflows import Due, Stored

log = logging.getLogger(__name__)

POLL = timedelta(seconds=2)
"""How often a replica looks at one of its shards, and at who has which shards.

What it writes itself is handled on time anyway.
"""

_TURNS_OF_OUTBOX = 4
"""How much more seldom it looks into the outbox of one of its shards.

Whoever writes an announcement sends it. This finds what nobody expects, and no access waits for it.
"""

PUT_BACK_EVERY = timedelta(minutes=5)
"""How often a replica looks for rows that another version quarantined."""

_PATIENCE = CLAIM - MOVE_TIMEOUT
"""How long a claimed workflow waits for a place; later, its move could outlive the claim."""

_DELIVERIES = 16
"""How many workflows are announced at once; each may wait for a slow conversation."""

TOGETHER = timedelta(seconds=0.5)
"""How long announcements wait for those of the moves that follow, to be one update."""

_ROWS_AT_ONCE = 25
"""How many outbox rows of a workflow are claimed at once.

A transaction has room for 100 operations. Putting off a row takes two; messages need the others.
"""


class Worker:
    """Processes two queues independently: a Teams outage doesn't delay revocations."""

    def __init__(
        self,
        agenda: Agenda,
        outbox: Agenda,
        engine: Engine,
        announcer: Announcer,
        clock: Clock,
        jitter: Callable[[], float],
        quarantine: Quarantine,
        shards: ShardLeases,
    ) -> None:
        self._agenda = agenda
        self._outbox = outbox
        self._engine = engine
        self._announcer = announcer
        self._clock = clock
        self._jitter = jitter
        self._quarantine = quarantine
        self._shards = shards
        self._unhandled = Unhandled(quarantine, clock)
        self._places = Places()
        self._delivering = 0
        self._advancing: set[asyncio.Task[None]] = set()
        self._stopping = asyncio.Event()
        self._put_back_at: datetime | None = None
        self._moves = DueWork(
            "agenda",
            agenda,
            clock,
            self._take_move,
            every=lambda: POLL,
            shards=shards,
            belongs_to=lambda row: row.key,
            is_skipped=self._unhandled.is_left_to_others,
            report_unreadable=self._unhandled.report_unreadable,
            wake=self._places.freed,
        )
        self._deliveries = DueWork(
            "outbox",
            outbox,
            clock,
            self._take_delivery,
            every=lambda: POLL,
            turns=_TURNS_OF_OUTBOX,
            shards=shards,
            belongs_to=lambda row: row.workflow_id,
            is_skipped=self._unhandled.is_left_to_others,
            report_unreadable=self._unhandled.report_unreadable,
            wake=asyncio.Event(),
        )
        self.recovery = Recovery(agenda, engine, clock, self.advance_soon)
        engine.on_due(self._note_due)
        engine.on_announced(self._note_announced)
        engine.on_unanswered(self._note_unanswered)
        shards.on_look(self._look_at)

    async def run_once(self) -> None:
        """Do everything that is due now: moves first, then their announcements."""
        await self._put_back()
        await self._moves.run_once()
        await self._deliveries.run_once()

    async def idle(self) -> None:
        """Wait until the kicked workflows have advanced."""
        while self._advancing:
            advancing = tuple(self._advancing)
            await asyncio.gather(*advancing)
            # Their callbacks may not have run yet.
            self._advancing.difference_update(advancing)

    async def run(self) -> None:
        """Work until ``stop``; a failed look is logged and the next one follows."""
        with in_lane(Lane.ENDING):  # no access ends without these; each move has its own lane
            sharing = asyncio.create_task(self._shards.run(lambda: POLL), name="shards")
            moves = asyncio.create_task(self._moves.run(), name="moves")
            recovery = asyncio.create_task(self.recovery.run(), name="recovery")
        try:
            await asyncio.gather(
                moves, self._deliveries.run(), self._put_back_periodically(), recovery
            )
        finally:
            sharing.cancel()
        # Others look once more when this replica leaves, so it leaves nothing claimed by then.
        await self.idle()
        await self._shards.leave()

    async def stop(self) -> None:
        """Stop claiming, finish running moves and messages, and leave the next to others."""
        self._stopping.set()
        self.recovery.stop()
        self._engine.hand_over()
        self._announcer.hand_over()
        self._moves.stop()
        self._deliveries.stop()
        await asyncio.gather(self._shards.hand_over(), self.idle())

    def advance_soon(self, workflow_id: str) -> None:
        """Advance what was just recorded here, in the background, without delaying a reply.

        Others may have claimed what is due; then it is left to them.
        """
        with nobody_waiting():  # whichever turn recorded it
            task = asyncio.create_task(self._advance(workflow_id), name=f"advance {workflow_id}")
        self._advancing.add(task)
        task.add_done_callback(self._advancing.discard)

    async def _advance(self, workflow_id: str) -> None:
        """Advance a workflow claimed by its writer; if the lane is full, the claim expires.

        What its writer announced goes out together with what its moves announce, unless those take
        longer than ``TOGETHER``.
        """
        place, stored = Place(self._places, _PATIENCE), None
        try:
            with in_lane(Lane.ENDING):  # each move has its own; this is what leads to it
                stored = await self._engine.advance_recorded(workflow_id, place.enter)
                await self._hand_over(stored)
            is_left = place.refused is not None
        except Exception as error:  # noqa: BLE001 - nobody waits for this task
            # Its agenda row still exists: the claim expires and the worker picks it up.
            log_failure(log, f"{workflow_id}: could not be advanced now", error)
            is_left = True
        finally:
            place.leave()
        if is_left:
            self._moves.expect(workflow_id, self._clock() + CLAIM)
        elif stored is None:  # what is due, if anything, isn't claimed for this replica
            self._moves.expect(workflow_id, self._clock())
        self._deliveries.expect(workflow_id, self._clock())

    def _note_due(self, workflow_id: str, due: Due) -> None:
        """Expect a row that this replica wrote, unless its claim means that it is running."""
        if due.claimed_until is None:
            self._moves.expect(workflow_id, due.at)

    def _note_announced(self, workflow_id: str) -> None:
        """Expect an announcement that this replica wrote, once others could go out with it."""
        self._deliveries.expect(workflow_id, self._clock() + TOGETHER)

    def _note_unanswered(self, workflow_id: str) -> None:
        """Expect what a change would have written, which nobody else would look for soon."""
        self._moves.expect_late(workflow_id)
        self._deliveries.expect_late(workflow_id)

    def _look_at(self, shards: Collection[str]) -> None:
        self._moves.look_at(shards)
        self._deliveries.look_at(shards)

    def _take_move(self, rows: Sequence[DueRow]) -> Work | None:
        [row] = rows
        lane = row.lane_at(self._clock())
        if not self._places.take(lane):
            return None
        return self._move(row, Place(self._places, _PATIENCE, lane))

    async def _move(self, row: DueRow, place: Place) -> None:
        try:
            await self._move_in(row, place)
        finally:
            place.leave()

    async def _move_in(self, row: DueRow, place: Place) -> None:
        if await self._move_unclaimed(row, place) or self._stopping.is_set():
            return
        mine = await self._agenda.claim(row, self._clock())
        if mine is None:
            self._moves.look_again([row])
            return
        try:
            # An expired claim means that its holder recorded no outcome.
            advanced = await self._engine.advance_from(
                mine.workflow_id, mine.interrupted_at, place.enter, mine.claimed_until
            )
        except (Unreadable, CorruptWorkflow) as error:
            if await self._unhandled.leave(self._agenda, [mine], error):
                return
            raise
        finally:
            self._deliveries.expect(row.workflow_id, self._clock())
        is_due = advanced.stored is not None and advanced.stored.due == mine.due
        if is_due and (place.refused or self._stopping.is_set()):
            await self._agenda.give_back(mine, place.refused)
            self._moves.look_again([mine])
        elif is_due:
            self._moves.expect(mine.workflow_id, mine.ready_at)
        if is_due:
            return
        if advanced.was_due != mine.due:
            # The row isn't its workflow's, so no move has removed it.
            await self._agenda.settle(mine)
        await self._hand_over(advanced.stored)

    async def _move_unclaimed(self, row: DueRow, place: Place) -> bool:
        """Move without a claim of the row if that only records; return whether it did."""
        try:
            stored = await self._engine.advance_unclaimed(row, place.enter)
        except Unreadable:
            return False  # it's handled under a claim
        if stored:
            self._deliveries.expect(row.workflow_id, self._clock())
            await self._hand_over(stored)
        return stored is not None

    async def _hand_over(self, stored: Stored[Head] | None) -> None:
        """When stopping, release the claim on a move that was recorded as due before that."""
        if self._stopping.is_set() and stored and stored.due:
            await self._agenda.give_back_new(stored.head.id, stored.due)

    def _take_delivery(self, rows: Sequence[DueRow]) -> Work | None:
        if self._delivering >= _DELIVERIES:
            return None
        self._delivering += 1
        return self._deliver(rows)

    async def _deliver(self, rows: Sequence[DueRow]) -> None:
        try:
            await self._deliver_in(rows)
        finally:
            self._delivering -= 1

    async def _deliver_in(self, rows: Sequence[DueRow]) -> None:
        if others := rows[_ROWS_AT_ONCE:]:
            self._deliveries.look_again(others)
        present = mine = rows[:_ROWS_AT_ONCE]
        now, workflow_id = self._clock(), rows[0].workflow_id
        try:
            for key, at in to_update_again(present).items():
                if at <= now:
                    await self._announcer.forget(workflow_id, key)
            delivery, mine = await self._claim_delivery(present)
            if not mine:
                self._deliveries.look_again(present)
                return
            outbox_rows = OutboxRows(mine, self._outbox, self._clock, self._jitter)
            await self._announcer.deliver(workflow_id, delivery, outbox_rows)
        except Unreadable as error:
            if await self._unhandled.leave(self._outbox, mine, error):
                return
            raise
        for until in outbox_rows.put_off_until:
            self._deliveries.expect(workflow_id, until)

    async def _claim_delivery(
        self, rows: Sequence[DueRow]
    ) -> tuple[Delivery | None, Sequence[DueRow]]:
        """Claim a workflow's messages and its outbox rows together; else the rows, one by one."""
        now = self._clock()
        claims = [claiming(row, now) for row in rows]
        if begun := await self._announcer.begin(rows[0].workflow_id, claims):
            delivery, etags = begun
            mine = [claimed(row, now, etag) for row, etag in zip(rows, etags, strict=True)]
            return delivery, mine
        one_by_one = [await self._outbox.claim(row, now) for row in rows]
        return None, [row for row in one_by_one if row]

    async def _put_back_periodically(self) -> None:
        while not self._stopping.is_set():
            try:
                await self._put_back()
            except Exception as error:  # noqa: BLE001 - it is checked again
                log_failure(log, "could not check the rows that other versions quarantined", error)
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(self._stopping.wait(), PUT_BACK_EVERY.total_seconds())

    async def _put_back(self) -> None:
        """Retry rows that only other versions couldn't handle."""
        now = self._clock()
        if self._put_back_at and now - self._put_back_at < PUT_BACK_EVERY:
            return
        self._put_back_at = now
        if count := await self._quarantine.put_back_of_others():
            log.info("retrying %d rows that another version had quarantined", count)
            self._look_at(keys.SHARDS)
