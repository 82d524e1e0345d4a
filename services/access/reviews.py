"""The use case for reviews of break-glass access."""

from collections.abc import Callable
from functools import partial

from domain.access.request import Request
from domain.access.transitions import break_glass
from domain.people import Actor
from domain.refusals.decisions import UnknownRequest
from services.access.who_decides.approvers import Approvers
from services.clock import Clock
from services.faults import Conflict
from services.typed_reasons import checked_reason
from services.workflow.engine import Engine
from services.workflow.settling import settled
from services.workflow.workflows import Workflows


class Reviews:
    """Records reviews; refusals are raised unchanged."""

    def __init__(
        self,
        workflows: Workflows,
        engine: Engine,
        clock: Clock,
        advance_soon: Callable[[str], None],
        approvers: Approvers,
    ) -> None:
        self._workflows = workflows
        self._engine = engine
        self._clock = clock
        self._advance_soon = advance_soon
        self._approvers = approvers

    async def review(self, actor: Actor, request_id: str, note: str) -> Request:
        """Record a review; repeating the click changes nothing."""
        note = checked_reason(note)
        while stored := await self._workflows.load_as(Request, request_id):
            review = stored.head.review
            if review and review.approver.object_id == actor.object_id:
                return stored.head
            try:
                stored = await self._approvers.current(stored)
            except Conflict:
                continue
            request = stored.head
            memberships = await self._approvers.memberships(request, actor)
            break_glass.decide_review(request, actor, memberships).require()
            await self._approvers.require_review(actor)
            change = break_glass.review(request, actor, note, self._clock())
            try:
                stored = await settled(partial(self._engine.record, stored, change))
            except Conflict:
                continue
            self._advance_soon(request_id)
            return stored.head
        raise UnknownRequest
