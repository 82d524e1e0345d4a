"""How people end requests: cancel a pending one, or end access early."""

from collections.abc import Callable

from domain import refusals
from domain.access import changes as access_changes
from domain.access import rights as access_rights
from domain.access.policy import Decision
from domain.access.request import Request, RequestState
from domain.people import Actor
from domain.workflow import Change
from services.clock import Clock
from services.faults import Conflict
from services.people.admins import Admins
from services.workflow.engine import Engine
from services.workflow.workflows import Workflows


class Endings:
    """Ends requests on a person's command; repeating the command changes nothing.

    Refusals are raised unchanged. An ID that this person can't see is refused like an unknown one.
    """

    def __init__(
        self,
        workflows: Workflows,
        engine: Engine,
        admins: Admins,
        clock: Clock,
        advance_soon: Callable[[str], None],
    ) -> None:
        self._workflows = workflows
        self._engine = engine
        self._admins = admins
        self._clock = clock
        self._advance_soon = advance_soon

    async def cancel(self, actor: Actor, request_id: str) -> Request:
        """Cancel a pending request, as its requester."""
        is_admin = await self._admins.includes(actor)
        return await self._end(
            request_id,
            lambda request: access_rights.decide_cancel(request, actor, is_admin=is_admin),
            lambda request: access_changes.cancel(request, actor, self._clock()),
            lambda request: (
                request.state is RequestState.CANCELLED
                and access_rights.is_requester(request, actor)
            ),
        )

    async def find_endable(self, actor: Actor, request_id: str) -> Request:
        """Find access that this person could end now; read-only."""
        stored = await self._workflows.load_as(Request, request_id)
        if stored is None:
            raise refusals.NothingToSee
        is_admin = await self._admins.includes(actor)
        access_rights.decide_end(stored.head, actor, is_admin=is_admin).require()
        return stored.head

    async def find_visible(self, actor: Actor, request_id: str) -> Request:
        """Find a request that this person can see, in any state."""
        stored = await self._workflows.load_as(Request, request_id)
        is_admin = await self._admins.includes(actor)
        if stored and access_rights.decide_sight(stored.head, actor, is_admin=is_admin).allowed:
            return stored.head
        raise refusals.NothingToSee

    async def end(self, actor: Actor, request_id: str) -> Request:
        """End access early, as its requester, an approver or an admin."""
        is_admin = await self._admins.includes(actor)
        return await self._end_early(
            actor,
            request_id,
            lambda request: access_rights.decide_end(request, actor, is_admin=is_admin),
        )

    async def give_back(self, actor: Actor, request_id: str) -> Request:
        """End access that its requester no longer needs."""
        return await self._end_early(
            actor, request_id, lambda request: access_rights.decide_give_back(request, actor)
        )

    async def _end_early(
        self, actor: Actor, request_id: str, decide: Callable[[Request], Decision]
    ) -> Request:
        return await self._end(
            request_id,
            decide,
            lambda request: access_changes.end_early(request, actor, self._clock()),
            lambda request: bool(
                request.ended_by and request.ended_by.object_id == actor.object_id
            ),
        )

    async def _end(
        self,
        request_id: str,
        decide: Callable[[Request], Decision],
        change: Callable[[Request], Change[Request]],
        is_done: Callable[[Request], bool],
    ) -> Request:
        while stored := await self._workflows.load_as(Request, request_id):
            if is_done(stored.head):
                return stored.head
            decide(stored.head).require()
            try:
                stored = await self._engine.record(stored, change(stored.head))
            except Conflict:
                continue
            self._advance_soon(request_id)
            return stored.head
        raise refusals.NothingToSee
