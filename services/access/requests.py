"""The use cases of access: check, submit, approve, deny."""

import asyncio
import logging
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from functools import partial

from domain.access import answers
from domain.access.fresh_sign_in import FreshSignIn
from domain.access.request import Request, RequestDraft, RequestState
from domain.access.rules import policy
from domain.access.rules import request_rules as access_rules
from domain.access.rules.auto_decision import approves_all
from domain.access.rules.step_up_rule import StepUpAct
from domain.access.sign_in.step_up import confirmed
from domain.access.terms import Terms
from domain.access.transitions import break_glass, by_rule, leaving_out, starts
from domain.access.transitions import changes as access_changes
from domain.people import Actor, Person
from domain.refusals.decisions import NoLongerPending, UnknownRequest
from domain.refusals.refusal import Refusal
from domain.refusals.requests import Blocked, MembershipUnknown, NotYourForm
from domain.refusals.starts import StartsAtOnce
from domain.workflow import Change
from services.access.asking.auto_approvals import AutoApprovals
from services.access.asking.backgrounds import Backgrounds
from services.access.asking.not_allowed import WHY, AllowedNow, NotAllowedNow
from services.access.asking.offers import AccessOffers, RequestableSecret, RequestOffer
from services.access.asking.rates import Rates
from services.access.asking.step_up_gate import StepUpGate
from services.access.asking.unchecked import unchecked
from services.access.who_decides.approvers import Approvers
from services.clock import Clock
from services.faults import Conflict, Fault, Unavailable
from services.policies import Policies
from services.typed_reasons import checked_reason
from services.unanswered import refusal_of
from services.workflow.engine import Engine
from services.workflow.settling import settled
from services.workflow.workflows import Workflows

log = logging.getLogger(__name__)


class NotKnownIfRequested(Exception):
    """The table didn't answer: the request may be stored, or may be within a minute."""


@dataclass(frozen=True, slots=True)
class RequestLimits:
    """What an approver allows, if that is less than what was requested.

    ``window`` is None if none was ``given`` or the given one can't be parsed. ``chosen`` says of
    each secret whether to allow it; empty if the approver couldn't choose.
    """

    window: timedelta | None
    given: bool
    narrowed: bool
    chosen: Mapping[str, bool] = field(default_factory=dict)


