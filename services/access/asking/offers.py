"""What people can request: the checks before a request, and its approvers."""

import asyncio
import logging
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, replace
from datetime import timedelta
from itertools import islice

from domain.access.request import Request
from domain.access.rules import policy
from domain.access.rules import request_rules as access_rules
from domain.access.rules.deciders import Deciders, WhoDecide
from domain.access.rules.policy import Decision, Policy, ScopeKind
from domain.access.rules.request_rules import RequestRules
from domain.access.target import StandingPermission, Target
from domain.people import NO_GROUPS, NO_ONE, Actor, Person, Principals
from domain.refusals.refusal import Refusal
from domain.refusals.requests import NobodyOfThatName, OfSeveral, TooManySecrets
from domain.refusals.secrets import CouldNotEnd, NotRequestable
from domain.rotation.owners import owners_in
from domain.secrets import Vault
from domain.typed import shortened
from services.access.asking.existing import ExistingSecrets
from services.access.asking.revocability import Revocability
from services.access.asking.standing import standing_access
from services.access.who_decides.deciding import Deciding
from services.faults import Fault, Unavailable
from services.people.directory import Directory
from services.people.principals import NamedPrincipals
from services.policies import Policies
from services.ports import Secrets, StandingRoles

log = logging.getLogger(__name__)

_LONGEST_NAME = 100
"""How much is kept of what was typed for a person who isn't found."""

Decide = Callable[[Policy], Awaitable[Decision]]


@dataclass(frozen=True, slots=True)
class RequestableSecret:
    """The policy of a secret or pattern, and its approvers."""

    policy: Policy
    approvers: Principals


@dataclass(frozen=True, slots=True)
class RequestOffer:
    """What a person can ask for in one request, with its rules and approvers."""

    policies: tuple[Policy, ...]
    rules: RequestRules
    deciders: WhoDecide
    beneficiary: Person | None = None
    """The person who gets access, if someone else asks for them."""


