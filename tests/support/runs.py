"""A kind of workflow with a single move, to test what the engine and the worker do around moves."""

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime

from domain.rotation.schedule import ScheduledRotation
from domain.workflow import Change, Done, Move, Wait
from services.faults import Fault
from services.workflow.due.agenda import DueRow
from services.workflow.engine import Kind
from services.workflow.lanes import Lane
from tests.support.builders import HOUR
from tests.support.clock import NINE
from tests.support.replica import Replica, World
from tests.support.rotation.builders import DAY, a_schedule

NOON = NINE + 3 * HOUR
NAME = "sch-one"


class Runs(Kind[ScheduledRotation]):
    """A workflow that runs at ``run_at``, once a day; a run that failed is due an hour later."""

    def __init__(self, clock: Callable[[], datetime]) -> None:
        self._clock = clock
        self.records = False
        """Whether a run changes nothing outside."""
        self.still_to_come: Callable[[ScheduledRotation], ScheduledRotation] = lambda head: head
        """Notes what a run may still do on a head that was recorded before its outcome."""
        self.alarm: datetime | None = None
        self.ends: datetime | None = None
        self.faults: list[Fault] = []
        self.failed: list[str] = []
        self.ran: list[ScheduledRotation] = []

    def next_move(self, head: ScheduledRotation, now: datetime) -> Move[str] | Wait | Done:
        if head.run_at is None:
            return Done()
        return Move("run") if head.run_at <= now else Wait(head.run_at)

    def lane(self, effect: str) -> Lane:
        return {"run": Lane.ROTATION}[effect]

    def only_records(self, effect: str) -> bool:
        return {"run": self.records}[effect]

    def ends_at(self, head: ScheduledRotation) -> datetime | None:
        return self.ends

    async def meanwhile(self) -> None:
        """Happens during a run."""

    async def perform(self, effect: str, head: ScheduledRotation) -> Change[ScheduledRotation]:
        await self.meanwhile()
        self.ran.append(head)
        return Change(replace(head, run_at=self._clock() + DAY))

    def fail(self, effect: str, head: ScheduledRotation, fault: Fault) -> Change[ScheduledRotation]:
        self.faults.append(fault)
        self.failed.append(effect)
        again = self._clock() + HOUR
        return Change(replace(head, run_at=again, retry_at=again))

    def interrupted(self, head: ScheduledRotation, at: datetime) -> ScheduledRotation:
        return replace(head, check_at=at)

    def overtaken(self, head: ScheduledRotation, tried: ScheduledRotation) -> ScheduledRotation:
        return self.still_to_come(head)

    def hurried(self, head: ScheduledRotation, now: datetime) -> ScheduledRotation:
        return replace(head, run_at=now, retry_at=None) if head.retry_at else head

    def alarm_at(self, head: ScheduledRotation) -> datetime | None:
        return self.alarm


async def opened(
    world: World,
    run_at: datetime | None = NOON,
    retry_at: datetime | None = None,
    ends: datetime | None = None,
) -> tuple[Replica, Runs]:
    """Return a replica with one workflow, which by default runs at noon."""
    replica = Replica(world)
    kind = Runs(replica.clock)
    kind.ends = ends
    replica.engine.register(ScheduledRotation, kind)
    await replica.engine.open(Change(a_schedule(run_at=run_at, retry_at=retry_at)))
    return replica, kind


async def row_of(replica: Replica) -> DueRow:
    [row] = await replica.agenda.late(NINE + 9 * DAY)
    return row
