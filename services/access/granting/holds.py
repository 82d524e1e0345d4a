"""How one grant takes and releases one assignment."""

import asyncio
import logging
from dataclasses import dataclass
from datetime import datetime

from domain.access.assignment import Assignment, End, description_start, is_described_as
from domain.access.request import Request
from domain.unknown_outcome import SHOWN_AFTER, later
from services.access.granting.leases import Leases
from services.clock import Clock
from services.faults import (
    Fault,
    LimitReached,
    Locked,
    NotPermitted,
    Rejected,
    StandingAccess,
    Unavailable,
    described,
)
from services.people.directory import BRIEFLY
from services.ports import AssignmentFacts, Assignments

log = logging.getLogger(__name__)

_LONGEST_NAMES = 400
"""The most characters of a description for secret names; Azure limits its length."""


@dataclass(frozen=True, slots=True)
class Held:
    """An assignment that a grant holds.

    ``seen``: it already existed for this grant before this attempt to create it.
    """

    facts: AssignmentFacts
    seen: bool


@dataclass(frozen=True, slots=True)
class Unshown:
    """An assignment whose creation Azure answered, but that no read has shown yet."""

    fault: Fault


@dataclass(frozen=True, slots=True)
class Released:
    """How an assignment ended for a grant, and until when it may still appear."""

    end: End
    may_appear_until: datetime | None


@dataclass(frozen=True, slots=True)
class Remains:
    """An assignment that may not be gone yet; ``found``: the deletion found it."""

    found: bool
    fault: Fault


class Holds:
    """Assignments under the leases of grants; every step is idempotent."""

    def __init__(self, leases: Leases, assignments: Assignments, clock: Clock) -> None:
        self._leases = leases
        self._assignments = assignments
        self._clock = clock

    async def take(self, request: Request, assignment: Assignment) -> Held | Unshown:
        """Lease an assignment, create it and read it back.

        Raises StandingAccess if someone else made the same assignment and it was read back. That
        proves that ours doesn't exist, since Azure allows one assignment per triple.
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
        except LimitReached:
            # Another grant of the same person may hold the assignment already.
            facts = await self._assignments.read(assignment)
            if facts is None or facts.assignment.id != assignment.id:
                raise
            return Held(facts, seen=False)
        try:
            facts = await self._assignments.read(assignment)
        except Fault as fault:
            return Unshown(fault)
        if facts is None:
            return Unshown(_lags("the assignment isn't there yet"))
        if facts.assignment.id != assignment.id:
            raise Rejected(
                "Azure Resource Manager", "the assignment under our ID is a different one"
            )
        return Held(facts, seen=False)

    async def _require_standing(self, assignment: Assignment, fault: StandingAccess) -> None:
        """Raise Unavailable unless the assignment reported as blocking can be read.

        It may be ours: one created by an unanswered request blocks the next request before
        reads show it.
        """
        if await self._assignments.standing(assignment) is None:
            raise _lags(f"{fault.cause}, but none is shown yet") from fault

    async def find_remaining(
        self, request: Request, assignment: Assignment
    ) -> AssignmentFacts | None:
        """Find an assignment left over from this request, which has ended."""
        facts = await self._assignments.read(assignment)
        is_ours = facts is not None and is_described_as(facts.description, request.id)
        return facts if is_ours else None

    async def has_begun(self, request: Request) -> bool:
        """Return whether this grant leases any of its assignments and so may have created it."""
        held = [await self._leases.holds(one, request.id) for one in request.assignments]
        return any(held)

    async def is_missing(self, assignment: Assignment) -> bool:
        """Return whether Azure shows no such assignment."""
        return await self._assignments.read(assignment) is None

    async def abandon(self, request: Request, assignment: Assignment) -> None:
        """End the lease without deleting the assignment, as there is nothing to delete."""
        await self._leases.abandon(assignment, request.id)

    async def let_go(self, request: Request, assignment: Assignment) -> Released | Remains:
        """End the lease; the last one deletes the assignment and verifies that with a read.

        While a read may not show a new assignment yet, it can't verify that: Azure may have
        answered the deletion and lost it. Then another deletion has to find nothing, too.

        The lease stays if the assignment may still appear; the later check deletes it again.
        """
        release = await self._leases.release(assignment, request.id, request.may_appear_until)
        if not release.is_last:
            kept = await self._is_kept(request, assignment)
            return Released(End(shared=True, found=kept), None)
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
        # If no answered deletion found it, the one unanswered deletion removed the assignment.
        was_found = found or assignment.id in request.removed
        is_alone = len(request.assignments) == 1
        is_certain = request.unanswered_ends == 1 and not was_found and is_alone
        may_vanish_until = None if is_certain else request.may_vanish_until
        await self._leases.forget(assignment, may_vanish_until)
        return Released(End(shared=False, found=found), None)

    async def _is_kept(self, request: Request, assignment: Assignment) -> bool:
        """Return whether the assignment that another grant needs is there, as far as is known."""
        made_by = request.granted.granted_at
        if made_by is None or not has_shown(made_by, self._clock()):
            return True
        return not await is_surely_gone(self._assignments, assignment)

    async def _delete(self, assignment: Assignment, *, is_shown: bool) -> bool:
        """Delete an assignment; ``is_shown``: reads must reflect every attempt to create it."""
        try:
            return await self._assignments.delete(assignment)
        except (NotPermitted, Locked):
            # Without permission to delete, someone else may have deleted it; without permission to
            # assign, nothing was created. So the read decides. Under a lock, Azure refuses even
            # to delete what doesn't exist.
            if not is_shown or await self._assignments.read(assignment):
                raise
            return False

    def _describe(self, request: Request, assignment: Assignment) -> str:
        """Describe the request and expiry, so that the assignment is traceable in Azure."""
        expires = self._clock() + request.window
        return (
            f"{description_start(request.id)} access to {_names(request.opened_by(assignment))}, "
            f"expires {expires:%Y-%m-%dT%H:%M:%SZ}"
        )


def has_shown(made_by: datetime, now: datetime) -> bool:
    """Return whether reads must reflect what was created by ``made_by``."""
    return now >= made_by + SHOWN_AFTER


async def is_surely_gone(assignments: Assignments, assignment: Assignment) -> bool:
    """Return whether Azure says that an assignment which it has shown is gone.

    It has a short timeout; without an answer nothing is gone.
    """
    try:
        async with asyncio.timeout(BRIEFLY.total_seconds()):
            return await assignments.read(assignment) is None
    except (Fault, TimeoutError) as fault:
        log.warning(
            "can't say whether the assignment %s is there: %s", assignment.id, described(fault)
        )
        return False


async def require_gone(assignments: Assignments, assignment: Assignment, *, delete: bool) -> None:
    """Raise Unavailable unless a read confirms that a deleted assignment is gone.

    ``delete``: it's too early to rely on the read alone, so another deletion has to find nothing.
    """
    if delete and await assignments.delete(assignment):
        raise _lags("the assignment was deleted, and is there again")
    if await assignments.read(assignment) is not None:
        raise _lags("the assignment is still there")


def _lags(cause: str) -> Unavailable:
    """Return the fault for a change that Azure accepted but doesn't show yet."""
    return Unavailable("Azure Resource Manager", cause, outcome_unknown=False)


def _names(secrets: tuple[str, ...]) -> str:
    names = ", ".join(secrets)
    return names if len(names) <= _LONGEST_NAMES else f"{secrets[0]} and {len(secrets) - 1} more"
