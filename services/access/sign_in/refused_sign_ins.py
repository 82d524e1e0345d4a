"""Records sign-ins that confirmed nothing, so that they are audited and the person is told."""

from collections.abc import Callable
from dataclasses import replace

from domain.access.request import Request, RequestDraft
from domain.access.sign_in.refused_sign_ins import refuse_sign_in, refuse_unconfirmed
from domain.people import Actor
from domain.refusals.refusal import Refusal
from services.access.asking.offers import AccessOffers
from services.access.asking.unchecked import unchecked
from services.access.sign_in.held_acts import HeldAct, HeldApproval, HeldExtension
from services.clock import Clock
from services.faults import Conflict
from services.policies import Policies
from services.workflow.engine import Engine
from services.workflow.workflows import Workflows


class RefusedSignIns:
    """Adds an event to the request; a request that wasn't made yet gets a record of its own."""

    def __init__(
        self,
        workflows: Workflows,
        engine: Engine,
        policies: Policies,
        offers: AccessOffers,
        clock: Clock,
        advance_soon: Callable[[str], None],
    ) -> None:
        self._workflows = workflows
        self._engine = engine
        self._policies = policies
        self._offers = offers
        self._clock = clock
        self._advance_soon = advance_soon

    async def record(self, actor: Actor, act: HeldAct, refusal: Refusal, record_id: str) -> None:
        """Record a refusal; ``record_id`` is for a request that wasn't made."""
        if isinstance(act, HeldApproval | HeldExtension):
            await self._on_request(actor, act.request_id, act.kind, refusal)
        elif not refusal.blocks:  # a blocked request is recorded as such
            await self._on_its_own(actor, act.draft, act.kind, refusal, record_id)

    async def _on_request(self, actor: Actor, request_id: str, act: str, refusal: Refusal) -> None:
        while stored := await self._workflows.load_as(Request, request_id):
            change = refuse_sign_in(stored.head, actor, act, refusal, self._clock())
            try:
                await self._engine.record(stored, change)
            except Conflict:
                continue
            self._advance_soon(request_id)
            return

    async def _on_its_own(
        self,
        actor: Actor,
        draft: RequestDraft,
        act: str,
        refusal: Refusal,
        record_id: str,
    ) -> None:
        now = self._clock()
        whom = await self._offers.find_beneficiary(actor, draft.for_whom)
        asked = replace(draft, request_id=record_id)
        request = unchecked(self._policies, actor, asked, whom, now)
        try:
            await self._engine.open(refuse_unconfirmed(request, act, refusal, now))
        except Conflict:
            return
        self._advance_soon(record_id)
