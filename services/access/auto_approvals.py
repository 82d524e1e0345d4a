"""Asks the directory what a rule has to know, and decides whether it approves a request."""

import logging
from collections.abc import Sequence
from datetime import datetime, timedelta

from domain.access.auto_approval import AutoApproval
from domain.access.auto_decision import AutoDecision, AutoFacts, decide_auto
from domain.access.policy import Policy
from domain.access.request import Request
from domain.people import Person
from services.faults import Unavailable
from services.people.directory import Directory

log = logging.getLogger(__name__)


class AutoApprovals:
    """Applies the rules for approval; without an answer from the directory, none approves."""

    def __init__(self, directory: Directory) -> None:
        self._directory = directory

    async def decide(
        self, policies: Sequence[Policy], request: Request, at: datetime
    ) -> list[AutoDecision]:
        """Decide about a request whose access would start ``at``, for each of its secrets."""
        if not all(one.auto_approve for one in policies):
            return [AutoDecision(one.secret) for one in policies]
        person = await self._directory.find_now(request.requester.object_id)
        return [
            await self._decide(
                one,
                person,
                at,
                for_another=request.beneficiary is not None,
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
        window: timedelta | None = None,
        justification: str | None = None,
    ) -> AutoDecision:
        facts = AutoFacts(
            person=person,
            requesters=await self._requesters(policy.auto_approve),
            for_another=for_another,
            window=window,
            justification=justification,
            at=at,
        )
        return decide_auto(policy, facts)

    async def _requesters(self, rule: AutoApproval | None) -> Sequence[Person] | None:
        if rule is None:
            return ()
        try:
            return await self._directory.find_all(rule.requesters)
        except Unavailable as fault:
            log.warning("can't tell whom %s approves by rule: %s", rule.table, fault)
            return None
