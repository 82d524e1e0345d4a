"""What nobody can approve as the rules and the directory are now: who waits for it hears that."""

import logging
from collections.abc import Callable

from domain import refusals
from domain.access import waiting
from domain.access.request import Request, RequestState
from domain.access.windows import open_extension
from domain.people import Actor
from domain.refusals import Refusal
from services.access.approvers import Approvers
from services.access.step_up_gate import StepUpGate
from services.access.still_allowed import StillAllowed
from services.clock import Clock
from services.faults import Conflict, Fault
from services.policies import Policies
from services.workflow.engine import Engine
from services.workflow.workflows import Workflows

log = logging.getLogger(__name__)

WHY = (
    refusals.NoLongerRequestable,
    refusals.NoLongerAllowed,
    refusals.RequesterGone,
    refusals.RequestNotConfirmed,
)
"""The refusals of an approval that any approver would get."""


class Approvable:
    """Whether anyone could approve a pending request, before they are asked to."""

    def __init__(
        self,
        policies: Policies,
        approvers: Approvers,
        still_allowed: StillAllowed,
        step_up: StepUpGate,
    ) -> None:
        self._policies = policies
        self._approvers = approvers
        self._still_allowed = still_allowed
        self._step_up = step_up

    async def require(self, request: Request) -> None:
        """Raise what every approver would be refused with, as far as is known."""
        if self._policies.in_force.stand_in:
            return  # nobody can say which rules are accepted
        await self._approvers.require_present(request)
        await self._still_allowed.require(request)
        self._step_up.require_confirmed(request)

    async def why_not(self, request: Request) -> Refusal | None:
        """Return the same; None if nothing is known to be in the way."""
        try:
            await self.require(request)
        except WHY as refusal:
            return refusal
        except Fault as fault:
            log.warning("%s: can't say who could approve it: %s", request.id, fault)
        return None


class NotApprovable:
    """Records that an approver found out that no one can approve what waits."""

    def __init__(
        self,
        workflows: Workflows,
        engine: Engine,
        clock: Clock,
        advance_soon: Callable[[str], None],
    ) -> None:
        self._workflows = workflows
        self._engine = engine
        self._clock = clock
        self._advance_soon = advance_soon

    async def note(self, request_id: str, refusal: Refusal, actor: Actor) -> None:
        """Record it once for each kind of reason; what fails here keeps no refusal from anyone."""
        try:
            await self._note(request_id, refusal, actor)
        except (Conflict, Fault) as fault:
            log.warning("%s: not recorded that %s: %s", request_id, refusal.reason, fault)

    async def _note(self, request_id: str, refusal: Refusal, actor: Actor) -> None:
        found = await self._workflows.snapshot(request_id)
        request = found.stored.head if found else None
        if found is None or not isinstance(request, Request):
            return
        waits = request.state is RequestState.PENDING or open_extension(request)
        why = refusal.reason
        if not waits or waiting.is_known_not_approvable(request, why, found.events):
            return
        noted = waiting.note_not_approvable(request, why, self._clock(), actor)
        await self._engine.record(found.stored, noted)
        self._advance_soon(request_id)
