"""How the moves of an access request are performed in Azure."""

import logging
from collections.abc import Awaitable, Callable
from datetime import datetime, timedelta

from domain import access, access_changes, break_glass, waiting, windows
from domain.access import AccessEffect, Request
from domain.durations import say_duration
from domain.workflow import Change, Done, Move, Wait
from services.engine import Clock
from services.faults import Fault, NotPermitted, Rejected, StandingAccess, Unavailable
from services.leases import Leases
from services.ports import Assignments

log = logging.getLogger(__name__)

Rotate = Callable[[Request], Awaitable[None]]

SHOWN_AFTER = timedelta(minutes=1)
"""How long Azure may take to show a new assignment to whoever reads it."""


class AccessMoves:
    """The kind of workflow that an access request is."""

    def __init__(
        self,
        leases: Leases,
        assignments: Assignments,
        clock: Clock,
        jitter: Callable[[], float],
        rotate: Rotate | None = None,
    ) -> None:
        """Take what moves need; ``rotate`` begins the rotation that follows a grant, once."""
        self._leases = leases
        self._assignments = assignments
        self._clock = clock
        self._jitter = jitter
        self._rotate = rotate

    def next_move(self, head: Request, now: datetime) -> Move[str] | Wait | Done:
        return access.next_move(head, now)

    async def perform(self, effect: str, head: Request) -> Change[Request]:
        match AccessEffect(effect):
            case AccessEffect.REMIND:
                return waiting.remind(head, self._clock())
            case AccessEffect.ESCALATE:
                return waiting.escalate(head, self._clock())
            case AccessEffect.ASK_REVIEW:
                return break_glass.ask_review(head, self._clock())
            case AccessEffect.WARN:
                return windows.warn(head, self._clock())
            case AccessEffect.LAPSE:
                return access_changes.lapse(head, self._clock())
            case AccessEffect.GRANT:
                return await self._grant(head)
            case AccessEffect.GIVE_UP:
                return self._give_up(head)
            case AccessEffect.END:
                return access_changes.end(head, self._clock())
            case AccessEffect.REVOKE:
                return await self._revoke(head)

    def fail(self, effect: str, head: Request, fault: Fault) -> Change[Request]:
        """Put the move off; only a grant that Azure will never make is given up at once."""
        now = self._clock()
        if effect == AccessEffect.GRANT and isinstance(fault, NotPermitted | Rejected):
            log.error("%s: %s will not grant: %s", head.id, fault.service, fault.cause)
            sentence = "Azure refused to make the role assignment. An admin has to look at it."
            return access_changes.give_up(head, sentence, now)
        retry_after = fault.retry_after if isinstance(fault, Unavailable) else None
        return access_changes.try_again(
            head, fault.cause, now, jitter=self._jitter(), retry_after=retry_after
        )

    async def _grant(self, request: Request) -> Change[Request]:
        assignment = request.granted.assignment
        await self._leases.acquire(assignment, request.id)
        try:
            await self._assignments.create(assignment, self._describe(request))
        except StandingAccess:
            # Azure allows one assignment per triple, so this one proves that ours is not there.
            await self._leases.abandon(assignment, request.id)
            sentence = (
                "This access exists already, assigned by someone else. "
                "It was left as it is, and nothing was added."
            )
            return access_changes.refuse_grant(request, sentence, self._clock())
        facts = await self._assignments.read(assignment)
        if facts is None:
            raise Unavailable("Azure Resource Manager", "the assignment is not there yet")
        if facts.assignment.id != assignment.id:
            raise Rejected("Azure Resource Manager", "the assignment under our id is another one")
        return access_changes.grant(request, facts.created_at, self._clock())

    def _give_up(self, request: Request) -> Change[Request]:
        patience = say_duration(access.GRANT_PATIENCE)
        sentence = f"Azure did not make the role assignment within {patience}."
        return access_changes.give_up(request, sentence, self._clock())

    async def _revoke(self, request: Request) -> Change[Request]:
        assignment = request.granted.assignment
        if not await self._leases.release(assignment, request.id):
            await self._rotate_after(request)
            return access_changes.revoke(request, shared=True, found=True, now=self._clock())
        found = await self._delete(request)
        if await self._assignments.read(assignment) is not None:
            raise Unavailable("Azure Resource Manager", "the assignment is still there")
        await self._leases.forget(assignment)
        await self._rotate_after(request)
        return access_changes.revoke(request, shared=False, found=found, now=self._clock())

    async def _rotate_after(self, request: Request) -> None:
        """Begin the rotation before the end is recorded: a crash in between begins it again."""
        if self._rotate and request.terms.rotate_after and request.failure is None:
            await self._rotate(request)

    async def _delete(self, request: Request) -> bool:
        assignment = request.granted.assignment
        try:
            return await self._assignments.delete(assignment)
        except NotPermitted:
            # Where the bot may not delete, somebody else may have done so, and where it may not
            # assign either, nothing was made: then the read decides.
            if not self._has_shown(request) or await self._assignments.read(assignment):
                raise
            return False

    def _has_shown(self, request: Request) -> bool:
        """Say whether a read must know by now of every attempt to make the assignment."""
        given_up_at = request.revoke_since if request.granted.granted_at is None else None
        return given_up_at is None or self._clock() >= given_up_at + SHOWN_AFTER

    def _describe(self, request: Request) -> str:
        """Name the request and the expiry, so that the assignment explains itself in Azure."""
        expires = self._clock() + request.window
        return (
            f"Latchkey {request.id}: access to {request.secret}, "
            f"expires {expires:%Y-%m-%dT%H:%M:%SZ}"
        )
