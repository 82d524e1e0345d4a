"""The use cases of access: check, submit, approve, deny."""

import logging
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from domain import access, access_changes, break_glass, policy, refusals
from domain.access import Request, RequestState, Terms
from domain.owners import owners_in
from domain.people import Actor, Person
from domain.policy import Policy, ScopeKind
from domain.workflow import Change
from services.directory import Directory
from services.engine import Clock, Engine
from services.faults import Conflict, Fault, NotPermitted, Unavailable
from services.policies import Policies
from services.ports import Secrets, SecretState
from services.rates import Rates
from services.workflows import Workflows

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Draft:
    """What a person asks for.

    ``request_id`` follows from where it was asked: a submission sent twice is one request.
    """

    request_id: str
    secret: str
    window: timedelta | None
    justification: str
    asked_in: str
    for_whom: str = ""
    """An email or object id where the access is for somebody else."""


@dataclass(frozen=True, slots=True)
class Limits:
    """What an approver allows where that is less than was asked for.

    ``window`` is None where none was ``given``, or where what was given cannot be read.
    """

    window: timedelta | None
    given: bool
    narrowed: bool


@dataclass(frozen=True, slots=True)
class Offer:
    """What a person may ask for, and who would decide."""

    policy: Policy
    approvers: tuple[Person, ...]
    beneficiary: Person | None = None
    """Whom the access is for, where somebody else asks for them."""


