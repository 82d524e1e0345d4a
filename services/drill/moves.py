"""Performs the moves of a drill: they are those of its access."""

from dataclasses import replace
from datetime import datetime

from domain.drill import drill as rules
from domain.drill.drill import Drill
from domain.workflow import Change, Done, Move, Wait
from services.access.granting.moves import AccessMoves
from services.clock import Clock
from services.faults import Fault
from services.workflow.lanes import Lane


class DrillMoves:
    """The drill's kind of workflow, on top of the moves that give and end everybody's access."""

    def __init__(self, access: AccessMoves, clock: Clock) -> None:
        self._access = access
        self._clock = clock

    def next_move(self, head: Drill, now: datetime) -> Move[str] | Wait | Done:
        return rules.next_move(head, now)

    def lane(self, effect: str) -> Lane:
        return self._access.lane(effect)

    def only_records(self, effect: str) -> bool:
        return self._access.only_records(effect)

    def ends_at(self, head: Drill) -> datetime | None:
        return self._access.ends_at(head.access)

    def alarm_at(self, head: Drill) -> datetime | None:
        return self._access.alarm_at(head.access)

    def interrupted(self, head: Drill, at: datetime) -> Drill:
        return replace(head, access=self._access.interrupted(head.access, at))

    def overtaken(self, head: Drill, tried: Drill) -> Drill:
        return replace(head, access=self._access.overtaken(head.access, tried.access))

    def hurried(self, head: Drill, now: datetime) -> Drill:
        return replace(head, access=self._access.hurried(head.access, now))

    async def perform(self, effect: str, head: Drill) -> Change[Drill]:
        done = await self._access.perform(effect, head.access)
        return rules.follow(head, done, self._clock())

    def fail(self, effect: str, head: Drill, fault: Fault) -> Change[Drill]:
        return rules.follow(head, self._access.fail(effect, head.access, fault), self._clock())
