"""What people can do about overdue access: retry it now, or close it for good."""

from collections.abc import Callable
from datetime import datetime

from domain.access import request as access
from domain.access import rights as access_rights
from domain.access.assignment import Assignment
from domain.access.request import Request, RequestState
from domain.access.transitions import changes as access_changes
from domain.drill import drill as drills
from domain.drill.drill import Drill
from domain.people import Actor
from domain.reconciliation import orphan
from domain.reconciliation.orphan import Orphan, OrphanState
from domain.refusals.endings import NothingOverdue, ReasonMissing
from domain.refusals.records import NothingToSee
from domain.visible import says_something
from domain.workflow import Change
from services.access.granting.leases import Leases
from services.clock import Clock
from services.faults import Conflict
from services.people.admins import Admins
from services.people.sight import Sight
from services.typed_reasons import checked_reason
from services.workflow.codec import Head
from services.workflow.due.quarantine import Quarantine
from services.workflow.engine import Engine
from services.workflow.workflows import Workflows

OverdueAccess = Request | Orphan | Drill


class Overdue:
    """Overdue access of requests and orphaned assignments; refusals are raised unchanged."""

    def __init__(
        self,
        workflows: Workflows,
        engine: Engine,
        leases: Leases,
        admins: Admins,
        sight: Sight,
        clock: Clock,
        advance_soon: Callable[[str], None],
        quarantine: Quarantine,
    ) -> None:
        self._workflows = workflows
        self._engine = engine
        self._leases = leases
        self._admins = admins
        self._sight = sight
        self._clock = clock
        self._advance_soon = advance_soon
        self._quarantine = quarantine

    async def put_back(self, actor: Actor, workflow_id: str) -> bool:
        """Requeue a workflow's quarantined rows, as an admin; False if it has none."""
        if not await self._admins.includes(actor):
            return False
        if not await self._quarantine.requeue(workflow_id):
            return False
        self._advance_soon(workflow_id)
        return True

    async def is_overdue(self, workflow_id: str) -> bool:
        """Return whether access should be gone but may still exist."""
        stored = await self._workflows.load(workflow_id)
        head = stored.head if stored else None
        return isinstance(head, OverdueAccess) and _is_overdue(head, self._clock())

    async def try_now(self, actor: Actor, workflow_id: str) -> OverdueAccess:
        """Retry an overdue revocation now; allowed for everyone who can see it."""
        while stored := await self._workflows.load(workflow_id):
            head, now = await self._seen(stored.head, actor), self._clock()
            if not _is_overdue(head, now):
                raise NothingOverdue(head.state)
            if _is_being_tried(head, now):
                self._advance_soon(workflow_id)
                return head
            try:
                recorded = await self._engine.record(stored, _retried(head, actor, now))
            except Conflict:
                continue
            self._advance_soon(workflow_id)
            return recorded.head
        raise NothingToSee

    async def find_closable(
        self, actor: Actor, workflow_id: str, reason: str = ""
    ) -> OverdueAccess:
        """Find what an admin could close now, with the reason typed so far; read-only."""
        await self._admins.require(actor)
        checked_reason(reason)
        stored = await self._workflows.load(workflow_id)
        if stored is None or not isinstance(stored.head, OverdueAccess):
            raise NothingToSee
        _require_closable(stored.head, self._clock())
        return stored.head

    async def close(self, actor: Actor, workflow_id: str, reason: str) -> OverdueAccess:
        """Stop trying to revoke access, as an admin with a reason.

        Its leases end as well, so that reconciliation finds what may still exist. A deletion may be
        under way, so new grants wait until it can't be carried out any more.
        """
        await self._admins.require(actor)
        reason = checked_reason(reason)
        if not says_something(reason):
            raise ReasonMissing
        while stored := await self._workflows.load(workflow_id):
            head = stored.head
            if not isinstance(head, OverdueAccess):
                break
            if head.state in {RequestState.CLOSED, OrphanState.CLOSED}:
                return head
            _require_closable(head, self._clock())
            change = _closed(head, actor, reason, self._clock())
            await self._abandon(change.head)
            try:
                recorded = await self._engine.record(stored, change)
            except Conflict:
                continue
            await self._abandon(change.head)  # a running attempt may have leased it again
            self._advance_soon(workflow_id)
            return recorded.head
        raise NothingToSee

    async def _abandon(self, head: OverdueAccess) -> None:
        for assignment in _assignments(head):
            await self._leases.abandon(assignment, head.id, _may_vanish_until(head))

    async def _seen(self, head: Head, actor: Actor) -> OverdueAccess:
        if isinstance(head, Request):
            is_admin, groups = await self._sight.of(actor, head)
            access_rights.decide_sight(head, actor, is_admin=is_admin, memberships=groups).require()
            return head
        if isinstance(head, Orphan | Drill) and await self._admins.includes(actor):
            return head
        raise NothingToSee


def _is_overdue(head: OverdueAccess, now: datetime) -> bool:
    if request := _request_of(head):
        return access.overdue_since(request, now) is not None
    return head.state in {OrphanState.REVOKING, OrphanState.STUCK}


def _is_being_tried(head: OverdueAccess, now: datetime) -> bool:
    """Return whether the worker is about to retry it anyway."""
    if head.state is RequestState.ACTIVE:
        return True
    tried = head.access if isinstance(head, Drill) else head
    return tried.retry_at is None or tried.retry_at <= now


def _require_closable(head: OverdueAccess, now: datetime) -> None:
    if not _is_overdue(head, now) or head.state is RequestState.ACTIVE:
        raise NothingOverdue(head.state)


def _retried(head: OverdueAccess, actor: Actor, now: datetime) -> Change[OverdueAccess]:
    if isinstance(head, Request):
        return access_changes.retry_now(head, actor, now)
    if isinstance(head, Drill):
        return drills.follow(head, access_changes.retry_now(head.access, actor, now), now)
    return orphan.retry_now(head, actor, now)


def _closed(head: OverdueAccess, actor: Actor, reason: str, now: datetime) -> Change[OverdueAccess]:
    if isinstance(head, Request):
        return access_changes.close(head, actor, reason, now)
    if isinstance(head, Drill):
        return drills.follow(head, access_changes.close(head.access, actor, reason, now), now)
    return orphan.close(head, actor, reason, now)


def _assignments(head: OverdueAccess) -> tuple[Assignment, ...]:
    request = _request_of(head)
    if request:
        return request.assignments
    return (head.assignment,) if isinstance(head, Orphan) else ()


def _may_vanish_until(head: OverdueAccess) -> datetime | None:
    return (head.access if isinstance(head, Drill) else head).may_vanish_until


def _request_of(head: OverdueAccess) -> Request | None:
    """Return the request whose access is overdue; None for an orphan."""
    match head:
        case Drill():
            return head.access
        case Request():
            return head
        case Orphan():
            return None
