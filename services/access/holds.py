"""What one grant does with one assignment: take hold of it, and let it go."""

from dataclasses import dataclass
from datetime import datetime

from domain.access.assignment import Assignment, End, description_start, is_described_as
from domain.access.request import Request
from domain.unknown_outcome import SHOWN_AFTER, later
from services.access.leases import Leases
from services.clock import Clock
from services.faults import Fault, Locked, NotPermitted, Rejected, StandingAccess, Unavailable
from services.ports import AssignmentFacts, Assignments

_LONGEST_NAMES = 400
"""How much of a description names secrets; Azure keeps no endless ones."""


@dataclass(frozen=True, slots=True)
class Held:
    """An assignment that a grant holds.

    ``seen``: it had come to be, for this grant, before it was asked for once more.
    """

    facts: AssignmentFacts
    seen: bool


@dataclass(frozen=True, slots=True)
class Unshown:
    """An assignment that Azure was asked for, and answered, and that no read has shown yet."""

    fault: Fault


@dataclass(frozen=True, slots=True)
class Released:
    """How an assignment ended for a grant, and until when it may still come to be."""

    end: End
    may_appear_until: datetime | None


@dataclass(frozen=True, slots=True)
class Remains:
    """An assignment that is not certainly gone yet; ``found``: the deletion found it."""

    found: bool
    fault: Fault


class Holds:
    """Assignments under the leases of grants; each step is harmless when it is done again."""

    def __init__(self, leases: Leases, assignments: Assignments, clock: Clock) -> None:
        self._leases = leases
        self._assignments = assignments
        self._clock = clock

    async def take(self, request: Request, assignment: Assignment) -> Held | Unshown:
        """Hold an assignment, make it, and read it back.

        Raises StandingAccess where somebody else assigned the same, and that was read: it proves
        that ours is not there, since Azure allows one assignment per triple.
        """
        await self._leases.acquire(assignment, request.id)
        if request.unanswered:
            facts = await self._assignments.read(assignment)
            if facts and is_described_as(facts.description, request.id):
                return Held(facts, seen=True)
        try:
            await self._assignments.create(assignment, self._describe(request, assignment))
        except StandingAccess as fault:
            await self._require_standing(assignment, fault)
            raise
        try:
            facts = await self._assignments.read(assignment)
        except Fault as fault:
            return Unshown(fault)
        if facts is None:
            return Unshown(_lags("the assignment is not there yet"))
        if facts.assignment.id != assignment.id:
            raise Rejected("Azure Resource Manager", "the assignment under our id is another one")
        return Held(facts, seen=False)

    async def _require_standing(self, assignment: Assignment, fault: StandingAccess) -> None:
        """Raise Unavailable unless the assignment that is said to be in the way can be read.

        It may be ours: what an unanswered request made is in the way of the next one, and reads
        show it later than that.
        """
        if await self._assignments.standing(assignment) is None:
            raise _lags(f"{fault.cause}, and none is shown yet") from fault

    async def find_left(self, request: Request, assignment: Assignment) -> AssignmentFacts | None:
        """Find an assignment that was made for this request, although it is over."""
        facts = await self._assignments.read(assignment)
        is_ours = facts is not None and is_described_as(facts.description, request.id)
        return facts if is_ours else None

    async def has_begun(self, request: Request) -> bool:
        """Say whether this grant holds any of its assignments, and so may have made it."""
        held = [await self._leases.holds(one, request.id) for one in request.assignments]
        return any(held)

    async def is_missing(self, assignment: Assignment) -> bool:
        """Say whether Azure shows no such assignment."""
        return await self._assignments.read(assignment) is None

    async def abandon(self, request: Request, assignment: Assignment) -> None:
        """Let go of an assignment without deleting it: there is nothing to delete."""
        await self._leases.abandon(assignment, request.id)

    async def let_go(self, request: Request, assignment: Assignment) -> Released | Remains:
        """End the hold; the last one deletes the assignment and reads that back.

        While a read may not show yet what was made, it can't tell a deletion that was carried out
        from one that Azure answered and lost: another deletion has to find nothing then.

        It stays held where it may still come to be: whoever looks again then deletes it again.
        """
        release = await self._leases.release(assignment, request.id, request.may_appear_until)
        if not release.is_last:
            return Released(End(shared=True, found=True), None)
        made_by = later(
            request.granted.granted_at or request.revoke_since, release.may_appear_until
        )
        is_shown = made_by is None or has_shown(made_by, self._clock())
        found = await self._delete(assignment, is_shown=is_shown)
        try:
            await require_gone(self._assignments, assignment, delete=found and not is_shown)
        except Fault as fault:
            return Remains(found, fault)
        until = release.may_appear_until
        if until and self._clock() < until:
            return Released(End(shared=False, found=found), until)
        # The one deletion that was not answered is what removed it, where no other found anything.
        was_found = found or assignment.id in request.removed
        is_alone = len(request.assignments) == 1
        is_certain = request.unanswered_ends == 1 and not was_found and is_alone
        may_vanish_until = None if is_certain else request.may_vanish_until
        await self._leases.forget(assignment, may_vanish_until)
        return Released(End(shared=False, found=found), None)

    async def _delete(self, assignment: Assignment, *, is_shown: bool) -> bool:
        """Delete an assignment; ``is_shown``: a read must know of every attempt to make it."""
        try:
            return await self._assignments.delete(assignment)
        except (NotPermitted, Locked):
            # Where the bot may not delete, somebody else may have done so, and where it may not
            # assign either, nothing was made: then the read decides. Under a lock Azure refuses to
            # delete what is not there, too.
            if not is_shown or await self._assignments.read(assignment):
                raise
            return False

    def _describe(self, request: Request, assignment: Assignment) -> str:
        """Name the request and the expiry, so that the assignment explains itself in Azure."""
        expires = self._clock() + request.window
        return (
            f"{description_start(request.id)} access to {_names(request.opened_by(assignment))}, "
            f"expires {expires:%Y-%m-%dT%H:%M:%SZ}"
        )


def has_shown(made_by: datetime, now: datetime) -> bool:
    """Say whether a read must know by now of what was made by then."""
    return now >= made_by + SHOWN_AFTER


async def require_gone(assignments: Assignments, assignment: Assignment, *, delete: bool) -> None:
    """Raise Unavailable unless Azure shows nothing where an assignment was deleted.

    ``delete``: a read alone is too early to know, so another deletion has to find nothing, too.
    """
    if delete and await assignments.delete(assignment):
        raise _lags("the assignment was deleted, and is there again")
    if await assignments.read(assignment) is not None:
        raise _lags("the assignment is still there")


def _lags(cause: str) -> Unavailable:
    """Return the fault of what Azure was asked, and does not show yet."""
    return Unavailable("Azure Resource Manager", cause, outcome_unknown=False)


def _names(secrets: tuple[str, ...]) -> str:
    names = ", ".join(secrets)
    return names if len(names) <= _LONGEST_NAMES else f"{secrets[0]} and {len(secrets) - 1} more"
