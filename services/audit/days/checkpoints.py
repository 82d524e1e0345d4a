"""Makes the checkpoint of every day, and verifies days."""

import asyncio
import logging
from dataclasses import replace
from datetime import date, datetime

from domain.audit.checkpoint import DayVerdict, judge, take
from domain.checkpoints import checkpoints as rules
from domain.checkpoints.checkpoints import (
    WORKFLOW_ID,
    Checkpoints,
    CheckpointsEffect,
)
from domain.people import Actor
from domain.refusals.records import NoCheckpoint
from domain.workflow import Change, Move, Wait
from services.audit.days.day_leaves import DayLeaves, DayReading
from services.audit.days.recorded_days import recorded_days
from services.audit.days.sealed_records import SealedRecords
from services.clock import Clock
from services.faults import Conflict, Fault
from services.people.admins import Admins
from services.progress import ProgressCount
from services.workflow.engine import Engine, Kind
from services.workflow.lanes import Lane
from services.workflow.workflows import Workflows

log = logging.getLogger(__name__)


class CheckpointMoves(Kind[Checkpoints]):
    """The checkpoints' kind of workflow, and its first start.

    The engine records a checkpoint only if no other replica has, and has the next day due in the
    same transaction. So each day gets exactly one, also after days without any replica.
    """

    def __init__(
        self, workflows: Workflows, engine: Engine, leaves: DayLeaves, clock: Clock
    ) -> None:
        self._workflows = workflows
        self._engine = engine
        self._leaves = leaves
        self._clock = clock
        self._reading: DayReading | None = None

    async def begin(self) -> None:
        """Begin with the present day, unless a replica has begun before."""
        if await self._workflows.load_as(Checkpoints, WORKFLOW_ID):
            return
        try:
            await self._engine.open(Change(rules.first(self._clock())))
        except Conflict:
            log.info("another replica has begun with the checkpoints")

    def next_move(self, head: Checkpoints, now: datetime) -> Move[str] | Wait:
        return rules.next_move(head, now)

    def lane(self, effect: str) -> Lane:  # noqa: ARG002 - all are alike
        return Lane.REST

    async def perform(self, effect: str, head: Checkpoints) -> Change[Checkpoints]:
        if CheckpointsEffect(effect) is CheckpointsEffect.TIDY and head.to_tidy:
            has_more = await self._leaves.tidy(head.to_tidy)
            return Change(head if has_more else rules.tidied(head))
        leaves = await self._leaves.read_on(self._reading_of(head.next_day))
        # In a thread, since hashing many would block other work for too long.
        taken = await asyncio.to_thread(take, head.next_day, leaves, head.last_hash)
        await self._leaves.keep(taken, leaves)
        self._reading = None
        return rules.record(head, taken, self._clock())

    def _reading_of(self, day: date) -> DayReading:
        """Return what a try that was cut off has read: nothing is added to a day that is over."""
        if self._reading is None or self._reading.day != day:
            self._reading = DayReading(day)
        return self._reading

    def fail(self, effect: str, head: Checkpoints, fault: Fault) -> Change[Checkpoints]:  # noqa: ARG002 - all are alike
        return rules.postpone(head, self._clock())


class Days:
    """Verifies days for admins."""

    def __init__(
        self, workflows: Workflows, leaves: DayLeaves, sealed: SealedRecords, admins: Admins
    ) -> None:
        self._workflows = workflows
        self._leaves = leaves
        self._sealed = sealed
        self._admins = admins

    async def verify(
        self, actor: Actor, day: date, count: ProgressCount | None = None
    ) -> DayVerdict:
        """Compare a day's checkpoint with the table; raises NoCheckpoint if there is none."""
        count = count or ProgressCount()
        await self._admins.require(actor)
        recorded = await recorded_days(self._workflows)
        checkpoints = [one for one in recorded.checkpoints if one.day <= day]
        if not checkpoints or checkpoints[-1].day != day:
            raise NoCheckpoint(day.isoformat())
        listed = await self._leaves.listed(checkpoints[-1])
        count.expect(len(listed))
        now = await self._leaves.now(listed, count)
        ids = [leaf.workflow for leaf in listed]
        found = dict(zip(ids, now, strict=True))
        archived = await self._sealed.archived(one for one in listed if found[one.workflow] is None)
        found |= {leaf.workflow: leaf for leaf in archived}
        found |= {leaf.workflow: leaf for leaf in await self._leaves.read(day, but=ids)}
        verdict = judge(checkpoints, listed, found, is_unbroken=recorded.is_unbroken)
        return replace(verdict, archived=tuple(sorted(archived.values())))
