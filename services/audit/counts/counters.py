"""Counts every day, in order, when it is over."""

import logging
from collections.abc import Callable
from datetime import datetime

from domain.counters import counters as rules
from domain.counters.counters import WORKFLOW_ID, Counters
from domain.workflow import Change, Move, Wait
from services.audit.counts.counting import Counting
from services.clock import Clock
from services.faults import Conflict, Fault
from services.storage.table import Table
from services.workflow.engine import Engine, Kind
from services.workflow.lanes import Lane
from services.workflow.lists import former_history, history_rows
from services.workflow.workflows import Workflows

log = logging.getLogger(__name__)


class CounterMoves(Kind[Counters]):
    """The counters' kind of workflow, and its first start."""

    def __init__(
        self,
        table: Table,
        workflows: Workflows,
        engine: Engine,
        counting: Counting,
        clock: Clock,
        advance_soon: Callable[[str], None],
    ) -> None:
        self._table = table
        self._workflows = workflows
        self._engine = engine
        self._counting = counting
        self._clock = clock
        self._advance_soon = advance_soon

    async def begin(self) -> None:
        """Begin with the oldest month in the history, unless a replica has begun before."""
        if await self._workflows.load_as(Counters, WORKFLOW_ID):
            return
        months = (former_history.MONTHS, history_rows.MONTHS)
        found = [await history_rows.oldest_month(self._table, one) for one in months]
        oldest = min((one for one in found if one), default=None)
        try:
            await self._engine.open(Change(rules.first(self._clock(), oldest)))
        except Conflict:
            log.info("another replica has begun with the counters")
            return
        self._advance_soon(WORKFLOW_ID)

    def next_move(self, head: Counters, now: datetime) -> Move[str] | Wait:
        return rules.next_move(head, now)

    def lane(self, effect: str) -> Lane:  # noqa: ARG002 - all are alike
        return Lane.REST

    async def perform(self, effect: str, head: Counters) -> Change[Counters]:  # noqa: ARG002 - there is one
        is_last = await self._counting.count(head.next_day, head.part, begun=head.begun)
        return rules.counted(head, is_last=is_last)

    def fail(self, effect: str, head: Counters, fault: Fault) -> Change[Counters]:  # noqa: ARG002 - all are alike
        return rules.postpone(head, self._clock())
