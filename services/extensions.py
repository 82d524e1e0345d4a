"""The use cases of more time: ask for it, allow it, refuse it."""

from collections.abc import Callable
from datetime import timedelta

from domain import refusals, windows
from domain.access import Request
from domain.people import Actor
from domain.policy import Decision
from domain.workflow import Change
from services.directory import Directory
from services.engine import Clock, Engine
from services.faults import Conflict
from services.workflows import Workflows


class Extensions:
    """What people can do with the window of active access; refusals are raised as they are.

    ``said`` names the message or click that asks for more time, and the answers to it. Whatever
    comes again, from wherever Teams sends it, has no second effect.
    """

    def __init__(
        self,
        workflows: Workflows,
        engine: Engine,
        directory: Directory,
        clock: Clock,
        kick: Callable[[str], None],
    ) -> None:
        self._workflows = workflows
        self._engine = engine
        self._directory = directory
        self._clock = clock
        self._kick = kick

    async def ask(
        self, actor: Actor, request_id: str, by: timedelta | None, said: str = ""
    ) -> Request:
        """Ask for more time; where the policy waives approval it is given at once."""

        def change(request: Request) -> Change[Request]:
            now, more = self._clock(), by or timedelta()
            if request.terms.extend_freely:
                return windows.extend(request, actor, more, now, said)
            return windows.ask_extension(request, actor, more, now, said)

        return await self._change(
            actor, request_id, said, lambda one: windows.decide_extension(one, actor, by), change
        )

    async def allow(self, actor: Actor, request_id: str, said: str = "") -> Request:
        """Move the end by what was asked for."""

        def change(request: Request) -> Change[Request]:
            by = request.extension.by if request.extension else timedelta()
            return windows.extend(request, actor, by, self._clock(), said)

        return await self._answer(actor, request_id, said, change)

    async def refuse(self, actor: Actor, request_id: str, said: str = "") -> Request:
        """Leave the end where it is."""
        return await self._answer(
            actor,
            request_id,
            said,
            lambda one: windows.deny_extension(one, actor, self._clock(), said),
        )

    async def _answer(
        self,
        actor: Actor,
        request_id: str,
        said: str,
        change: Callable[[Request], Change[Request]],
    ) -> Request:
        is_gone = await self._directory.is_gone(actor.object_id)

        def decide(request: Request) -> Decision:
            decision = windows.decide_extension_answer(request, actor, said)
            if decision.allowed and is_gone:
                return Decision(refusals.AccountGone())
            return decision

        return await self._change(actor, request_id, said, decide, change)

    async def _change(
        self,
        actor: Actor,
        request_id: str,
        said: str,
        decide: Callable[[Request], Decision],
        change: Callable[[Request], Change[Request]],
    ) -> Request:
        while snapshot := await self._workflows.snapshot(request_id):
            request = snapshot.stored.head
            if not isinstance(request, Request):
                break
            if windows.was_said(snapshot.events, actor, said):
                return request
            decision = decide(request)
            if decision.reason:
                raise decision.reason
            try:
                stored = await self._engine.record(snapshot.stored, change(request))
            except Conflict:
                continue
            self._kick(request_id)
            return stored.head
        raise refusals.UnknownRequest
