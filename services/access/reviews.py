"""The use case for reviews of break-glass access."""

from collections.abc import Callable

from domain import refusals
from domain.access import break_glass
from domain.access.request import Request
from domain.people import Actor
from services.access.approvers import Approvers
from services.clock import Clock
from services.faults import Conflict
from services.people.directory import Directory
from services.workflow.engine import Engine
from services.workflow.workflows import Workflows


class Reviews:
    """Records reviews; refusals are raised unchanged."""

    def __init__(
        self,
        workflows: Workflows,
        engine: Engine,
        directory: Directory,
        clock: Clock,
        kick: Callable[[str], None],
        approvers: Approvers,
    ) -> None:
        self._workflows = workflows
        self._engine = engine
        self._directory = directory
        self._clock = clock
        self._kick = kick
        self._approvers = approvers

    async def review(self, actor: Actor, request_id: str, note: str) -> Request:
        """Record a review; repeating the click changes nothing."""
        while stored := await self._workflows.load_as(Request, request_id):
            review = stored.head.review
            if review and review.approver.object_id == actor.object_id:
                return stored.head
            try:
                stored = await self._approvers.current(stored)
            except Conflict:
                continue
            request = stored.head
            decision = break_glass.decide_review(request, actor)
            if decision.reason:
                raise decision.reason
            if await self._directory.is_gone(actor.object_id):
                raise refusals.AccountGone
            change = break_glass.review(request, actor, note, self._clock())
            try:
                stored = await self._engine.record(stored, change)
            except Conflict:
                continue
            self._kick(request_id)
            return stored.head
        raise refusals.UnknownRequest
