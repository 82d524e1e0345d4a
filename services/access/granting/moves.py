"""Performs the moves of an access request in Azure."""

import asyncio
import logging
from collections.abc import Awaitable, Callable, Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Protocol, TypeVar

from domain.access import (
    request as access,
)
from domain.access.assignment import Assignment
from domain.access.grant import AzureAnswer
from domain.access.recording_reads import put_off_reads
from domain.access.request import AccessEffect, Request, RequestState
from domain.access.target import Target
from domain.access.transitions import break_glass, ends, waiting
from domain.access.transitions import changes as access_changes
from domain.access.transitions import failures as access_failures
from domain.access.transitions import starts as scheduled
from domain.access.transitions.opened import note_found, note_opened, to_rotate
from domain.names import joined
from domain.reasons import Reason
from domain.refusals.decisions import RequesterGone
from domain.refusals.refusal import Refusal
from domain.workflow import Change, Done, Move, Wait
from services.access.asking.existing import ExistingSecrets
from services.access.asking.revocability import Revocability
from services.access.granting import lanes as access_lanes
from services.access.granting.holds import Held, Holds, Released, Remains, Unshown
from services.access.granting.leases import Leases
from services.access.granting.starts import Starts
from services.access.granting.still_readable import StillReadable
from services.access.reads.grant_reads import GrantReads
from services.clock import Clock
from services.faults import (
    Fault,
    LimitReached,
    Locked,
    NotPermitted,
    Rejected,
    StandingAccess,
)
from services.ports import AssignmentFacts, Assignments
from services.workflow.lanes import Lane

log = logging.getLogger(__name__)

T = TypeVar("T")
Rotate = Callable[[Request, Target], Awaitable[None]]
TakeAway = Callable[[AssignmentFacts], Awaitable[None]]
NoteRevoking = Callable[[Fault | None], None]

_NEVER = (StandingAccess, Rejected)
"""Permanent refusals of an assignment; missing permissions may still propagate."""


def _give_up(request: Request, now: datetime) -> Change[Request]:
    why = access_failures.of_lost_patience(request)
    return access_changes.give_up(request, why, now, request.answer)


_RECORDED: Mapping[AccessEffect, Callable[[Request, datetime], Change[Request]]] = {
    AccessEffect.REMIND: waiting.remind,
    AccessEffect.ESCALATE: waiting.escalate,
    AccessEffect.LAPSE: access_changes.lapse,
    AccessEffect.GIVE_UP: _give_up,
    AccessEffect.MISS_START: scheduled.miss,
    AccessEffect.WARN: ends.warn,
    AccessEffect.END: access_changes.end,
    AccessEffect.RAISE_ALARM: access_changes.raise_alarm,
    AccessEffect.ASK_REVIEW: break_glass.ask_review,
}
"""The effects that change nothing outside; only their result is recorded."""


_ASK_PEOPLE = frozenset({AccessEffect.REMIND, AccessEffect.ESCALATE, AccessEffect.ASK_REVIEW})
"""The effects that notify the approvers, according to today's rules."""


class PeopleOfRequests(Protocol):
    """Who a request is about, and who decides it."""

    async def change_briefly(self, request: Request) -> Change[Request] | None:
        """Return what today's rules change about its approvers, if known."""

    async def find_departure(self, request: Request) -> RequesterGone | None:
        """Return a refusal if the requester or the grantee has left."""


class ChecksOfRetries(Protocol):
    """What a grant relies on, long after its approval."""

    async def check(self, request: Request) -> Change[Request]:
        """Return the request to try, or its end; raises a Fault while that can't be said."""


class ChecksOfApproval(Protocol):
    """Whether anyone could approve a pending request."""

    async def why_not(self, request: Request) -> Refusal | None:
        """Return what every approver would be refused with, if that is known."""


