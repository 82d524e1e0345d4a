"""Asks the directory what a rule has to know, and decides whether it approves a request."""

import logging
from collections.abc import Sequence
from datetime import datetime, timedelta

from domain.access.request import Request
from domain.access.rules.auto_approval import AutoApproval
from domain.access.rules.auto_decision import AutoDecision, AutoFacts, decide_auto
from domain.access.rules.policy import Policy
from domain.people import NO_GROUPS, NO_ONE, Person, Principals
from services.faults import Unavailable
from services.people.directory import Directory
from services.people.principals import NamedPrincipals

log = logging.getLogger(__name__)


class AutoApprovals:
    """Applies the rules for approval; without an answer from the directory, none approves."""

    def __init__(self, directory: Directory, principals: NamedPrincipals) -> None:
        self._directory = directory
        self._principals = principals

    async def decide(self, policies: Sequence[Policy], request: Request) -> list[AutoDecision]:
        """Decide about a request that is about to be stored, for each of its secrets."""
        if not all(one.auto_approve for one in policies):
            return [AutoDecision(one.secret) for one in policies]
        person = await self._directory.find_now(request.requester.object_id)
        return [
            await self._decide(
                one,
                person,
                request.requested_at,
                for_another=request.beneficiary is not None,
                starts_later=request.starts_at is not None,
                window=request.window,
                justification=request.justification,
            )
            for one in policies
        ]

    async def explain(self, policy: Policy, person_id: str, at: datetime) -> AutoDecision:
        """Decide as far as possible about a request that this person could make now."""
        person = await self._directory.find_now(person_id) if policy.auto_approve else None
        return await self._decide(policy, person, at)

    async def _decide(
        self,
        policy: Policy,
        person: Person | None,
        at: datetime,
        *,
        for_another: bool = False,
        starts_later: bool = False,
        window: timedelta | None = None,
        justification: str | None = None,
    ) -> AutoDecision:
        requesters, memberships = await self._requesters(policy.auto_approve, person)
        facts = AutoFacts(
            person=person,
            requesters=requesters,
            memberships=memberships,
            for_another=for_another,
            starts_later=starts_later,
            window=window,
            justification=justification,
            at=at,
        )
        return decide_auto(policy, facts)

    async def _requesters(
        self, rule: AutoApproval | None, person: Person | None
    ) -> tuple[Principals | None, frozenset[str]]:
        """Return whom a rule names, None if unknown, and which of its groups a person is in."""
        if rule is None or person is None:
            return NO_ONE, NO_GROUPS
        try:
            return await self._principals.check(rule.requesters, person.object_id)
        except Unavailable as fault:
            log.warning("can't tell whom %s approves by rule: %s", rule.table, fault)
            return None, NO_GROUPS
