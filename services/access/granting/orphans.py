"""Removes orphaned assignments."""

import logging
from collections.abc import Callable
from dataclasses import replace
from datetime import datetime
from hashlib import sha256

from domain.access.grant import AzureAnswer
from domain.reconciliation import orphan as rules
from domain.reconciliation.orphan import Orphan, OrphanEffect, OrphanState
from domain.workflow import Change, Done, Move, Wait
from services.access.granting.holds import has_shown, require_gone
from services.access.granting.leases import Leases
from services.access.granting.moves import NoteRevoking
from services.clock import Clock
from services.faults import Conflict, Fault, Locked, NotPermitted
from services.ports import AssignmentFacts, Assignments
from services.workflow.engine import Engine
from services.workflow.lanes import Lane

log = logging.getLogger(__name__)


class Orphans:
    """Starts the removal of assignments that are ours but have no lease."""

    def __init__(self, engine: Engine, clock: Clock, advance_soon: Callable[[str], None]) -> None:
        self._engine = engine
        self._clock = clock
        self._advance_soon = advance_soon

    async def take_away(self, facts: AssignmentFacts) -> None:
        """Start the workflow that removes an assignment; does nothing if it has started."""
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
            return  # its removal has already started
        log.warning("%s: no lease for “%s”", orphan.id, facts.description)
        self._advance_soon(orphan.id)


def _orphan_id(facts: AssignmentFacts) -> str:
    """Derive an orphan's ID, so that only one workflow removes an assignment."""
    source = f"{facts.assignment.id}\n{facts.created_at}\n{facts.description}"
    return f"orp-{sha256(source.encode()).hexdigest()[:10]}"


class OrphanMoves:
    """The orphan's kind of workflow."""

    def __init__(
        self,
        leases: Leases,
        assignments: Assignments,
        clock: Clock,
        jitter: Callable[[], float],
        note_revoking: NoteRevoking,
    ) -> None:
        self._leases = leases
        self._assignments = assignments
        self._clock = clock
        self._jitter = jitter
        self._note_revoking = note_revoking

    def next_move(self, head: Orphan, now: datetime) -> Move[str] | Wait | Done:
        return rules.next_move(head, now)

    def lane(self, effect: str) -> Lane:
        return Lane.ALARM if effect == OrphanEffect.RAISE_ALARM else Lane.ENDING

    def only_records(self, effect: str) -> bool:
        return effect == OrphanEffect.RAISE_ALARM

    def ends_at(self, head: Orphan) -> datetime | None:  # noqa: ARG002 - it is always due
        return None

    def interrupted(self, head: Orphan, at: datetime) -> Orphan:
        """Note what a crashed process may have sent until then."""
        return rules.note_unanswered(head, at)

    def overtaken(self, head: Orphan, tried: Orphan) -> Orphan:
        """Note what a try has sent whose outcome couldn't be recorded."""
        return rules.overtaken(head, tried)

    def hurried(self, head: Orphan, now: datetime) -> Orphan:
        """Make a removal due now that waits for Azure to answer."""
        return rules.hurry(head, now)

    def alarm_at(self, head: Orphan) -> datetime | None:
        """Return when the alarm is due, even during a move."""
        return rules.alarm_of(head)

    async def perform(self, effect: str, head: Orphan) -> Change[Orphan]:
        """Delete it, unless a grant has leased it since it was found.

        The lease row is reserved first. A later grant waits for the deletion, so that the deletion
        can never remove what that grant creates.
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
        self._note_revoking(None)
        found = found or head.was_found
        # If no answered deletion found it, the one unanswered deletion removed the assignment.
        is_certain = head.unanswered == 1 and not found
        await self._leases.forget(head.assignment, None if is_certain else head.may_vanish_until)
        return rules.revoke(head, found=found, now=self._clock())

    def fail(
        self,
        effect: str,  # noqa: ARG002 - the protocol has it
        head: Orphan,
        fault: Fault,
    ) -> Change[Orphan]:
        """Retry later; the removal is retried forever."""
        self._note_revoking(fault)
        if fault.outcome_unknown:
            head = rules.note_unanswered(head, self._clock())
        return rules.try_again(
            head,
            fault.cause,
            self._clock(),
            jitter=self._jitter(),
            retry_after=fault.retry_after,
            answer=AzureAnswer(fault.status, fault.code),
        )

    async def _delete(self, orphan: Orphan, *, is_shown: bool) -> bool:
        """Delete an assignment; ``is_shown``: reads must reflect its creation."""
        try:
            return await self._assignments.delete(orphan.assignment)
        except (NotPermitted, Locked):
            # Without permission to delete, someone else may have deleted it, so the read decides.
            # Under a lock, Azure refuses even to delete what doesn't exist.
            if not is_shown or await self._assignments.read(orphan.assignment):
                raise
            return False