class AccessMoves:
    """The access request's kind of workflow."""

    def __init__(
        self,
        leases: Leases,
        assignments: Assignments,
        clock: Clock,
        jitter: Callable[[], float],
        revocability: Revocability,
        existing: ExistingSecrets,
        take_away: TakeAway,
        rotate: Rotate,
        approvers: PeopleOfRequests,
        allowed_now: ChecksOfApproval,
        still: StillReadable,
        starts: Starts,
        retries: ChecksOfRetries,
        note_revoking: NoteRevoking,
        reads: GrantReads,
    ) -> None:
        """Take what moves need.

        ``existing`` knows whether the secrets of a request can still be read. ``take_away`` starts
        removing an orphaned assignment; ``rotate`` starts the rotation of a secret, once per grant.
        ``approvers`` knows who has left and who approves by today's rules; ``allowed_now`` knows
        what nobody could approve now. ``still`` knows what a person can read through another grant.
        ``starts`` checks scheduled access again at its start, and ``retries`` a grant that has been
        tried for a while. ``note_revoking`` learns what came of each try to revoke. ``reads`` asks
        the vaults' log after the end, if there is one.
        """
        self._holds = Holds(leases, assignments, clock)
        self._clock = clock
        self._jitter = jitter
        self._revocability = revocability
        self._existing = existing
        self._take_away = take_away
        self._rotate = rotate
        self._approvers = approvers
        self._allowed_now = allowed_now
        self._still = still
        self._starts = starts
        self._retries = retries
        self._note_revoking = note_revoking
        self._reads = reads

    def next_move(self, head: Request, now: datetime) -> Move[str] | Wait | Done:
        return access.next_move(head, now)

    def lane(self, effect: str) -> Lane:
        return access_lanes.lane_of(effect)

    def only_records(self, effect: str) -> bool:
        return effect in _RECORDED

    def ends_at(self, head: Request) -> datetime | None:
        return access_lanes.ends_at(head)

    async def perform(self, effect: str, head: Request) -> Change[Request]:
        follow = None
        if AccessEffect(effect) in _ASK_PEOPLE:
            follow = await self._approvers.change_briefly(head)
        if follow is None:
            return await self._perform(effect, head)
        asked = await self._perform(effect, follow.head)
        return Change(asked.head, (*follow.events, *asked.events))

    async def _perform(self, effect: str, head: Request) -> Change[Request]:
        if effect == AccessEffect.REMIND and (refusal := await self._allowed_now.why_not(head)):
            return waiting.skip_reminder(head, refusal.reason, self._clock())
        if record := _RECORDED.get(AccessEffect(effect)):
            return record(head, self._clock())
        if effect == AccessEffect.START:
            return await self._starts.start(head)
        if effect == AccessEffect.GRANT:
            return await self._grant(head)
        if effect == AccessEffect.LOOK_AGAIN:
            return await self._look_again(head)
        if effect == AccessEffect.SEE_READS:
            return await self._reads.see(head)
        return await self._revoke(head)

    def interrupted(self, head: Request, at: datetime) -> Request:
        """Note what a crashed process may have sent until then."""
        return access_changes.interrupt(head, at)

    def overtaken(self, head: Request, tried: Request) -> Request:
        """Note what a move has sent whose outcome couldn't be recorded."""
        return access_changes.overtaken(head, tried, self._clock())

    def hurried(self, head: Request, now: datetime) -> Request:
        """Make a revocation due now that waits for Azure to answer."""
        return access_changes.hurry(head, now)

    def alarm_at(self, head: Request) -> datetime | None:
        """Return when the alarm is due, even during a move."""
        return access.alarm_of(head)

    def fail(self, effect: str, head: Request, fault: Fault) -> Change[Request]:
        """Retry the move later; a revocation is retried forever."""
        if effect == AccessEffect.LOOK_AGAIN:
            later = self._clock() + access.LAST_LOOK_AFTER
            return Change(replace(head, last_look_at=later))
        if effect == AccessEffect.SEE_READS:
            return put_off_reads(head, self._clock())
        return self._try_again(self._noted(effect, head, [fault]), fault.cause, fault)

    def _noted(self, effect: str, request: Request, faults: Iterable[Fault]) -> Request:
        """Note requests that were sent but not answered."""
        for fault in faults:
            if fault.outcome_unknown and effect == AccessEffect.GRANT:
                request = access_changes.note_unanswered_grant(request, self._clock())
            if fault.outcome_unknown and effect == AccessEffect.REVOKE:
                request = access_changes.note_unanswered_end(request, self._clock())
        return request

    async def _grant(self, request: Request) -> Change[Request]:
        """Try to grant, if what the approval relied on a while ago is still so."""
        if not waiting.is_long_after_approval(request, self._clock()):
            return await self._try(request)
        checked = await self._retries.check(request)
        if checked.head.state is not RequestState.GRANTING:
            return checked
        tried = await self._try(checked.head)
        return Change(tried.head, (*checked.events, *tried.events))

    async def _try(self, request: Request) -> Change[Request]:
        """Create every assignment; if Azure permanently refuses one, nothing is granted."""
        if why := await self._revocability.why_not_give(request.targets):
            return await self._refuse_before(request, why)
        if why := await self._existing.why_unreadable(request):
            return await self._refuse_before(request, why)
        if left := await self._approvers.find_departure(request):
            return access_changes.give_up(request, left.reason, self._clock())
        taken, faults = await _with_each(request, self._holds.take)
        request = self._noted(AccessEffect.GRANT, request, faults.values())
        made = {one: held for one, held in taken.items() if isinstance(held, Held)}
        unshown = {one: held.fault for one, held in taken.items() if isinstance(held, Unshown)}
        if faults or unshown:
            request = note_opened(request, _created(taken), self._clock())
        if unshown:
            request = access_changes.note_unshown_grant(request, self._clock())
            faults |= unshown
        never = [(one, fault) for one, fault in faults.items() if _is_never(fault)]
        if never:
            return await self._refuse(request, *never[0])
        if faults:
            return self._put_off(access_changes.note_made(request, made, self._clock()), faults)
        created = _latest([taken.facts.created_at for taken in made.values()])
        seen = all(taken.seen for taken in made.values())
        return access_changes.grant(request, created, self._clock(), seen=seen)

    async def _refuse_before(self, request: Request, why: Reason) -> Change[Request]:
        """End a grant before trying it; an earlier attempt may have left an assignment."""
        log.error("%s: not granted: %s", request.id, why)
        if await self._holds.has_begun(request):
            return access_changes.give_up(request, why, self._clock())
        failure = access_failures.of_obstacle(why)
        return access_changes.refuse_grant(request, failure, self._clock())

    async def _refuse(
        self, request: Request, assignment: Assignment, fault: Fault
    ) -> Change[Request]:
        """End a grant that Azure refused; assignments already created are removed first."""
        log.error("%s: %s will not grant: %s", request.id, fault.service, fault.cause)
        now = self._clock()
        why, answer = _why(request, assignment, fault), _answer(fault)
        is_alone = len(request.assignments) == 1 and not request.may_appear_until
        if not is_alone or not await self._is_unmade(request, assignment, fault):
            return access_changes.give_up(request, why, now, answer)
        await self._holds.abandon(request, assignment)
        return access_changes.refuse_grant(request, why, now, answer)

    async def _is_unmade(self, request: Request, assignment: Assignment, fault: Fault) -> bool:
        """Return whether the only, refused assignment of a request certainly doesn't exist."""
        if isinstance(fault, Locked) and request.attempt == 0:
            return await self._holds.is_missing(assignment)
        return isinstance(fault, StandingAccess)

    async def _revoke(self, request: Request) -> Change[Request]:
        """Release every assignment; access is gone once all are gone and will stay so."""
        ended, faults = await _with_each(request, self._holds.let_go)
        gone = {one: end for one, end in ended.items() if isinstance(end, Released)}
        remains = {one: end for one, end in ended.items() if isinstance(end, Remains)}
        faults |= {one: end.fault for one, end in remains.items()}
        if faults:
            found = [one for one, end in remains.items() if end.found]
            request = access_changes.note_removed(request, found)
            return self._put_off(self._noted(AccessEffect.REVOKE, request, faults.values()), faults)
        self._note_revoking(None)
        untils = [one.may_appear_until for one in gone.values() if one.may_appear_until]
        if untils:
            removed = [assignment for assignment, one in gone.items() if one.end.found]
            return access_changes.watch(request, removed, max(untils), self._clock())
        ends = [one.end for one in gone.values()]
        request = note_found(request, ends)
        await self._rotate_after(request)
        still = await self._still.facts(request)
        revoked = access_changes.revoke(request, ends, self._clock(), still)
        return self._reads.expected(revoked)

    async def _look_again(self, request: Request) -> Change[Request]:
        """Remove assignments that appeared too late, unless another grant holds them.

        A try that was under way at the end may have leased them again.
        """
        for assignment in request.assignments:
            await self._holds.abandon(request, assignment)
            if facts := await self._holds.find_remaining(request, assignment):
                await self._take_away(facts)
        return Change(
            replace(request, last_look_at=access_changes.next_look(request, self._clock()))
        )

    async def _rotate_after(self, request: Request) -> None:
        """Store which rotations are owed before recording the end, so that a crash loses none."""
        for target in to_rotate(request):
            await self._rotate(request, target)

    def _put_off(self, request: Request, faults: Mapping[Assignment, Fault]) -> Change[Request]:
        """Retry because of the first missing assignment, which the cause names."""
        assignment, fault = next(iter(faults.items()))
        if len(request.assignments) == 1:
            return self._try_again(request, fault.cause, fault)
        opens = joined(request.opened_by(assignment))
        return self._try_again(request, f"{opens}: {fault.cause}", fault)

    def _try_again(self, request: Request, cause: str, fault: Fault) -> Change[Request]:
        if request.state in {RequestState.REVOKING, RequestState.STUCK}:
            self._note_revoking(fault)
        now = self._clock()
        is_scheduled = request.state is RequestState.SCHEDULED
        try_again = scheduled.check_again if is_scheduled else access_changes.try_again
        later = try_again(
            request,
            cause,
            now,
            jitter=self._jitter(),
            retry_after=fault.retry_after,
            answer=_answer(fault),
        )
        if isinstance(fault, NotPermitted) and request.state is RequestState.GRANTING:
            return waiting.await_rights(later, now)
        if isinstance(fault, LimitReached) and request.state is RequestState.GRANTING:
            return waiting.await_room(later, now)
        return later


