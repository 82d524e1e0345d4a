"""How the moves of an access request are performed in Azure."""

import asyncio
import logging
from collections.abc import Awaitable, Callable, Mapping, Sequence
from datetime import datetime
from typing import TypeVar

from domain import access, access_changes, access_failures, break_glass, waiting, windows
from domain.access import AccessEffect, Request
from domain.assignment import Assignment
from domain.names import listed
from domain.workflow import Change, Done, Move, Wait
from services.access_holds import Holds
from services.approvers import Approvers
from services.engine import Clock
from services.faults import Fault, NotPermitted, Rejected, StandingAccess, Unavailable
from services.leases import Leases
from services.ports import Assignments
from services.still_readable import StillReadable

log = logging.getLogger(__name__)

T = TypeVar("T")
Rotate = Callable[[Request, str], Awaitable[None]]

_ASK_PEOPLE = frozenset({AccessEffect.REMIND, AccessEffect.ESCALATE, AccessEffect.ASK_REVIEW})
"""What asks those who decide: whoever they are by today's rules."""

_NEVER = (StandingAccess, NotPermitted, Rejected)
"""What Azure says of an assignment that it will never make."""


class AccessMoves:
    """The kind of workflow that an access request is."""

    def __init__(
        self,
        leases: Leases,
        assignments: Assignments,
        clock: Clock,
        jitter: Callable[[], float],
        rotate: Rotate | None = None,
        approvers: Approvers | None = None,
        still: StillReadable | None = None,
    ) -> None:
        """Take what moves need; ``rotate`` begins the rotation of a secret, once a grant.

        ``approvers`` knows who has left, and who is asked by today's rules; ``still`` knows what
        somebody can read by another grant.
        """
        self._holds = Holds(leases, assignments, clock)
        self._clock = clock
        self._jitter = jitter
        self._rotate = rotate
        self._approvers = approvers
        self._still = still

    def next_move(self, head: Request, now: datetime) -> Move[str] | Wait | Done:
        return access.next_move(head, now)

    async def perform(self, effect: str, head: Request) -> Change[Request]:
        follow = None
        if self._approvers and AccessEffect(effect) in _ASK_PEOPLE:
            follow = await self._approvers.change(head)
        if follow is None:
            return await self._perform(effect, head)
        asked = await self._perform(effect, follow.head)
        return Change(asked.head, (*follow.events, *asked.events))

    async def _perform(self, effect: str, head: Request) -> Change[Request]:
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
                sentence = access_failures.of_lost_patience(head)
                return access_changes.give_up(head, sentence, self._clock())
            case AccessEffect.END:
                return access_changes.end(head, self._clock())
            case AccessEffect.REVOKE:
                return await self._revoke(head)

    def fail(
        self,
        effect: str,  # noqa: ARG002 - each is tried again alike
        head: Request,
        fault: Fault,
    ) -> Change[Request]:
        """Put the move off; a revocation is never given up."""
        return self._try_again(head, fault.cause, fault)

    async def _grant(self, request: Request) -> Change[Request]:
        """Make every assignment; where Azure will never make one of them nothing is granted."""
        if self._approvers and (left := await self._approvers.who_left(request)):
            return access_changes.give_up(request, left.sentence, self._clock())
        made, faults = await _with_each(request, self._holds.take)
        never = [(one, fault) for one, fault in faults.items() if isinstance(fault, _NEVER)]
        if never:
            return await self._refuse(request, *never[0])
        if faults:
            return self._put_off(access_changes.note_made(request, made), faults)
        created = _latest([facts.created_at for facts in made.values()])
        return access_changes.grant(request, created, self._clock())

    async def _refuse(
        self, request: Request, assignment: Assignment, fault: Fault
    ) -> Change[Request]:
        """End a grant that lacks an assignment; what was made of it is taken away first."""
        log.error("%s: %s will not grant: %s", request.id, fault.service, fault.cause)
        now = self._clock()
        if not isinstance(fault, StandingAccess):
            sentence = access_failures.of_refusal(request, assignment)
            return access_changes.give_up(request, sentence, now)
        sentence = access_failures.of_standing_access(request, assignment)
        if len(request.assignments) > 1:
            return access_changes.give_up(request, sentence, now)
        await self._holds.abandon(request, assignment)
        return access_changes.refuse_grant(request, sentence, now)

    async def _revoke(self, request: Request) -> Change[Request]:
        """Let go of every assignment; the access is gone when all of them are."""
        ends, faults = await _with_each(request, self._holds.let_go)
        if faults:
            return self._put_off(request, faults)
        await self._rotate_after(request)
        still = await self._still.facts(request) if self._still else {}
        return access_changes.revoke(request, list(ends.values()), self._clock(), still)

    async def _rotate_after(self, request: Request) -> None:
        """Begin the rotations before the end is recorded: a crash in between begins them again."""
        if self._rotate is None or request.failure is not None:
            return
        for target in request.targets:
            if target.rotate_after:
                await self._rotate(request, target.secret)

    def _put_off(self, request: Request, faults: Mapping[Assignment, Fault]) -> Change[Request]:
        """Try again for the sake of the first assignment that lacks; the cause says which it is."""
        assignment, fault = next(iter(faults.items()))
        if len(request.assignments) == 1:
            return self._try_again(request, fault.cause, fault)
        opens = listed(request.opened_by(assignment))
        return self._try_again(request, f"{opens}: {fault.cause}", fault)

    def _try_again(self, request: Request, cause: str, fault: Fault) -> Change[Request]:
        retry_after = fault.retry_after if isinstance(fault, Unavailable) else None
        return access_changes.try_again(
            request, cause, self._clock(), jitter=self._jitter(), retry_after=retry_after
        )


async def _with_each(
    request: Request, do: Callable[[Request, Assignment], Awaitable[T]]
) -> tuple[dict[Assignment, T], dict[Assignment, Fault]]:
    """Do something with each assignment at once; return what it came to, and what failed.

    It waits for all: nothing may go on in Azure behind what is recorded next.
    """
    assignments = request.assignments
    done: dict[Assignment, T] = {}
    faults: dict[Assignment, Fault] = {}
    outcomes = await asyncio.gather(
        *(do(request, assignment) for assignment in assignments), return_exceptions=True
    )
    for assignment, outcome in zip(assignments, outcomes, strict=True):
        match outcome:
            case Fault():
                faults[assignment] = outcome
            case BaseException():
                raise outcome
            case _:
                done[assignment] = outcome
    return done, faults


def _latest(created: Sequence[datetime | None]) -> datetime | None:
    """Say when the last of them came to be; None where Azure does not tell it of one."""
    known = [at for at in created if at]
    return max(known) if len(known) == len(created) else None