class Access:
    """What people can do with access requests; refusals are raised unchanged.

    Where the policy asks for a fresh sign-in, StepUpNeeded is raised without one.
    """

    def __init__(
        self,
        workflows: Workflows,
        engine: Engine,
        offers: AccessOffers,
        policies: Policies,
        clock: Clock,
        advance_soon: Callable[[str], None],
        rates: Rates,
        approvers: Approvers,
        allowed_now: AllowedNow,
        auto_approvals: AutoApprovals,
        step_up: StepUpGate,
        not_allowed: NotAllowedNow,
        backgrounds: Backgrounds,
    ) -> None:
        self._workflows = workflows
        self._engine = engine
        self._offers = offers
        self._policies = policies
        self._clock = clock
        self._advance_soon = advance_soon
        self._rates = rates
        self._approvers = approvers
        self._allowed_now = allowed_now
        self._auto_approvals = auto_approvals
        self._step_up = step_up
        self._not_allowed = not_allowed
        self._backgrounds = backgrounds

    async def offer(self, actor: Actor, draft: RequestDraft) -> RequestOffer:
        """Check that secrets exist and can be requested; a blocked attempt is recorded."""
        checked = self._offers.offer(actor, draft.secrets, draft.for_whom)
        return await self._recorded(actor, draft, checked)

    async def submit(
        self, actor: Actor, draft: RequestDraft, sign_in: FreshSignIn | None = None
    ) -> Request:
        """Open a request; submitting it again returns the existing one.

        If the rules of all its secrets approve it, no approver is asked. Raises
        NotKnownIfRequested if the table doesn't say whether it was stored.
        """
        if existing := await self.find_own(actor, draft.request_id):
            return existing
        offer = await self.offer(actor, draft)

        async def change(request: Request) -> Change[Request]:
            decisions = await self._auto_approvals.decide(offer.policies, request)
            if approves_all(decisions):
                return by_rule.submit(request, [one.rule for one in decisions if one.rule])
            return access_changes.submit(request)

        return await self._open(actor, draft, offer, change, StepUpAct.REQUEST, sign_in)

    async def offer_break_glass(self, actor: Actor, draft: RequestDraft) -> RequestOffer:
        """Check that this person can use break-glass access; a blocked attempt is recorded."""
        checked = self._offers.emergency(actor, draft.secrets)
        return await self._recorded(actor, draft, checked)

    async def break_glass(
        self,
        actor: Actor,
        draft: RequestDraft,
        admins: Sequence[Person],
        sign_in: FreshSignIn | None = None,
    ) -> Request:
        """Open break-glass access without approval; repeating it returns the existing one."""
        if existing := await self.find_own(actor, draft.request_id):
            return existing
        offer = await self.offer_break_glass(actor, draft)
        if draft.starts_at:
            raise StartsAtOnce
        asked = replace(draft, window=draft.window or offer.rules.longest, for_whom="")

        async def change(request: Request) -> Change[Request]:
            return break_glass.take(request, admins)

        return await self._open(actor, asked, offer, change, StepUpAct.BREAK_GLASS, sign_in)

    async def _open(
        self,
        actor: Actor,
        draft: RequestDraft,
        offer: RequestOffer,
        change: Callable[[Request], Awaitable[Change[Request]]],
        act: StepUpAct,
        sign_in: FreshSignIn | None,
    ) -> Request:
        rules = offer.rules
        for decision in (
            policy.decide_justification(draft.justification, rules.justification),
            policy.decide_window(rules.shortest, rules.longest, draft.window),
            starts.decide_start(draft.starts_at, rules.start_within, self._clock()),
        ):
            decision.require()
        self._step_up.require(rules.step_up, act, actor, sign_in)
        await self._count(actor, draft.request_id, rules.requests_per_hour)
        request = replace(await self._request(actor, draft, offer), sign_in=sign_in)
        opened = confirmed(await change(request), sign_in)
        try:
            stored = await settled(partial(self._engine.open, opened))
        except Conflict:
            return await self.find_own(actor, draft.request_id) or request
        except Unavailable as fault:
            if not fault.outcome_unknown:
                raise
            log.warning("%s: not known if it was stored: %s", draft.request_id, fault)
            raise NotKnownIfRequested(draft.request_id) from fault
        self._advance_soon(draft.request_id)
        return stored.head

    async def find_own(self, actor: Actor, request_id: str) -> Request | None:
        """Find this person's request; raises the original refusal if it was blocked."""
        stored = await self._workflows.load_as(Request, request_id)
        if stored is None:
            return None
        request = stored.head
        if request.requester.object_id != actor.object_id:
            raise NotYourForm
        if request.denial and request.denial.refusal:
            raise Blocked(request.denial.refusal)
        return request

    async def requestable(self, start: int = 0, most: int | None = None) -> list[RequestableSecret]:
        """List what can be requested, and who would approve it."""
        return await self._offers.requestable(start, most)

    async def approve(
        self,
        actor: Actor,
        request_id: str,
        limits: RequestLimits | None = None,
        sign_in: FreshSignIn | None = None,
        note: str = "",
    ) -> Request:
        """Approve a request, or less than it asked for; repeating the click changes nothing.

        Whoever approved it already can't allow less than that afterwards, and is told so.
        """
        note = checked_reason(note)

        def change(request: Request) -> Change[Request]:
            if limits is None:
                return access_changes.approve(
                    request, actor, self._clock(), note=note, sign_in=sign_in
                )
            if limits.given:
                answers.decide_less(request, limits.window).require()
            leaving_out.decide_choice(request, limits.chosen).require()
            return access_changes.approve(
                request,
                actor,
                self._clock(),
                window=limits.window,
                narrowed=limits.narrowed,
                left_out=leaving_out.not_chosen(request, limits.chosen),
                note=note,
                sign_in=sign_in,
            )

        return await self._answer(
            actor,
            request_id,
            change,
            lambda request: (
                answers.has_approved(request, actor.object_id) and not _is_less(request, limits)
            ),
            says_yes=True,
            sign_in=sign_in,
        )

    async def deny(self, actor: Actor, request_id: str, reason: str) -> Request:
        """Deny a request; repeating the click changes nothing."""
        reason = checked_reason(reason)
        return await self._answer(
            actor,
            request_id,
            lambda request: access_changes.deny(request, actor, reason, self._clock()),
            lambda request: bool(
                request.denial
                and request.denial.approver
                and request.denial.approver.object_id == actor.object_id
            ),
            says_yes=False,
        )

    async def _answer(
        self,
        actor: Actor,
        request_id: str,
        change: Callable[[Request], Change[Request]],
        is_answered: Callable[[Request], bool],
        *,
        says_yes: bool,
        sign_in: FreshSignIn | None = None,
    ) -> Request:
        while stored := await self._workflows.load_as(Request, request_id):
            if is_answered(stored.head):
                return stored.head
            try:
                stored = await self._approvers.current(stored)
            except Conflict:
                continue
            request = stored.head
            memberships = await self._approvers.memberships(request, actor)
            decide = answers.decide_approval if says_yes else answers.decide_answer
            decide(request, actor, memberships).require()
            try:
                await self._approvers.require_answer(request, actor, says_yes=says_yes)
                if says_yes:
                    await self._allowed_now.require_by_rules(request)
            except WHY as refusal:
                await self._not_allowed.note(request_id, refusal, actor)
                raise
            if self._clock() >= request.lapses_at:
                # It has expired, maybe during these checks, but the worker hasn't processed that.
                raise NoLongerPending(RequestState.LAPSED)
            changed = change(request)
            if changed.head.state is RequestState.SCHEDULED:
                self._allowed_now.require_length(changed.head)
            if says_yes:
                self._step_up.require_approval(request, actor, sign_in)
            try:
                changed = confirmed(changed, sign_in)
                stored = await settled(partial(self._engine.record, stored, changed))
            except Conflict:
                continue
            self._advance_soon(request_id)
            return stored.head
        raise UnknownRequest

    async def _recorded(
        self, actor: Actor, draft: RequestDraft, checked: Awaitable[RequestOffer]
    ) -> RequestOffer:
        """Await a check; an attempt that the policy blocks is recorded."""
        try:
            return await checked
        except Refusal as refusal:
            if refusal.blocks:
                await self._block(actor, draft, refusal)
            raise
        except Fault as fault:
            raise refusal_of(fault, draft.request_id) from fault

    async def _count(self, actor: Actor, request_id: str, most: int | None) -> None:
        if most is not None:
            await self._rates.count(actor.object_id, request_id, most)

    async def _block(self, actor: Actor, draft: RequestDraft, refusal: Refusal) -> None:
        if isinstance(refusal, MembershipUnknown):
            return  # an outage, not a verdict on the attempt
        whom = await self._offers.find_beneficiary(actor, draft.for_whom)
        request = unchecked(self._policies, actor, draft, whom, self._clock())
        defaults = self._policies.defaults
        rules = access_rules.strictest(
            [self._policies.of(name) or defaults for name in request.secrets]
        )
        await self._count(actor, draft.request_id, rules.requests_per_hour)
        try:
            await self._engine.open(access_changes.block(request, refusal))
        except Conflict:
            return  # the same attempt, delivered twice
        self._advance_soon(draft.request_id)

    async def _request(self, actor: Actor, draft: RequestDraft, offer: RequestOffer) -> Request:
        now = self._clock()
        rules, deciders = offer.rules, offer.deciders
        targets = await self._offers.targets(offer.policies)
        holder = offer.beneficiary.object_id if offer.beneficiary else actor.object_id
        standing, background = await asyncio.gather(
            self._offers.standing(holder, targets),
            self._backgrounds.of(holder, targets, draft.request_id),
        )
        return Request(
            id=draft.request_id,
            state=RequestState.PENDING,
            requester=actor,
            targets=targets,
            standing=standing,
            background=background,
            justification=draft.justification.strip(),
            window=draft.window or rules.longest,
            requested_at=now,
            lapses_at=now + rules.pending_for,
            remind_at=_before(now, rules.remind_after, rules.pending_for),
            escalate_at=_before(now, rules.escalate_after, rules.pending_for),
            asked_in=draft.asked_in,
            starts_at=draft.starts_at,
            beneficiary=offer.beneficiary,
            terms=Terms(
                approvers=deciders.approvers,
                min_approvals=rules.min_approvals,
                shortest=rules.shortest,
                longest=rules.longest,
                extend_freely=rules.extend_freely,
                escalation=deciders.escalation,
                requests_per_hour=rules.requests_per_hour,
                deciders=deciders.deciders,
                in_channel=deciders.in_channel,
                later_deciders=deciders.later_deciders,
                later_in_channel=deciders.later_in_channel,
                step_up=rules.step_up,
            ),
        )


def _is_less(request: Request, limits: RequestLimits | None) -> bool:
    """Return whether these limits allow less than what has been approved so far."""
    if limits is None:
        return False
    is_shorter = limits.given and (limits.window is None or limits.window < request.window)
    is_narrower = limits.narrowed and any(one.can_be_narrowed for one in request.targets)
    return is_shorter or is_narrower or bool(leaving_out.not_chosen(request, limits.chosen))


def _before(now: datetime, after: timedelta | None, end: timedelta) -> datetime | None:
    """Return the time after this delay, or None if the end comes first."""
    return now + after if after and after < end else None
