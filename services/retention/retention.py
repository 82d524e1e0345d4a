"""Archives each day's workflows when they are old enough, and then removes them."""

import asyncio
import logging
from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from hashlib import sha256

from domain.audit.checkpoint import root_of
from domain.counters.counters import WORKFLOW_ID as COUNTERS
from domain.counters.counters import Counters
from domain.retention import retention as rules
from domain.retention.retention import (
    WORKFLOW_ID,
    ArchivedBatch,
    Retention,
    RetentionEffect,
    may_be_removed,
)
from domain.workflow import Change, Move, Wait
from services.audit.counts.counted_parts import CountedParts
from services.audit.days.sealed_records import SealedRecords, leaves_of
from services.clock import Clock
from services.faults import Conflict, Fault, Rejected, Unavailable, described
from services.retention.archive import Archive
from services.retention.archived_lines import lines_of
from services.retention.removal import Removal
from services.retention.waiting import Waiting
from services.workflow.engine import Engine, Kind
from services.workflow.lanes import Lane
from services.workflow.ownership import require_owned
from services.workflow.workflows import Trail, Workflows

log = logging.getLogger(__name__)

IN_A_FILE = 500
"""How many workflows are archived in one move: some 5 MB."""

REMOVED_AT_ONCE = 50
"""How many workflows are removed in one move."""

_READ_AT_ONCE = 16
_REMOVED_TOGETHER = 4


@dataclass(frozen=True, slots=True)
class Keeping:
    """How long workflows are kept after their end, and where they go then.

    Without either, nothing is ever removed.
    """

    days: int
    archive: Archive | None


class RetentionMoves(Kind[Retention]):
    """Retention's kind of workflow, and its first start.

    What ended on a day is known from the counters. A day before their first start has those that
    ended later too, so it is as old as the day of that start.
    """

    def __init__(
        self,
        workflows: Workflows,
        engine: Engine,
        parts: CountedParts,
        records: SealedRecords,
        removal: Removal,
        waiting: Waiting,
        keeping: Keeping,
        clock: Clock,
        advance_soon: Callable[[str], None],
    ) -> None:
        self._workflows = workflows
        self._engine = engine
        self._parts = parts
        self._records = records
        self._removal = removal
        self._waiting = waiting
        self._keeping = keeping
        self._clock = clock
        self._advance_soon = advance_soon

    async def begin(self) -> None:
        """Begin, unless a replica has begun before."""
        if await self._workflows.load_as(Retention, WORKFLOW_ID):
            return
        try:
            await self._engine.open(Change(rules.first(self._clock())))
        except Conflict:
            log.info("another replica has begun with retention")
            return
        self._advance_soon(WORKFLOW_ID)

    def next_move(self, head: Retention, now: datetime) -> Move[str] | Wait:
        return rules.next_move(head, now)

    def lane(self, effect: str) -> Lane:  # noqa: ARG002 - all are alike
        return Lane.REST

    async def perform(self, effect: str, head: Retention) -> Change[Retention]:
        now, archive = self._clock(), self._keeping.archive
        if RetentionEffect(effect) is RetentionEffect.REMOVE and head.removing:
            return await self._remove(head, head.removing)
        if archive is None or not self._keeping.days:
            return rules.tomorrow(head, now)
        counters = await self._workflows.load_as(Counters, COUNTERS)
        if counters is None:
            return rules.tomorrow(head, now)
        day = head.next_day or counters.head.oldest
        old_enough = max(day, counters.head.begun) + timedelta(days=self._keeping.days)
        if day >= counters.head.next_day or _today(now) <= old_enough:
            return rules.tomorrow(head, now)
        if head.next_day is None:
            return rules.on_day(head, day, now)
        return await self._archive(head, day, archive)

    def fail(self, effect: str, head: Retention, fault: Fault) -> Change[Retention]:  # noqa: ARG002 - all are alike
        return rules.postpone(head, self._clock())

    async def _archive(self, head: Retention, day: date, archive: Archive) -> Change[Retention]:
        """Write the next workflows of a day to the archive, and read them back."""
        part = await self._parts.read(day, head.part)
        some = part.ended[head.start : head.start + IN_A_FILE] if part else ()
        if not some:
            is_last = part is None or part.is_last
            return rules.next_part(head, self._clock(), is_last=is_last)
        trails = await self._removable(some)
        if not trails:
            return rules.passed_by(head, len(some), self._clock())
        content = await asyncio.to_thread(lines_of, trails)
        digest = sha256(content).hexdigest()
        name = f"{day.isoformat()}/{head.part:04d}-{head.start:04d}-{digest[:16]}.jsonl"
        require_owned("the archive")
        await archive.keep(name, content)
        if await archive.read(name) != content:
            raise Rejected("the archive", f"{name} isn't what was written")
        leaves = [leaf for trail in trails for leaf in leaves_of(trail)]
        batch = ArchivedBatch(
            day=day,
            workflows=len(trails),
            leaves=len(leaves),
            root=root_of(leaves),
            name=name,
            digest=digest,
        )
        await self._records.keep(batch.root, leaves)
        return rules.archived(head, batch, len(some), self._clock())

    async def _removable(self, ids: Sequence[str]) -> list[Trail]:
        """Read the workflows that may be removed; a chain that is broken stays, as evidence."""
        held = await self._waiting.ids()
        trails: list[Trail] = []
        for start in range(0, len(ids), _READ_AT_ONCE):
            some = ids[start : start + _READ_AT_ONCE]
            trails += [
                trail
                for trail in await asyncio.gather(*map(self._readable, some))
                if trail and _may_be_removed(trail, held)
            ]
        return trails

    async def _readable(self, workflow_id: str) -> Trail | None:
        try:
            return await self._workflows.trail(workflow_id)
        except ValueError as error:
            log.warning("%s isn't archived: %s", workflow_id, described(error))
            return None

    async def _remove(self, head: Retention, batch: ArchivedBatch) -> Change[Retention]:
        """Remove some of a batch's workflows."""
        leaves = await self._records.listed(batch.root, batch.leaves)
        if root_of(leaves) != batch.root:
            cause = f"the list of {batch.name} isn't as it was written"
            raise Unavailable("Latchkey", cause, outcome_unknown=False)
        last = {leaf.workflow: leaf.number for leaf in sorted(leaves)}
        some = list(last.items())[head.removed : head.removed + REMOVED_AT_ONCE]
        today = _today(self._clock())
        for start in range(0, len(some), _REMOVED_TOGETHER):
            await asyncio.gather(
                *(
                    self._removal.remove(workflow_id, events, batch.root, today)
                    for workflow_id, events in some[start : start + _REMOVED_TOGETHER]
                )
            )
        is_all = head.removed + len(some) >= len(last)
        return rules.removed(head, len(some), self._clock(), is_all=is_all)


def _may_be_removed(trail: Trail, held: Collection[str]) -> bool:
    stored = trail.stored
    is_intact = trail.verify().flaw is None
    if not is_intact:
        log.warning("%s stays: its chain of events is broken", stored.head.id)
    return is_intact and may_be_removed(stored.head, stored.due, held)


def _today(now: datetime) -> date:
    return now.astimezone(UTC).date()
