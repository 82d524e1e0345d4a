"""How people end requests: cancel a pending one, or end access early."""

from collections.abc import Awaitable, Callable
from functools import partial

from domain.access import rights as access_rights
from domain.access.request import Request, RequestState
from domain.access.rules.policy import Decision
from domain.access.transitions import changes as access_changes
from domain.people import Actor
from domain.refusals.records import NothingToSee
from domain.workflow import Change
from services.clock import Clock
from services.faults import Conflict
from services.people.sight import Sight
from services.workflow.engine import Engine
from services.workflow.settling import settled
from services.workflow.workflows import Workflows


class Endings:
    """Ends requests on a person's command; repeating the command changes nothing.

    Refusals are raised unchanged. An ID that this person can't see is refused like an unknown one.
    """

    def __init__(
        self,
        workflows: Workflows,
        engine: Engine,
        sight: Sight,
        clock: Clock,
        advance_soon: Callable[[str], None],
    ) -> None:
        self._workflows = workflows
        self._engine = engine
        self._sight = sight
        self._clock = clock
        self._advance_soon = advance_soon

    async def cancel(self, actor: Actor, request_id: str) -> Request:
        """Cancel a pending request, as its requester."""

        async def decide(request: Request) -> Decision:
            is_admin, groups = await self._sight.of(actor, request)
            return access_rights.decide_cancel(
                request, actor, is_admin=is_admin, memberships=groups
            )

        return await self._end(
            request_id,
            decide,
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
            raise NothingToSee
        (await self._decide_end(actor, stored.head)).require()
        return stored.head

    async def find_visible(self, actor: Actor, request_id: str) -> Request:
        """Find a request that this person can see, in any state."""
        stored = await self._workflows.load_as(Request, request_id)
        if stored is None:
            raise NothingToSee
        is_admin, groups = await self._sight.of(actor, stored.head)
        access_rights.decide_sight(
            stored.head, actor, is_admin=is_admin, memberships=groups
        ).require()
        return stored.head

    async def end(self, actor: Actor, request_id: str) -> Request:
        """End access early, as its requester, an approver or an admin."""
        return await self._end_early(
            actor, request_id, lambda request: self._decide_end(actor, request)
        )

    async def give_back(self, actor: Actor, request_id: str) -> Request:
        """End access that its requester no longer needs."""

        async def decide(request: Request) -> Decision:
            return access_rights.decide_give_back(request, actor)

        return await self._end_early(actor, request_id, decide)

    async def _decide_end(self, actor: Actor, request: Request) -> Decision:
        is_admin, groups = await self._sight.of(actor, request)
        return access_rights.decide_end(request, actor, is_admin=is_admin, memberships=groups)

    async def _end_early(
        self, actor: Actor, request_id: str, decide: Callable[[Request], Awaitable[Decision]]
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
        decide: Callable[[Request], Awaitable[Decision]],
        change: Callable[[Request], Change[Request]],
        is_done: Callable[[Request], bool],
    ) -> Request:
        while stored := await self._workflows.load_as(Request, request_id):
            if is_done(stored.head):
                return stored.head
            (await decide(stored.head)).require()
            try:
                stored = await settled(partial(self._engine.record, stored, change(stored.head)))
            except Conflict:
                continue
            self._advance_soon(request_id)
            return stored.head
        raise NothingToSee
