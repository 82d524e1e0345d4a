"""The dry run: what the policy would decide, found out by the same checks as for a request."""

from domain.access.explanation import Explanation, Offered
from domain.access.rules import policy
from domain.access.rules.policy import Policy
from domain.people import Actor, Person
from domain.refusals.refusal import Refusal
from domain.refusals.requests import OnlyAboutYourself
from services.access.asking.auto_approvals import AutoApprovals
from services.access.asking.offers import AccessOffers, RequestOffer
from services.clock import Clock
from services.faults import Fault
from services.people.admins import Admins
from services.policies import Policies
from services.unanswered import refusal_of


class Explanations:
    """Explains the policy. It records nothing; refusals to explain are raised unchanged."""

    def __init__(
        self,
        policies: Policies,
        offers: AccessOffers,
        auto_approvals: AutoApprovals,
        admins: Admins,
        clock: Clock,
    ) -> None:
        self._policies = policies
        self._offers = offers
        self._auto_approvals = auto_approvals
        self._admins = admins
        self._clock = clock

    async def explain(
        self, reader: Actor, secret: str, person: Person, correlation_id: str
    ) -> Explanation:
        """Explain what a request by this person would be answered now.

        Raises OnlyAboutYourself if the reader is neither this person, nor an admin, nor one of
        the secret's approvers.
        """
        found = self._policies.of(secret)
        try:
            if reader.object_id != person.object_id:
                await self._require_may_ask(reader, found)
            if found is None:
                return await self._not_requestable(reader, secret, person)
            return await self._explain(reader, found, person)
        except Fault as fault:
            raise refusal_of(fault, correlation_id) from fault

    async def _require_may_ask(self, reader: Actor, found: Policy | None) -> None:
        """Raise unless this reader may ask about other people's access to a secret."""
        if await self._admins.includes(reader):
            return
        if found is None or not await self._offers.is_approver(reader, found):
            raise OnlyAboutYourself

    async def _not_requestable(self, reader: Actor, secret: str, person: Person) -> Explanation:
        """Explain that a secret isn't listed; only admins learn by which rule."""
        rule = self._policies.rule_of(secret)
        is_told = rule is not None and await self._admins.includes(reader)
        return Explanation(
            secret=secret,
            person=person,
            table=rule.table if rule and is_told else None,
            refusal=policy.decide_secret(secret, None).reason,
        )

    async def _explain(self, reader: Actor, found: Policy, person: Person) -> Explanation:
        asker = Actor(reader.tenant_id, person.object_id, person.name)
        refusal, offered = None, None
        try:
            offer = await self._offers.offer(asker, (found.secret,))
        except Refusal as raised:
            refusal = raised
        else:
            offered = await self._offered(asker, offer)
        rule = self._policies.rule_of(found.secret)
        takes = (await self._offers.decide_break_glass(asker, found)).allowed
        return Explanation(
            secret=found.secret,
            person=person,
            table=rule.table if rule else None,
            refusal=refusal,
            offered=offered,
            for_others=(await self._offers.decide_on_behalf(asker, found)).allowed,
            break_glass=found.break_glass_longest if takes else None,
        )

    async def _offered(self, asker: Actor, offer: RequestOffer) -> Offered:
        [found] = offer.policies
        targets = await self._offers.targets(offer.policies)
        return Offered(
            target=targets[0],
            rules=offer.rules,
            approvers=offer.deciders.named.without({asker.object_id}),
            standing=await self._offers.standing(asker.object_id, targets),
            auto=await self._auto_approvals.explain(found, asker.object_id, self._clock()),
        )
