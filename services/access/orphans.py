"""How orphaned assignments are taken away."""

import logging
from collections.abc import Callable
from dataclasses import replace
from datetime import datetime
from hashlib import sha256

from domain.access.request import AzureAnswer
from domain.reconciliation import orphan as rules
from domain.reconciliation.orphan import Orphan, OrphanEffect, OrphanState
from domain.workflow import Change, Done, Move, Wait
from services.access.holds import has_shown, require_gone
from services.access.leases import Leases
from services.clock import Clock
from services.faults import Conflict, Fault, Locked, NotPermitted, Unavailable
from services.ports import AssignmentFacts, Assignments
from services.workflow.engine import Engine
from services.workflow.lanes import Lane

log = logging.getLogger(__name__)


class Orphans:
    """Begins to take away what is ours and nobody holds."""

    def __init__(self, engine: Engine, clock: Clock, kick: Callable[[str], None]) -> None:
        self._engine = engine
        self._clock = clock
        self._kick = kick

    async def take_away(self, facts: AssignmentFacts) -> None:
        """Begin the workflow that removes an assignment; harmless where it has begun."""
        orphan = Orphan(
            id=_orphan_id(facts),
            state=OrphanState.REVOKING,
            assignment=facts.assignment,
            description=facts.description,
            created_at=facts.created_at,
            found_at=self._clock(),
        )
        try:
            await self._engine.open(rules.find(orphan))
        except Conflict:
            return  # it is known, and being taken away
        log.warning("%s: no lease is on “%s”", orphan.id, facts.description)
        self._kick(orphan.id)


def _orphan_id(facts: AssignmentFacts) -> str:
    """Derive an orphan's id, so that one assignment is taken away by one workflow."""
    source = f"{facts.assignment.id}\n{facts.created_at}\n{facts.description}"
    return f"orp-{sha256(source.encode()).hexdigest()[:10]}"


class OrphanMoves:
    """The kind of workflow that an orphan is."""

    def __init__(
        self, leases: Leases, assignments: Assignments, clock: Clock, jitter: Callable[[], float]
    ) -> None:
        self._leases = leases
        self._assignments = assignments
        self._clock = clock
        self._jitter = jitter

    def next_move(self, head: Orphan, now: datetime) -> Move[str] | Wait | Done:
        return rules.next_move(head, now)

    def lane(self, effect: str) -> Lane:
        return Lane.ALARM if effect == OrphanEffect.RAISE_ALARM else Lane.ENDING

    def ends_at(self, head: Orphan) -> datetime | None:  # noqa: ARG002 - no time has to come
        return None

    def interrupted(self, head: Orphan, at: datetime) -> Orphan:
        """Note what a process that died by then may have sent."""
        return rules.note_unanswered(head, at)

    def alarm_at(self, head: Orphan) -> datetime | None:
        """Say when the alarm is due, whatever is under way then."""
        return rules.alarm_of(head)

    async def perform(self, effect: str, head: Orphan) -> Change[Orphan]:
        """Take it away, unless a grant was given on it since it was found.

        The lease row is taken first. A grant that comes later waits for the deletion, so that the
        deletion can never hit what that grant makes.
        """
        if effect == OrphanEffect.RAISE_ALARM:
            return rules.raise_alarm(head, self._clock())
        if not await self._leases.seize(head.assignment, head.id):
            return rules.spare(head, self._clock())
        is_shown = has_shown(head.created_at or head.found_at, self._clock())
        found = await self._delete(head, is_shown=is_shown)
        try:
            await require_gone(self._assignments, head.assignment, delete=found and not is_shown)
        except Fault as fault:
            log.warning("%s: could not revoke: %s", head.id, fault)
            return self.fail(effect, replace(head, was_found=head.was_found or found), fault)
        found = found or head.was_found
        # The one deletion that was not answered is what removed it, where no other found anything.
        is_certain = head.unanswered == 1 and not found
        await self._leases.forget(head.assignment, None if is_certain else head.may_vanish_until)
        return rules.revoke(head, found=found, now=self._clock())

    def fail(
        self,
        effect: str,  # noqa: ARG002 - the alarm asks nobody
        head: Orphan,
        fault: Fault,
    ) -> Change[Orphan]:
        """Put it off; it is never given up."""
        if fault.outcome_unknown:
            head = rules.note_unanswered(head, self._clock())
        retry_after = fault.retry_after if isinstance(fault, Unavailable) else None
        return rules.try_again(
            head,
            fault.cause,
            self._clock(),
            jitter=self._jitter(),
            retry_after=retry_after,
            answer=AzureAnswer(fault.status, fault.code),
        )

    async def _delete(self, orphan: Orphan, *, is_shown: bool) -> bool:
        """Delete an assignment; ``is_shown``: a read must know that it was made."""
        try:
            return await self._assignments.delete(orphan.assignment)
        except (NotPermitted, Locked):
            # Where the bot may not delete, somebody else may have done so: then the read decides.
            # Under a lock Azure refuses to delete what is not there, too.
            if not is_shown or await self._assignments.read(orphan.assignment):
                raise
            return False
