"""Answers to plans that a button begins; the first answer counts, regardless of later clicks."""

from collections.abc import Mapping
from datetime import datetime
from enum import StrEnum

from domain.people import Actor
from domain.refusals.commands import PlanCancelled
from services.clock import Clock
from services.faults import Conflict
from services.storage import keys
from services.storage.table import Insert, Operation, Replace, Row, Table, Value


class PlanAnswer(StrEnum):
    CONFIRMED = "confirmed"
    STARTED = "started"
    """Confirmed, and its workflow is stored."""
    CANCELLED = "cancelled"


class PlanAnswers:
    """The store of answers, by the ID of the planned rotation, drill or erasure."""

    def __init__(self, table: Table, clock: Clock) -> None:
        self._table = table
        self._clock = clock

    async def confirm(self, actor: Actor, workflow_id: str) -> Operation:
        """Record that the plan was confirmed; raises PlanCancelled if it was cancelled before.

        Returns the change to store with the workflow, in one transaction. It conflicts if the plan
        was cancelled in the meantime.
        """
        row = await self._first(PlanAnswer.CONFIRMED, actor, workflow_id)
        if _answer(row) == PlanAnswer.CANCELLED:
            raise _cancelled(row)
        return Replace(row.key, {**row.values, "answer": str(PlanAnswer.STARTED)}, row.etag)

    async def cancel(self, actor: Actor, workflow_id: str) -> bool:
        """Record that the plan was cancelled; False if its workflow has started.

        Raises PlanCancelled if someone else cancelled it before. A plan that was confirmed can
        still be cancelled while its workflow isn't stored: it may have been refused.
        """
        row = await self._first(PlanAnswer.CANCELLED, actor, workflow_id)
        if _answer(row) == PlanAnswer.CONFIRMED:
            values = self._values(PlanAnswer.CANCELLED, actor)
            try:
                await self._table.transact(row.partition, [Replace(row.key, values, row.etag)])
            except Conflict:
                return await self.cancel(actor, workflow_id)
            return True
        if _answer(row) == PlanAnswer.CANCELLED and row.values["by"] != actor.object_id:
            raise _cancelled(row)
        return _answer(row) == PlanAnswer.CANCELLED

    async def _first(self, answer: PlanAnswer, actor: Actor, workflow_id: str) -> Row:
        """Return the row of the plan's answer; this one, if there was none before."""
        shard, key = keys.shard_of(workflow_id), keys.answered_key(workflow_id)
        if row := await self._table.get(shard, key):
            return row
        values = self._values(answer, actor)
        try:
            [etag] = await self._table.transact(shard, [Insert(key, values)])
        except Conflict:
            return await self._first(answer, actor, workflow_id)
        return Row(shard, key, values, etag)

    def _values(self, answer: PlanAnswer, actor: Actor) -> Mapping[str, Value]:
        return {
            "answer": str(answer),
            "by": actor.object_id,
            "name": actor.name,
            "at": keys.instant(self._clock()),
        }


def _answer(row: Row) -> str:
    return str(row.values["answer"])


def _cancelled(row: Row) -> PlanCancelled:
    return PlanCancelled(str(row.values["name"]), datetime.fromisoformat(str(row.values["at"])))
