"""The use cases of extensions: request, approve, deny."""

from collections.abc import Awaitable, Callable, Sequence
from datetime import timedelta
from functools import partial

from domain.access.fresh_sign_in import FreshSignIn
from domain.access.request import Request
from domain.access.sign_in.step_up import confirmed
from domain.access.transitions import extensions
from domain.people import Actor
from domain.refusals.decisions import UnknownRequest
from domain.workflow import Change, Event
from services.access.asking.not_allowed import WHY, NotAllowedNow
from services.access.asking.offers import AccessOffers
from services.access.asking.rates import Rates
from services.access.asking.step_up_gate import StepUpGate
from services.access.asking.still_allowed import StillAllowed
from services.access.free_extensions import FreeExtensions
from services.access.who_decides.approvers import Approvers
from services.clock import Clock
from services.faults import Conflict
from services.typed_reasons import checked_reason
from services.workflow.engine import Engine
from services.workflow.settling import settled
from services.workflow.workflows import Workflows

IsSaid = Callable[[Request, Sequence[Event]], bool]
Answer = Callable[[Request, Sequence[Event]], Awaitable[Change[Request]]]


class Extensions:
    """Extensions of active access; refusals are raised unchanged.

    ``source_id`` names the message or click that asks for more time, and the answers to it.
    Whatever comes again, from wherever Teams sends it, has no second effect.
    """

    def __init__(
        self,
        workflows: Workflows,
        engine: Engine,
        clock: Clock,
        advance_soon: Callable[[str], None],
        rates: Rates,
        approvers: Approvers,
        offers: AccessOffers,
        free: FreeExtensions,
        still_allowed: StillAllowed,
        step_up: StepUpGate,
        not_allowed: NotAllowedNow,
    ) -> None:
        self._workflows = workflows
        self._engine = engine
        self._clock = clock
        self._advance_soon = advance_soon
        self._rates = rates
        self._approvers = approvers
        self._offers = offers
        self._free = free
        self._still_allowed = still_allowed
        self._step_up = step_up
        self._not_allowed = not_allowed

    async def ask(
        self,
        actor: Actor,
        request_id: str,
        by: timedelta | None,
        source_id: str = "",
        *,
        asks_once: bool = False,
    ) -> Request:
        """Request an extension; it is granted at once if today's policy needs no approval.

        A message ``asks_once``. A click can ask again once its request was denied: the button is
        still there, and a click is named by what it means.

        If a secret can't be requested any more, it's refused as a request would be. Raises
        NoLongerAllowed if today's rules don't give these people this access.

        A person's extension requests and access requests count against the same limit.
        """

        async def change(request: Request, events: Sequence[Event]) -> Change[Request]:
            extensions.decide_extension(request, actor, by, self._clock()).require()
            self._offers.require_requestable(request.secrets)
            await self._still_allowed.require(request)
            more = by or timedelta()
            is_free = await self._free.gives(request, more)
            most = request.terms.requests_per_hour
            if most is not None:
                name = f"{request_id}~{extensions.extensions_asked(request, events)}"
                await self._rates.count(actor.object_id, name, most)
            extensions.decide_in_time(request, self._clock()).require()
            give = extensions.extend if is_free else extensions.ask_extension
            return give(request, actor, more, self._clock(), source_id)

        def is_said(_: Request, events: Sequence[Event]) -> bool:
            return extensions.was_asked(events, actor, source_id, asks_once=asks_once)

        return await self._change(request_id, is_said, change)

    async def extendable(self, actor: Actor, request_id: str) -> Request:
        """Return a request to which this person can ask for more time, before they say how much."""
        stored = await self._workflows.load_as(Request, request_id)
        if stored is None:
            raise UnknownRequest
        extensions.decide_extendable(stored.head, actor, self._clock()).require()
        self._offers.require_requestable(stored.head.secrets)
        await self._still_allowed.require(stored.head)
        return stored.head

    async def allow(
        self,
        actor: Actor,
        request_id: str,
        source_id: str = "",
        sign_in: FreshSignIn | None = None,
        note: str = "",
    ) -> Request:
        """Approve; the last required approval moves the end by the requested time.

        Like any approval it needs a fresh sign-in if the policy asks for one.
        """
        note = checked_reason(note)

        async def change(request: Request, _: Sequence[Event]) -> Change[Request]:
            await self._require_answer(request, actor, source_id, says_yes=True)
            self._step_up.require_approval(request, actor, sign_in)
            allowed = extensions.allow_extension(
                request, actor, self._clock(), source_id, note, sign_in
            )
            return confirmed(allowed, sign_in)

        return await self._change(
            request_id,
            lambda one, events: extensions.was_allowed(one, events, actor, source_id),
            change,
        )

    async def refuse(
        self, actor: Actor, request_id: str, source_id: str = "", note: str = ""
    ) -> Request:
        """Deny the extension, which leaves the end unchanged."""
        note = checked_reason(note)

        async def change(request: Request, _: Sequence[Event]) -> Change[Request]:
            await self._require_answer(request, actor, source_id, says_yes=False)
            return extensions.deny_extension(request, actor, self._clock(), source_id, note)

        return await self._change(
            request_id,
            lambda one, events: extensions.was_refused(one, events, actor, source_id),
            change,
        )

    async def _require_answer(
        self, request: Request, actor: Actor, source_id: str, *, says_yes: bool
    ) -> None:
        memberships = await self._approvers.memberships(request, actor)
        decide = (
            extensions.decide_extension_approval if says_yes else extensions.decide_extension_answer
        )
        decide(request, actor, self._clock(), source_id, memberships).require()
        try:
            await self._approvers.require_answer(request, actor, says_yes=says_yes)
            if says_yes:
                await self._still_allowed.require(request)
        except WHY as refusal:
            await self._not_allowed.note(request.id, refusal, actor)
            raise
        extensions.decide_in_time(request, self._clock()).require()

    async def _change(
        self,
        request_id: str,
        is_said: IsSaid,
        change: Answer,
    ) -> Request:
        while snapshot := await self._workflows.snapshot(request_id):
            before = snapshot.stored.head
            if not isinstance(before, Request):
                break
            if is_said(before, snapshot.events):
                return before
            follow = await self._approvers.change(before)
            request = follow.head if follow else before
            changed = await change(request, snapshot.events)
            if follow:  # recorded with the change: who decides the extension request
                changed = Change(changed.head, (*follow.events, *changed.events))
            try:
                stored = await settled(partial(self._engine.record, snapshot.stored, changed))
            except Conflict:
                continue
            self._advance_soon(request_id)
            return stored.head
        raise UnknownRequest