class Access:
    """What people can do with access requests; refusals are raised as they are."""

    def __init__(
        self,
        workflows: Workflows,
        engine: Engine,
        policies: Policies,
        directory: Directory,
        secrets: Secrets,
        clock: Clock,
        kick: Callable[[str], None],
        rates: Rates,
    ) -> None:
        self._workflows = workflows
        self._engine = engine
        self._policies = policies
        self._directory = directory
        self._secrets = secrets
        self._clock = clock
        self._kick = kick
        self._rates = rates

    async def offer(self, actor: Actor, secret: str, request_id: str, for_whom: str = "") -> Offer:
        """Check that a secret may be asked for and exists; a blocked attempt is recorded."""
        found = await self._covered(actor, secret, request_id)
        try:
            beneficiary = await self._beneficiary(actor, for_whom)
            decision = await self._decide_people(actor, beneficiary, found)
            if decision.reason:
                await self._block(actor, secret, request_id, decision.reason)
                raise decision.reason
            await self._check_exists(found)
            approvers = await self._directory.find_all(await self._approvers_of(found))
        except Fault as fault:
            raise _refusal(fault, request_id) from fault
        involved = [actor.object_id, *([beneficiary.object_id] if beneficiary else [])]
        decision = policy.decide_approvers(found, approvers, *involved)
        if decision.reason:
            raise decision.reason
        return Offer(found, approvers, beneficiary)

    async def submit(self, actor: Actor, draft: Draft) -> Request:
        """Open a request; submitted again, it is the request that exists."""
        if existing := await self.find_own(actor, draft.request_id):
            return existing
        offer = await self.offer(actor, draft.secret, draft.request_id, draft.for_whom)
        for decision in (
            policy.decide_justification(draft.justification, offer.policy.justification),
            policy.decide_window(offer.policy.shortest, offer.policy.longest, draft.window),
        ):
            if decision.reason:
                raise decision.reason
        await self._count(actor, draft.request_id, offer.policy)
        request = await self._request(actor, draft, offer, await self._exposes(offer.policy))
        try:
            stored = await self._engine.open(access_changes.submit(request))
        except Conflict:
            return await self.find_own(actor, draft.request_id) or request
        self._kick(draft.request_id)
        return stored.head

    async def break_glass(self, actor: Actor, draft: Draft, admins: Sequence[Person]) -> Request:
        """Open access at once, without approval; asked again, it is the access that exists."""
        if existing := await self.find_own(actor, draft.request_id):
            return existing
        found = await self._covered(actor, draft.secret, draft.request_id)
        try:
            named = await self._directory.find_all(found.break_glass)
            decision = policy.decide_break_glass(found, actor.as_person(), named)
            if decision.reason:
                await self._block(actor, draft.secret, draft.request_id, decision.reason)
                raise decision.reason
            await self._check_exists(found)
            approvers = await self._directory.find_all(await self._approvers_of(found))
        except Fault as fault:
            raise _refusal(fault, draft.request_id) from fault
        longest = found.break_glass_longest
        window = draft.window or longest
        for decision in (
            policy.decide_approvers(replace(found, min_approvals=1), approvers, actor.object_id),
            policy.decide_justification(
                draft.justification, replace(found.justification, required=True)
            ),
            policy.decide_window(min(found.shortest, longest), longest, window),
        ):
            if decision.reason:
                raise decision.reason
        await self._count(actor, draft.request_id, found)
        offer = Offer(replace(found, longest=longest, extend_freely=False), approvers)
        asked = replace(draft, window=window, for_whom="")
        request = await self._request(actor, asked, offer, await self._exposes(found))
        try:
            stored = await self._engine.open(break_glass.take(request, admins))
        except Conflict:
            return await self.find_own(actor, draft.request_id) or request
        self._kick(draft.request_id)
        return stored.head

    async def find_own(self, actor: Actor, request_id: str) -> Request | None:
        """Find a request of this person's; raises what was answered where it was blocked."""
        stored = await self._workflows.load_as(Request, request_id)
        if stored is None:
            return None
        request = stored.head
        if request.requester.object_id != actor.object_id:
            raise refusals.NotYourForm
        if request.denial and request.denial.approver is None:
            raise refusals.Blocked(request.denial.reason)
        return request

    async def requestable(self) -> list[Offer]:
        """List what can be requested, and who would decide."""
        return [Offer(found, await self._approvers(found)) for found in self._policies.all()]

    async def approve(self, actor: Actor, request_id: str, limits: Limits | None = None) -> Request:
        """Answer yes, or to less than was asked for; the same click again gets the same answer."""

        def change(request: Request) -> Change[Request]:
            if limits is None:
                return access_changes.approve(request, actor, self._clock())
            if limits.given:
                decision = access.decide_less(request, limits.window)
                if decision.reason:
                    raise decision.reason
            return access_changes.approve(
                request, actor, self._clock(), window=limits.window, narrowed=limits.narrowed
            )

        return await self._answer(
            actor,
            request_id,
            change,
            lambda request: any(
                approval.approver.object_id == actor.object_id for approval in request.approvals
            ),
        )

    async def deny(self, actor: Actor, request_id: str, reason: str) -> Request:
        """Answer no; the same click again gets the same answer."""
        return await self._answer(
            actor,
            request_id,
            lambda request: access_changes.deny(request, actor, reason, self._clock()),
            lambda request: bool(
                request.denial
                and request.denial.approver
                and request.denial.approver.object_id == actor.object_id
            ),
        )

    async def _answer(
        self,
        actor: Actor,
        request_id: str,
        change: Callable[[Request], Change[Request]],
        is_answered: Callable[[Request], bool],
    ) -> Request:
        while stored := await self._workflows.load_as(Request, request_id):
            request = stored.head
            if is_answered(request):
                return request
            decision = access.decide_answer(request, actor)
            if decision.reason:
                raise decision.reason
            if self._clock() >= request.lapses_at:
                # The worker has not come round to it yet: nobody may decide it any more.
                raise refusals.NoLongerPending(RequestState.LAPSED)
            if await self._directory.is_gone(actor.object_id):
                raise refusals.AccountGone
            try:
                stored = await self._engine.record(stored, change(request))
            except Conflict:
                continue
            self._kick(request_id)
            return stored.head
        raise refusals.UnknownRequest

    async def _approvers(self, found: Policy) -> tuple[Person, ...]:
        try:
            return await self._directory.find_all(found.approvers)
        except Unavailable:
            return ()  # a list is shown all the same

    async def _escalation(self, found: Policy) -> tuple[Person, ...]:
        """Find who is asked later; an outage delays no request."""
        try:
            return await self._directory.find_all(found.escalation)
        except Unavailable as fault:
            log.warning("%s cannot be escalated: %s", found.secret, fault)
            return ()

    async def _check_exists(self, found: Policy) -> None:
        match await self._secrets.state(found.vault, found.secret):
            case SecretState.UNKNOWN:
                raise refusals.UnknownSecret(found.secret, found.vault.name)
            case SecretState.DISABLED:
                raise refusals.DisabledSecret(found.secret, found.vault.name)
            case SecretState.ENABLED:
                return

    async def _covered(self, actor: Actor, secret: str, request_id: str) -> Policy:
        """Find the policy of a secret; an attempt at one that has none is recorded."""
        found = self._policies.of(secret)
        decision = policy.decide_secret(secret, found)
        if decision.reason or found is None:
            reason = decision.reason or refusals.NotRequestable(secret)
            if isinstance(reason, refusals.NotRequestable):
                await self._block(actor, secret, request_id, reason)
            raise reason
        return found

    async def _beneficiary(self, actor: Actor, for_whom: str) -> Person | None:
        """Find whom access is asked for; None where that is the person who asks."""
        if not for_whom:
            return None
        person = await self._directory.find(for_whom)
        if person is None:
            raise refusals.NobodyOfThatName
        return person if person.object_id != actor.object_id else None

    async def _decide_people(
        self, actor: Actor, beneficiary: Person | None, found: Policy
    ) -> policy.Decision:
        """Decide whether this person may ask, for themselves or for somebody else."""
        if beneficiary is None:
            return await self._decide_requester(actor, found)
        askers = await self._directory.find_all(found.on_behalf)
        decision = policy.decide_on_behalf(found, actor.as_person(), askers)
        if not decision.allowed:
            return decision
        requesters = await self._directory.find_all(found.requesters)
        return policy.decide_beneficiary(found, beneficiary, requesters)

    async def _decide_requester(self, actor: Actor, found: Policy) -> policy.Decision:
        """Decide whether this person may ask; one whom nobody knows may be a guest."""
        person = await self._directory.find(actor.object_id)
        requesters = await self._directory.find_all(found.requesters)
        unknown = Person(actor.object_id, actor.name, guest=None)
        return policy.decide_requester(found, person or unknown, requesters)

    async def _approvers_of(self, found: Policy) -> tuple[str, ...]:
        if not found.owners_approve:
            return found.approvers
        return (*found.approvers, *owners_in(await self._secrets.tags(found.vault, found.secret)))

    async def _count(self, actor: Actor, request_id: str, found: Policy) -> None:
        if found.requests_per_hour is not None:
            await self._rates.count(actor.object_id, request_id, found.requests_per_hour)

    async def _exposes(self, found: Policy) -> int | None:
        """Count what the scope opens; a count that fails delays no request."""
        if found.scope_kind is ScopeKind.SECRET:
            return 1
        try:
            return await self._secrets.count(found.vault)
        except Fault as fault:
            log.warning("cannot count the secrets of %s: %s", found.vault.name, fault)
            return None

    async def _block(
        self, actor: Actor, secret: str, request_id: str, reason: refusals.Refusal
    ) -> None:
        if isinstance(reason, refusals.MembershipUnknown):
            return  # that is no verdict on the attempt
        now = self._clock()
        defaults = self._policies.defaults
        await self._count(actor, request_id, self._policies.of(secret) or defaults)
        terms = Terms(
            approvers=(), min_approvals=1, role="", scope="", vault_url=defaults.vault.url
        )
        request = Request(
            id=request_id,
            state=RequestState.DENIED,
            requester=actor,
            secret=secret,
            vault=defaults.vault.name,
            justification="",
            window=timedelta(),
            requested_at=now,
            lapses_at=now,
            terms=terms,
        )
        try:
            await self._engine.open(access_changes.block(request, reason))
        except Conflict:
            return  # the same attempt, delivered twice
        self._kick(request_id)

    async def _request(
        self, actor: Actor, draft: Draft, offer: Offer, exposes: int | None
    ) -> Request:
        now = self._clock()
        found = offer.policy
        rotation = self._policies.rotation_of(found.secret)
        escalation = await self._escalation(found)
        return Request(
            id=draft.request_id,
            state=RequestState.PENDING,
            requester=actor,
            secret=found.secret,
            vault=found.vault.name,
            justification=draft.justification.strip(),
            window=draft.window or found.longest,
            requested_at=now,
            lapses_at=now + found.pending_for,
            remind_at=_before(now, found.remind_after, found.pending_for),
            escalate_at=_before(now, found.escalate_after, found.pending_for),
            asked_in=draft.asked_in,
            beneficiary=offer.beneficiary,
            terms=Terms(
                approvers=offer.approvers,
                min_approvals=found.min_approvals,
                role=found.role,
                scope=found.scope,
                vault_url=found.vault.url,
                exposes=exposes,
                rotate_after=rotation is not None and rotation.after_grant,
                shortest=found.shortest,
                longest=found.longest,
                secret_scope=found.vault.secret_scope(found.secret),
                extend_freely=found.extend_freely,
                escalation=escalation,
            ),
        )


def _before(now: datetime, after: timedelta | None, end: timedelta) -> datetime | None:
    """Return the time after so long, unless the end comes first."""
    return now + after if after and after < end else None


def _refusal(fault: Fault, correlation_id: str) -> refusals.Refusal:
    log.warning("%s: %s", correlation_id, fault)
    if isinstance(fault, NotPermitted):
        return refusals.BotNotPermitted(fault.service, correlation_id)
    return refusals.ServiceUnavailable(fault.service, correlation_id)
