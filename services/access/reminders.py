"""The use case of a reminder that the requester asks for."""

from collections.abc import Callable
from functools import partial

from domain.access.request import Request
from domain.access.transitions import waiting
from domain.people import Actor
from domain.refusals.records import NothingToSee
from domain.workflow import Change
from services.access.asking.not_allowed import AllowedNow
from services.access.who_decides.approvers import Approvers
from services.clock import Clock
from services.faults import Conflict
from services.workflow.engine import Engine
from services.workflow.settling import settled
from services.workflow.workflows import Workflows


class Reminders:
    """Reminds the approvers now, as the timed reminder does; refusals are raised unchanged."""

    def __init__(
        self,
        workflows: Workflows,
        engine: Engine,
        approvers: Approvers,
        allowed_now: AllowedNow,
        clock: Clock,
        advance_soon: Callable[[str], None],
    ) -> None:
        self._workflows = workflows
        self._engine = engine
        self._approvers = approvers
        self._allowed_now = allowed_now
        self._clock = clock
        self._advance_soon = advance_soon

    async def remind(self, actor: Actor, request_id: str, seen: str) -> Request:
        """Remind the approvers of a pending request, as its requester or grantee.

        ``seen`` is the last reminder that the clicked card shows, in ISO format, or empty. If
        there has been another one since, the click is a repeated or an outdated one and changes
        nothing. What no approver could approve today is refused with the reason.
        """
        while stored := await self._workflows.load_as(Request, request_id):
            request = stored.head
            if actor.object_id in request.involved and last_reminder(request) != seen:
                return request
            waiting.decide_reminder(request, actor, self._clock()).require()
            follow = await self._approvers.change_briefly(request)
            followed = follow.head if follow else request
            await self._allowed_now.require(followed)
            asked = waiting.remind(followed, self._clock(), actor)
            events = (*(follow.events if follow else ()), *asked.events)
            try:
                changed = Change(asked.head, events)
                stored = await settled(partial(self._engine.record, stored, changed))
            except Conflict:
                continue
            self._advance_soon(request_id)
            return stored.head
        raise NothingToSee


def last_reminder(request: Request) -> str:
    """Return when the approvers were last reminded, in ISO format; empty if never."""
    return request.reminded_at.isoformat() if request.reminded_at else ""
