"""The use cases of more time: ask for it, allow it, refuse it."""

from collections.abc import Callable
from datetime import timedelta

from domain import refusals, windows
from domain.access import Request
from domain.people import Actor
from domain.policy import Decision
from domain.workflow import Change
from services.engine import Clock, Engine
from services.faults import Conflict
from services.workflows import Workflows


class Extensions:
    """What people can do with the window of active access; refusals are raised as they are."""

    def __init__(
        self,
        workflows: Workflows,
        engine: Engine,
        clock: Clock,
        kick: Callable[[str], None],
    ) -> None:
        self._workflows = workflows
        self._engine = engine
        self._clock = clock
        self._kick = kick

    async def ask(self, actor: Actor, request_id: str, by: timedelta | None) -> Request:
        """Ask for more time; where the policy waives approval it is given at once."""

        def change(request: Request) -> Change[Request]:
            now, more = self._clock(), by or timedelta()
            if request.terms.extend_freely:
                return windows.extend(request, actor, more, now)
            return windows.ask_extension(request, actor, more, now)

        return await self._change(
            request_id, lambda one: windows.decide_extension(one, actor, by), change
        )

    async def allow(self, actor: Actor, request_id: str) -> Request:
        """Move the end by what was asked for."""

        def change(request: Request) -> Change[Request]:
            by = request.extension.by if request.extension else timedelta()
            return windows.extend(request, actor, by, self._clock())

        return await self._change(
            request_id, lambda one: windows.decide_extension_answer(one, actor), change
        )

    async def refuse(self, actor: Actor, request_id: str) -> Request:
        """Leave the end where it is."""
        return await self._change(
            request_id,
            lambda one: windows.decide_extension_answer(one, actor),
            lambda one: windows.deny_extension(one, actor, self._clock()),
        )

    async def _change(
        self,
        request_id: str,
        decide: Callable[[Request], Decision],
        change: Callable[[Request], Change[Request]],
    ) -> Request:
        while stored := await self._workflows.load_as(Request, request_id):
            decision = decide(stored.head)
            if decision.reason:
                raise decision.reason
            try:
                stored = await self._engine.record(stored, change(stored.head))
            except Conflict:
                continue
            self._kick(request_id)
            return stored.head
        raise refusals.UnknownRequest
