"""To which of the groups that decide about requests someone belongs."""

from collections.abc import Sequence

from domain.access.request import Request
from domain.people import NO_GROUPS, Actor, Group
from services.faults import Unavailable
from services.people.principals import NamedPrincipals
from services.policies import Policies
from services.unanswered import about_people


class DecidingGroups:
    """Checks memberships when they count; raises DirectoryUnavailable, and never guesses."""

    def __init__(self, principals: NamedPrincipals, policies: Policies) -> None:
        self._principals = principals
        self._policies = policies

    async def of(self, actor: Actor, request: Request) -> frozenset[str]:
        """Return a person's memberships among the groups that decide about a request, or review it.

        No one is asked about a person whom no group concerns.
        """
        person_id, each = actor.object_id, (request.terms, request.review_terms)
        if person_id in request.involved:
            return NO_GROUPS
        if all(terms.let_decide(person_id, NO_GROUPS) for terms in each):
            return NO_GROUPS
        groups = dict.fromkeys(group for terms in each for group in terms.groups)
        return await self.among(person_id, tuple(groups))

    async def in_force(self, actor: Actor) -> frozenset[str]:
        """Return a person's memberships among all groups that decide by the rules in force."""
        named = [
            one for rule in self._policies.all() for one in (*rule.approvers, *rule.escalation)
        ]
        try:
            groups = await self._principals.groups(named)
        except Unavailable as fault:
            raise about_people(fault) from fault
        return await self.among(actor.object_id, groups)

    async def among(self, person_id: str, groups: Sequence[Group]) -> frozenset[str]:
        """Return a person's memberships among these groups."""
        try:
            return await self._principals.memberships(person_id, groups)
        except Unavailable as fault:
            raise about_people(fault) from fault
