"""What one grant does with one assignment: take hold of it, and let it go."""

from datetime import timedelta

from domain.access import Request
from domain.assignment import Assignment, End
from services.engine import Clock
from services.faults import Locked, NotPermitted, Rejected, Unavailable
from services.leases import Leases
from services.ports import AssignmentFacts, Assignments

SHOWN_AFTER = timedelta(minutes=1)
"""How long Azure may take to show a new assignment to whoever reads it."""

_LONGEST_NAMES = 400
"""How much of a description names secrets; Azure keeps no endless ones."""


class Holds:
    """Assignments under the leases of grants; each step is harmless when it is done again."""

    def __init__(self, leases: Leases, assignments: Assignments, clock: Clock) -> None:
        self._leases = leases
        self._assignments = assignments
        self._clock = clock

    async def take(self, request: Request, assignment: Assignment) -> AssignmentFacts:
        """Hold an assignment, make it, and read it back.

        Raises StandingAccess where somebody else assigned the same: it proves that ours is not
        there, since Azure allows one assignment per triple.
        """
        await self._leases.acquire(assignment, request.id)
        await self._assignments.create(assignment, self._describe(request, assignment))
        facts = await self._assignments.read(assignment)
        if facts is None:
            raise Unavailable(
                "Azure Resource Manager", "the assignment is not there yet", outcome_unknown=False
            )
        if facts.assignment.id != assignment.id:
            raise Rejected("Azure Resource Manager", "the assignment under our id is another one")
        return facts

    async def has_begun(self, request: Request) -> bool:
        """Say whether this grant holds any of its assignments, and so may have made it."""
        held = [await self._leases.holds(one, request.id) for one in request.assignments]
        return any(held)

    async def is_missing(self, assignment: Assignment) -> bool:
        """Say whether Azure shows no such assignment."""
        return await self._assignments.read(assignment) is None

    async def abandon(self, request: Request, assignment: Assignment) -> None:
        """Let go of an assignment that was certainly not made: there is nothing to delete."""
        await self._leases.abandon(assignment, request.id)

    async def let_go(self, request: Request, assignment: Assignment) -> End:
        """End the hold; the last one deletes the assignment and reads that back."""
        if not await self._leases.release(assignment, request.id):
            return End(shared=True, found=True)
        found = await self._delete(request, assignment)
        if await self._assignments.read(assignment) is not None:
            raise Unavailable(
                "Azure Resource Manager", "the assignment is still there", outcome_unknown=False
            )
        await self._leases.forget(assignment)
        return End(shared=False, found=found)

    async def _delete(self, request: Request, assignment: Assignment) -> bool:
        try:
            return await self._assignments.delete(assignment)
        except (NotPermitted, Locked):
            # Where the bot may not delete, somebody else may have done so, and where it may not
            # assign either, nothing was made: then the read decides. Under a lock Azure refuses to
            # delete what is not there, too.
            if not self._has_shown(request) or await self._assignments.read(assignment):
                raise
            return False

    def _has_shown(self, request: Request) -> bool:
        """Say whether a read must know by now of every attempt to make the assignment."""
        given_up_at = request.revoke_since if request.granted.granted_at is None else None
        return given_up_at is None or self._clock() >= given_up_at + SHOWN_AFTER

    def _describe(self, request: Request, assignment: Assignment) -> str:
        """Name the request and the expiry, so that the assignment explains itself in Azure."""
        expires = self._clock() + request.window
        return (
            f"Latchkey {request.id}: access to {_names(request.opened_by(assignment))}, "
            f"expires {expires:%Y-%m-%dT%H:%M:%SZ}"
        )


def _names(secrets: tuple[str, ...]) -> str:
    names = ", ".join(secrets)
    return names if len(names) <= _LONGEST_NAMES else f"{secrets[0]} and {len(secrets) - 1} more"