class AccessOffers:
    """Checks what people want to request; refusals and faults are raised unchanged."""

    def __init__(
        self,
        policies: Policies,
        directory: Directory,
        principals: NamedPrincipals,
        secrets: Secrets,
        existing: ExistingSecrets,
        revocability: Revocability,
        roles: StandingRoles | None = None,
    ) -> None:
        self._policies = policies
        self._directory = directory
        self._principals = principals
        self._deciding = Deciding(principals)
        self._secrets = secrets
        self._existing = existing
        self._revocability = revocability
        self._roles = roles

    async def offer(
        self, actor: Actor, secrets: tuple[str, ...], for_whom: str = ""
    ) -> RequestOffer:
        """Check that these secrets exist and can be requested together."""
        names = _countable(secrets)
        beneficiary = None
        if any(self._policies.of(name) for name in names):
            beneficiary = await self._beneficiary(actor, for_whom)

        async def decide(found: Policy) -> Decision:
            return await self.decide_people(actor, beneficiary, found)

        policies = await self._examine(names, decide)
        rules = access_rules.strictest(policies)
        deciders = await self._deciders(policies, actor, beneficiary)
        access_rules.decide_rules(policies, rules).require()
        return RequestOffer(policies, rules, deciders, beneficiary)

    async def emergency(self, actor: Actor, secrets: tuple[str, ...]) -> RequestOffer:
        """Check that this person can use break-glass access to all of these secrets."""

        async def decide(found: Policy) -> Decision:
            return await self.decide_break_glass(actor, found)

        policies = await self._examine(_countable(secrets), decide)
        reviewed = [replace(one, min_approvals=1) for one in policies]
        deciders = await self._deciders(reviewed, actor)
        return RequestOffer(policies, access_rules.in_emergency(policies), deciders)

    def require_requestable(self, secrets: Sequence[str]) -> None:
        """Raise what a request for these secrets would be refused with, if one can't be requested.

        That is asked of the rules alone: not of people, and not of the vaults.
        """
        decisions = {name: policy.decide_secret(name, self._policies.of(name)) for name in secrets}
        reasons = {name: one.reason for name, one in decisions.items() if one.reason}
        _refuse(reasons, len(secrets))

    async def requestable(self, start: int = 0, most: int | None = None) -> list[RequestableSecret]:
        """List what can be requested, in the policy's order, and who would approve it.

        Takes one look into the directory for each that is returned.
        """
        stop = None if most is None else start + most
        return [
            RequestableSecret(found, await self._principals.show(found.approvers))
            for found in islice(self._policies.all(), start, stop)
        ]

    async def is_approver(self, actor: Actor, found: Policy) -> bool:
        """Return whether this person is an approver of a secret now."""
        named = (await self._deciders_of(found)).approvers
        if named.include(actor.object_id, NO_GROUPS):
            return True
        groups = await self._principals.memberships(actor.object_id, named.groups)
        return named.include(actor.object_id, groups)

    async def decide_break_glass(self, actor: Actor, found: Policy) -> Decision:
        """Decide whether this person can use break-glass access to a secret."""
        named, groups = await self._principals.check(found.break_glass, actor.object_id)
        return policy.decide_break_glass(found, actor.as_person(), named, groups)

    async def decide_on_behalf(self, actor: Actor, found: Policy, for_name: str = "") -> Decision:
        """Decide whether this person can request access to a secret for others."""
        askers, groups = await self._principals.check(found.on_behalf, actor.object_id)
        return policy.decide_on_behalf(found, actor.as_person(), askers, groups, for_name)

    async def decide_people(
        self, actor: Actor, beneficiary: Person | None, found: Policy
    ) -> Decision:
        """Decide whether this person can ask, for themselves or for someone else."""
        if beneficiary is None:
            return await self.decide_requester(actor, found)
        decision = await self.decide_on_behalf(actor, found, beneficiary.name)
        if not decision.allowed:
            return decision
        requesters, groups = await self._principals.check(found.requesters, beneficiary.object_id)
        return policy.decide_beneficiary(found, beneficiary, requesters, groups)

    async def why_not_now(self, request: Request, today: Sequence[Policy]) -> dict[str, Refusal]:
        """Return which secrets these people can't ask for by today's policies, and why.

        Of break-glass access it's those that they can't take in that way. Raises Unavailable.
        """
        beneficiary = request.beneficiary
        if beneficiary:
            beneficiary = await self._directory.find(beneficiary.object_id) or beneficiary
        decisions = {
            one.secret: await (
                self.decide_break_glass(request.requester, one)
                if request.broke_glass
                else self.decide_people(request.requester, beneficiary, one)
            )
            for one in today
        }
        return {name: one.reason for name, one in decisions.items() if one.reason}

    async def find_beneficiary(self, actor: Actor, for_whom: str) -> Person | None:
        """Find whom a request is for that isn't made, if it's someone else.

        Someone who isn't found, or not now, has the name that was typed, and no object ID.
        """
        try:
            return await self._beneficiary(actor, for_whom)
        except (NobodyOfThatName, Unavailable):
            return Person("", shortened(for_whom, _LONGEST_NAME))

    async def targets(self, policies: Sequence[Policy]) -> tuple[Target, ...]:
        """Return the targets with what each scope opens; each vault is counted once."""
        wide = [one.vault for one in policies if one.scope_kind is ScopeKind.VAULT]
        opened = {vault: await self._names(vault) for vault in dict.fromkeys(wide)}

        def names_of(one: Policy) -> Sequence[str] | None:
            return opened[one.vault] if one.scope_kind is ScopeKind.VAULT else (one.secret,)

        return tuple(
            Target(
                secret=one.secret,
                vault=one.vault.name,
                vault_url=one.vault.url,
                role=one.role,
                scope=one.scope,
                exposes=None if (names := names_of(one)) is None else len(names),
                not_requestable=None if names is None else len(self._policies.closed(names)),
                secret_scope=one.vault.secret_scope(one.secret),
                rotate_after=self._waits_after(one.secret) is not None,
                rotation_waits=self._waits_after(one.secret) or timedelta(),
                allow_locked=one.allow_locked,
            )
            for one in policies
        )

    async def standing(
        self, person_id: str, targets: Sequence[Target]
    ) -> tuple[StandingPermission, ...]:
        """Return what a person can already read; an outage delays no request."""
        return await standing_access(self._roles, person_id, targets)

    async def _names(self, vault: Vault) -> Sequence[str] | None:
        """List a vault's secrets; a failure delays no request."""
        try:
            return await self._secrets.names(vault)
        except Fault as fault:
            log.warning("can't count the secrets of %s: %s", vault.name, fault)
            return None

    def _waits_after(self, secret: str) -> timedelta | None:
        """Return how long after a grant a secret's rotation is due; None if none follows."""
        rotation = self._policies.rotation_of(secret)
        return rotation.wait_after_grant if rotation and rotation.after_grant else None

    async def _examine(self, names: Sequence[str], decide: Decide) -> tuple[Policy, ...]:
        """Return the policies of all secrets; one that fails refuses the whole request."""
        reasons: dict[str, Refusal] = {}
        policies: list[Policy] = []
        for name in names:
            found = self._policies.of(name)
            decision = policy.decide_secret(name, found)
            if decision.allowed and found:
                decision = await decide(found)
            if decision.reason or found is None:
                reasons[name] = decision.reason or NotRequestable(name)
            else:
                policies.append(found)
        try:
            locked, missing = await asyncio.gather(
                self._not_to_be_given(policies),
                self._existing.missing((one.vault, one.secret) for one in policies),
            )
            reasons |= locked | missing
        except Fault:
            if not reasons:
                raise
        _refuse(reasons, len(names))
        return tuple(policies)

    async def _not_to_be_given(self, policies: Sequence[Policy]) -> dict[str, Refusal]:
        """Return which access couldn't be revoked; the grant checks again."""
        found = await asyncio.gather(*(self._revocability.why_not_ask(one) for one in policies))
        return {
            one.secret: CouldNotEnd(why) for one, why in zip(policies, found, strict=True) if why
        }

    async def _deciders(
        self, policies: Sequence[Policy], actor: Actor, beneficiary: Person | None = None
    ) -> WhoDecide:
        """Find the common approvers; each secret must have enough approvers on its own."""
        involved = [actor.object_id, *([beneficiary.object_id] if beneficiary else [])]
        each = [await self._deciders_of(found) for found in policies]
        reasons: dict[str, Refusal] = {}
        for found, deciders in zip(policies, each, strict=True):
            most = found.min_approvals + len(involved)
            known = await self._deciding.known(deciders.approvers, most)
            decision = policy.decide_approvers(found, known, actor.object_id, beneficiary)
            if decision.reason:
                reasons[found.secret] = decision.reason
        _refuse(reasons, len(policies))
        needed = max(one.min_approvals for one in policies)
        most = min(one.notify_members for one in policies)
        who = await self._deciding.who(each, needed, involved, most)
        access_rules.decide_common(policies, who).require()
        return who

    async def _deciders_of(self, found: Policy) -> Deciders:
        approvers = found.approvers
        if found.owners_approve:
            tags = await self._secrets.tags(found.vault, found.secret)
            approvers = (*approvers, *owners_in(tags))
        named = await self._principals.find(approvers)
        return Deciders(named, await self._escalation(found))

    async def _escalation(self, found: Policy) -> Principals:
        """Find the people for an escalation; an outage delays no request."""
        if found.escalate_after is None:
            return NO_ONE
        try:
            return await self._principals.find(found.escalation)
        except Unavailable as fault:
            log.warning("%s can't be escalated: %s", found.secret, fault)
            return NO_ONE

    async def _beneficiary(self, actor: Actor, for_whom: str) -> Person | None:
        """Find the person who gets access; None if it's the requester."""
        if not for_whom:
            return None
        person = await self._directory.find(for_whom)
        if person is None:
            raise NobodyOfThatName
        return person if person.object_id != actor.object_id else None

    async def decide_requester(self, actor: Actor, found: Policy) -> Decision:
        """Decide whether this person can ask; an unknown person may be a guest."""
        person = await self._directory.find(actor.object_id)
        requesters, groups = await self._principals.check(found.requesters, actor.object_id)
        unknown = Person(actor.object_id, actor.name, guest=None)
        return policy.decide_requester(
            found, person or unknown, requesters, groups, is_in_directory=person is not None
        )


def _countable(secrets: Sequence[str]) -> tuple[str, ...]:
    """Return each name once; raises TooManySecrets."""
    names = access_rules.distinct(secrets)
    if len(names) > access_rules.MOST_SECRETS:
        raise TooManySecrets(access_rules.MOST_SECRETS)
    return names


def _refuse(reasons: dict[str, Refusal], asked: int) -> None:
    """Raise the refusals of some secrets together, or that of a single secret unchanged."""
    if not reasons:
        return
    if asked == 1:
        raise next(iter(reasons.values()))
    raise OfSeveral(reasons)
