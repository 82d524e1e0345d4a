"""Begins drills, on command and on a schedule, one at a time."""

import logging
from collections.abc import Callable, Sequence
from contextlib import suppress
from datetime import UTC, datetime
from hashlib import sha256

from cronsim import CronSim

from domain.drill import drill as drill_rules
from domain.drill import drills as rules
from domain.drill.drill import Drill
from domain.drill.drills import WORKFLOW_ID, Drills, DrillsEffect
from domain.people import Actor
from domain.refusals.commands import PlanCancelled
from domain.refusals.drills import DrillUnderWay, NoDrillConfigured
from domain.refusals.records import NothingToSee
from domain.workflow import Change, Done, Move, Wait
from services.clock import Clock
from services.drill.canary import Canary
from services.faults import Conflict, Fault, Unavailable
from services.people.admins import Admins
from services.policies import Policies
from services.storage.table import Operation
from services.workflow.codec import Unreadable
from services.workflow.engine import Engine, Kind
from services.workflow.lanes import Lane
from services.workflow.plan_answers import PlanAnswers
from services.workflow.workflows import Workflows

log = logging.getLogger(__name__)

_MOST_TRIES = 3


class DrillPlans(Kind[Drills]):
    """The kind of workflow that begins drills, and what admins do with them."""

    def __init__(
        self,
        workflows: Workflows,
        engine: Engine,
        policies: Policies,
        admins: Admins,
        answers: PlanAnswers,
        clock: Clock,
        advance_soon: Callable[[str], None],
        canary: Canary | None,
        cron: str,
    ) -> None:
        """Take None for ``canary`` where no drill is configured, and "" for no schedule."""
        self._workflows = workflows
        self._engine = engine
        self._policies = policies
        self._admins = admins
        self._answers = answers
        self._clock = clock
        self._advance_soon = advance_soon
        self._canary = canary
        self._cron = cron if canary else ""

    async def sync(self) -> None:
        """Follow the configured schedule from now on; the same one keeps its next drill."""
        stored = await self._workflows.load_as(Drills, WORKFLOW_ID)
        head = stored.head if stored else rules.first()
        if head.cron == self._cron:
            return
        now = self._clock()
        changed = Change(rules.schedule(head, self._cron, _next(self._cron, now), now))
        try:
            if stored is None:
                await self._engine.open(changed)
            else:
                await self._engine.record(stored, changed)
        except Conflict:
            await self.sync()

    async def find(self, drill_id: str) -> Drill | None:
        """Find a drill; None if there is none with this ID."""
        stored = await self._workflows.load_as(Drill, drill_id)
        return stored.head if stored else None

    async def show(self, actor: Actor, drill_id: str) -> Drill:
        """Return a drill, to an admin; raises NothingToSee."""
        await self._admins.require(actor)
        if found := await self.find(drill_id):
            return found
        raise NothingToSee

    async def last(self) -> Drill | None:
        """Return the last drill; None before the first one."""
        stored = await self._workflows.load_as(Drills, WORKFLOW_ID)
        return await self.find(stored.head.last) if stored and stored.head.last else None

    async def plan(self, actor: Actor, drill_id: str) -> Drill:
        """Return what a drill would do, as an admin; it isn't stored."""
        await self._admins.require(actor)
        return self._draft(self._required(), drill_id, actor, None)

    async def start(self, actor: Actor, drill_id: str) -> Drill:
        """Begin a drill now, as an admin; if one with this ID exists, return that one.

        Raises DrillUnderWay if another one isn't over, and PlanCancelled if it was cancelled
        before it began.
        """
        await self._admins.require(actor)
        canary = self._required()
        while True:
            if begun := await self.find(drill_id):
                return begun
            await self._answers.confirm(actor, drill_id)
            stored = await self._workflows.load_as(Drills, WORKFLOW_ID)
            if stored is None:
                await self._open()
                continue
            if beginning := stored.head.beginning:
                if not await self._begin(beginning):
                    with suppress(Conflict):
                        await self._engine.record(stored, rules.drop(stored.head))
                elif beginning.id != drill_id:
                    raise DrillUnderWay(beginning.id)
                continue
            last = await self.find(stored.head.last)
            if last and not last.is_over:
                raise DrillUnderWay(last.id)
            drill = self._draft(canary, drill_id, actor, last)
            try:
                intended = rules.intend(stored.head, drill, stored.head.next_at, last)
                await self._engine.record(stored, intended)
            except Conflict:
                continue
            self._advance_soon(WORKFLOW_ID)  # the table may hang, and somebody waits

    async def cancel(self, actor: Actor, drill_id: str) -> bool:
        """Cancel a drill, as an admin; False if it has begun.

        Raises PlanCancelled if someone else cancelled it before.
        """
        await self._admins.require(actor)
        return not await self.find(drill_id) and await self._answers.cancel(actor, drill_id)

    async def last_proof(self) -> datetime | None:
        """Return when a drill last succeeded, or since when there is a schedule; None without."""
        stored = await self._workflows.load_as(Drills, WORKFLOW_ID)
        if stored is None or not stored.head.cron:
            return None
        last = await self.find(stored.head.last)
        proven_at = stored.head.proven_at
        if last and rules.proves(last) and last.access.gone_at:
            return max(proven_at or last.access.gone_at, last.access.gone_at)
        return proven_at

    def next_move(self, head: Drills, now: datetime) -> Move[str] | Wait | Done:
        return rules.next_move(head, now)

    def lane(self, effect: str) -> Lane:  # noqa: ARG002 - all are alike
        return Lane.REST

    async def perform(self, effect: str, head: Drills) -> Change[Drills]:
        if DrillsEffect(effect) is DrillsEffect.BEGIN and head.beginning:
            has_begun = await self._begin(head.beginning)
            return rules.begun(head) if has_begun else rules.drop(head)
        return await self._plan(head)

    def fail(self, effect: str, head: Drills, fault: Fault) -> Change[Drills]:
        """Try the same again a little later."""
        log.warning("could not %s a drill: %s", effect, fault)
        return rules.put_off(head, self._clock())

    async def _plan(self, head: Drills) -> Change[Drills]:
        """Plan the drill that is due; it makes up for all that were missed."""
        now, canary = self._clock(), self._canary
        if canary is None:
            return Change(rules.schedule(head, "", None, now))
        following = _next(head.cron, now)
        try:
            last = await self.find(head.last)
        except Unreadable as error:
            log.warning("%s is left to a version that can read it: %s", head.last, error)
            return rules.skip(head, following)
        if last and not last.is_over:
            log.warning("no drill is begun: %s isn't over", last.id)
            return rules.skip(head, following)
        drill = self._draft(canary, _due_id(head), None, last)
        return rules.intend(head, drill, following, last)

    async def _begin(self, drill: Drill) -> bool:
        """Begin a drill unless it has begun; False if it was cancelled before."""
        for _ in range(_MOST_TRIES):
            try:
                answered = await self._answered(drill)
                await self._engine.open(drill_rules.begin(drill, self._clock()), answered)
            except PlanCancelled:
                return False
            except Conflict:
                if await self.find(drill.id):
                    return True
            else:
                self._advance_soon(drill.id)
                return True
        raise Unavailable("Latchkey", f"{drill.id} keeps changing", outcome_unknown=False)

    async def _answered(self, drill: Drill) -> Sequence[Operation]:
        """Return what to store with a drill: that it was begun, if somebody asked for it."""
        if drill.asked_by is None:
            return ()
        return [await self._answers.confirm(drill.asked_by, drill.id)]

    async def _open(self) -> None:
        try:
            await self._engine.open(Change(rules.first()))
        except Conflict:
            return  # another replica was first

    def _draft(
        self, canary: Canary, drill_id: str, actor: Actor | None, last: Drill | None
    ) -> Drill:
        return drill_rules.first(
            drill_id,
            canary.target(self._policies),
            canary.principal,
            self._clock(),
            asked_by=actor,
            after_failure=last is not None and last.failure is not None,
        )

    def _required(self) -> Canary:
        if self._canary is None:
            raise NoDrillConfigured
        return self._canary


def _next(cron: str, now: datetime) -> datetime | None:
    """Return when a schedule is due next, in UTC; None without one."""
    return next(CronSim(cron, now.astimezone(UTC))) if cron else None


def _due_id(head: Drills) -> str:
    """Derive the ID of a scheduled drill from its time, so that replicas begin only one."""
    due = head.next_at.isoformat() if head.next_at else ""
    return f"drl-{sha256(due.encode()).hexdigest()[:10]}"
