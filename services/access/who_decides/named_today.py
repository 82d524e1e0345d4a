"""Whom the rules in force name as the deciders of an open request."""

import asyncio
import logging
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from domain.access.request import Request
from domain.access.rules.deciders import Deciders, groups_in
from domain.access.rules.policy import Policy
from domain.people import NO_ONE, Group, Person, Principals
from domain.rotation.owners import owners_in
from services.faults import Fault, Unavailable, described
from services.people.directory import BRIEFLY, Directory
from services.people.principals import NamedPrincipals, split
from services.ports import Secrets

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class _Found:
    """The people and groups that were found, and why some may be missing, if so."""

    named: Principals
    outage: Fault | None


class NamedToday:
    """Looks up what the rules name, briefly, since people wait for it.

    If the directory doesn't answer, object IDs are trusted, and so are the request's own approvers
    and groups if the rules still name them. The answers say if something wasn't answered.
    """

    def __init__(self, directory: Directory, principals: NamedPrincipals, secrets: Secrets) -> None:
        self._directory = directory
        self._principals = principals
        self._secrets = secrets

    async def each(
        self, request: Request, policies: Sequence[Policy]
    ) -> tuple[list[Deciders], Fault | None]:
        """Return who decides about each secret; with a fault if some weren't looked up."""
        each = [await self._deciders(policy, request) for policy in policies]
        return [deciders for deciders, _ in each], _first(outage for _, outage in each)

    async def still_there(self, request: Request) -> tuple[tuple[Person, ...], Fault | None]:
        """Return the request's approvers without those who have left."""
        found = await self._find([one.object_id for one in request.terms.approvers], request)
        return found.named.people, found.outage

    async def _deciders(self, policy: Policy, request: Request) -> tuple[Deciders, Fault | None]:
        named, of_owners = policy.approvers, None
        if policy.owners_approve:
            try:
                tags = await self._secrets.tags(policy.vault, policy.secret)
                named = (*named, *owners_in(tags))
            except Fault as fault:
                log.warning("can't look up the owners of %s: %s", policy.secret, fault)
                of_owners = fault
        found = await self._find(named, request)
        later = _Found(NO_ONE, outage=None)
        if policy.escalate_after is not None:
            later = await self._find(policy.escalation, request)
        return Deciders(found.named, later.named), _first([of_owners, found.outage, later.outage])

    async def _find(self, who: Sequence[str], request: Request) -> _Found:
        """Find people and groups, falling back to the request's if the directory is down."""
        known = {
            name.lower(): person
            for person in (*request.terms.approvers, *request.terms.escalation)
            for name in (person.object_id, person.email)
            if name
        }
        people, names = split(who)

        async def find(one: str) -> tuple[Person | None, Fault | None]:
            try:
                async with asyncio.timeout(BRIEFLY.total_seconds()):
                    return await self._directory.find(one), None
            except (Unavailable, TimeoutError) as error:
                return known.get(one.lower()), _fault_of(error)

        answers = await asyncio.gather(*(find(one) for one in people))
        found = {person.object_id: person for person, _ in answers if person}
        groups, of_groups = await self._find_groups(names, request)
        return _Found(
            Principals(tuple(found.values()), groups),
            _first([*(outage for _, outage in answers), of_groups]),
        )

    async def _find_groups(
        self, names: Sequence[str], request: Request
    ) -> tuple[tuple[Group, ...], Fault | None]:
        try:
            async with asyncio.timeout(BRIEFLY.total_seconds()):
                return await self._principals.resolve(names), None
        except (Unavailable, TimeoutError) as error:
            wanted = {name.lower() for name in names}
            known = groups_in((*request.terms.deciders, *request.terms.later_deciders))
            kept = (one for one in known if wanted & {one.object_id, one.name.lower()})
            return tuple(kept), _fault_of(error)


def _first(outages: Iterable[Fault | None]) -> Fault | None:
    return next((one for one in outages if one), None)


def _fault_of(error: Unavailable | TimeoutError) -> Fault:
    if isinstance(error, Unavailable):
        return error
    return Unavailable("the directory", described(error), outcome_unknown=False)
