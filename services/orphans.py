"""How orphaned assignments are taken away."""

from collections.abc import Callable
from datetime import datetime

from domain import orphan as rules
from domain.access import Answer
from domain.orphan import Orphan, OrphanEffect
from domain.workflow import Change, Done, Move, Wait
from services.engine import Clock
from services.faults import Fault, Locked, NotPermitted, Unavailable
from services.lanes import Lane
from services.leases import Leases
from services.ports import Assignments


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

    def lane(self, effect: str) -> Lane:  # noqa: ARG002 - all are alike
        return Lane.ENDING

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
        found = await self._delete(head)
        if await self._assignments.read(head.assignment) is not None:
            raise Unavailable(
                "Azure Resource Manager", "the assignment is still there", outcome_unknown=False
            )
        # The one deletion that was not answered is what removed it, where this one found nothing.
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
            answer=Answer(fault.status, fault.code),
        )

    async def _delete(self, orphan: Orphan) -> bool:
        try:
            return await self._assignments.delete(orphan.assignment)
        except (NotPermitted, Locked):
            # Where the bot may not delete, somebody else may have done so: then the read decides.
            # Under a lock Azure refuses to delete what is not there, too.
            if await self._assignments.read(orphan.assignment) is not None:
                raise
            return False