def _is_never(fault: Fault) -> bool:
    """Return whether Azure has refused an assignment for good; a full subscription gets room."""
    return isinstance(fault, _NEVER) and not isinstance(fault, LimitReached)


def _answer(fault: Fault) -> AzureAnswer:
    return AzureAnswer(fault.status, fault.code)


def _why(request: Request, assignment: Assignment, fault: Fault) -> Reason:
    """Explain why an assignment was not made."""
    match fault:
        case StandingAccess():
            return access_failures.of_standing_access(request, assignment)
        case Locked():
            return access_failures.of_lock(request, assignment, fault.scopes)
        case _:
            return access_failures.of_refusal(request, assignment)


async def _with_each(
    request: Request, do: Callable[[Request, Assignment], Awaitable[T]]
) -> tuple[dict[Assignment, T], dict[Assignment, Fault]]:
    """Handle all assignments concurrently; return the results and the faults.

    It waits for all of them: nothing may still run in Azure when the outcome is recorded.
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


def _created(taken: Mapping[Assignment, Held | Unshown]) -> dict[Assignment, datetime | None]:
    """Return when Azure made each assignment that exists; None if it doesn't say."""
    return {
        assignment: held.facts.created_at if isinstance(held, Held) else None
        for assignment, held in taken.items()
    }


def _latest(created: Sequence[datetime | None]) -> datetime | None:
    """Return when the last of them was created; None if Azure doesn't say for one."""
    known = [at for at in created if at]
    return max(known) if len(known) == len(created) else None
