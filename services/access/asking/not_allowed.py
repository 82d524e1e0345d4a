"""What isn't allowed any more as the rules and the directory are now: who waits for it hears that.

That is a pending request, more time, or a start in the future. It stays open, since rules are
corrected, and groups change again.
"""

import logging
from collections.abc import Awaitable, Callable

from domain.access.request import Request, RequestState
from domain.access.rules import policy
from domain.access.transitions import waiting
from domain.access.transitions.approvers import lacks_approvers
from domain.access.transitions.extensions import open_extension
from domain.people import Actor
from domain.refusals.decisions import (
    NoLongerAllowed,
    NoLongerRequestable,
    RequesterGone,
    RequestNotConfirmed,
    TooFewApprovers,
)
from domain.refusals.refusal import Refusal
from domain.refusals.requests import DurationOutOfBounds
from services.access.asking.step_up_gate import StepUpGate
from services.access.asking.still_allowed import StillAllowed
from services.access.who_decides.approvers import Approvers
from services.clock import Clock
from services.faults import Conflict, Fault, described
from services.policies import Policies
from services.workflow.engine import Engine
from services.workflow.workflows import Workflows

log = logging.getLogger(__name__)

WHY = (
    NoLongerRequestable,
    NoLongerAllowed,
    RequesterGone,
    RequestNotConfirmed,
)
"""The refusals of an approval that any approver would get."""

_KNOWN = (*WHY, DurationOutOfBounds, TooFewApprovers)

_UNDECIDED = frozenset({RequestState.PENDING, RequestState.SCHEDULED})


class AllowedNow:
    """Whether what waits could be approved now, by anyone, or started."""

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

    @property
    def knows_rules(self) -> bool:
        """Whether somebody can say which rules are accepted."""
        return not self._policies.in_force.stand_in

    async def require(self, request: Request) -> None:
        """Raise why not, as far as is known."""
        if not self.knows_rules:
            return
        await self._approvers.require_present(request)
        await self._require_all(request)

    async def why_not(self, request: Request) -> Refusal | None:
        """Return the same; None if nothing is known to be in the way."""
        return await self._refusal_of(self.require, request)

    async def why_not_by_rules(self, request: Request) -> Refusal | None:
        """Return the same, but don't ask the directory who has left."""
        if not self.knows_rules:
            return None
        return await self._refusal_of(self._require_all, request)

    def require_length(self, request: Request) -> None:
        """Raise DurationOutOfBounds if access is planned for longer than today's rules allow.

        At a start in the future it would be refused.
        """
        today = self._approvers.policies_today(request)
        shortest = max(one.shortest for one in today)
        longest = min(one.longest for one in today)
        if request.window > longest:
            policy.decide_window(min(shortest, longest), longest, request.window).require()

    async def require_by_rules(self, request: Request) -> None:
        """Raise what today's rules don't allow; people who have left are not looked for."""
        await self._still_allowed.require(request)
        if request.state in _UNDECIDED:
            self._step_up.require_confirmed(request)
        if request.state is RequestState.SCHEDULED:
            self.require_length(request)

    async def _require_all(self, request: Request) -> None:
        """Raise the same, or that no approval can be the last one that is needed."""
        await self.require_by_rules(request)
        if lacks_approvers(request):
            raise TooFewApprovers(request.secrets[0])

    async def _refusal_of(
        self, require: Callable[[Request], Awaitable[None]], request: Request
    ) -> Refusal | None:
        try:
            await require(request)
        except _KNOWN as refusal:
            return refusal
        except Fault as fault:
            log.warning("%s: can't say whether it's still allowed: %s", request.id, fault)
        return None


class NotAllowedNow:
    """Records what isn't allowed any more, once for each kind of reason."""

    def __init__(
        self,
        workflows: Workflows,
        engine: Engine,
        allowed_now: AllowedNow,
        clock: Clock,
        advance_soon: Callable[[str], None],
    ) -> None:
        self._workflows = workflows
        self._engine = engine
        self._allowed_now = allowed_now
        self._clock = clock
        self._advance_soon = advance_soon

    async def note(self, request_id: str, refusal: Refusal, actor: Actor) -> None:
        """Record what an approver was refused; what fails here keeps that from nobody."""
        if not self._allowed_now.knows_rules:
            return
        try:
            await self._note(request_id, refusal, actor)
        except (Conflict, Fault) as fault:
            log.warning(
                "%s: not recorded that %s: %s", request_id, refusal.reason, described(fault)
            )

    async def look(self, request: Request) -> None:
        """Record what the rules in force no longer allow; on a Conflict that is up to others."""
        if not _waits(request):
            return
        refusal = await self._allowed_now.why_not_by_rules(request)
        if refusal is None:
            return
        try:
            await self._note(request.id, refusal, None)
        except Conflict:
            log.info("%s changes at the moment", request.id)

    async def _note(self, request_id: str, refusal: Refusal, actor: Actor | None) -> None:
        found = await self._workflows.snapshot(request_id)
        request = found.stored.head if found else None
        if found is None or not isinstance(request, Request) or not _waits(request):
            return
        why = refusal.reason
        if waiting.is_known_not_allowed(request, why, found.events):
            return
        noted = waiting.note_not_allowed(request, why, self._clock(), actor)
        await self._engine.record(found.stored, noted)
        self._advance_soon(request_id)


def _waits(request: Request) -> bool:
    return request.state in _UNDECIDED or open_extension(request) is not None
