"""Answers to rotation plans; the first answer counts, regardless of later clicks."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from domain.people import Actor
from domain.refusals import PlanCancelled
from services.clock import Clock
from services.faults import Conflict
from services.storage import keys
from services.storage.table import Insert, Row, Table, Value


class PlanAnswer(StrEnum):
    CONFIRMED = "confirmed"
    CANCELLED = "cancelled"


@dataclass(frozen=True, slots=True)
class _Answered:
    answer: str
    object_id: str
    name: str
    at: datetime


class PlanAnswers:
    """The store of answers, by the ID of the planned rotation."""

    def __init__(self, table: Table, clock: Clock) -> None:
        self._table = table
        self._clock = clock

    async def confirm(self, actor: Actor, rotation_id: str) -> None:
        """Record that the plan was confirmed; raises PlanCancelled if it was cancelled before."""
        first = await self._first(PlanAnswer.CONFIRMED, actor, rotation_id)
        if first.answer == PlanAnswer.CANCELLED:
            raise PlanCancelled(first.name, first.at)

    async def cancel(self, actor: Actor, rotation_id: str) -> None:
        """Record that the plan was cancelled; raises PlanCancelled if it was cancelled before.

        A plan whose confirmation was refused can still be cancelled, since nothing happened.
        """
        first = await self._first(PlanAnswer.CANCELLED, actor, rotation_id)
        if first.answer == PlanAnswer.CANCELLED and first.object_id != actor.object_id:
            raise PlanCancelled(first.name, first.at)

    async def _first(self, answer: PlanAnswer, actor: Actor, rotation_id: str) -> _Answered:
        shard, key = keys.shard_of(rotation_id), keys.answered_key(rotation_id)
        now = self._clock()
        values: dict[str, Value] = {
            "answer": str(answer),
            "by": actor.object_id,
            "name": actor.name,
            "at": keys.instant(now),
        }
        if row := await self._table.get(shard, key):
            return _read(row)
        try:
            await self._table.transact(shard, [Insert(key, values)])
        except Conflict:
            return await self._first(answer, actor, rotation_id)
        return _Answered(str(answer), actor.object_id, actor.name, now)


def _read(row: Row) -> _Answered:
    values = row.values
    at = datetime.fromisoformat(str(values["at"]))
    return _Answered(str(values["answer"]), str(values["by"]), str(values["name"]), at)
