"""Whom the rules name, and which of the people who did something they stand for."""

import asyncio
import logging
from collections.abc import Collection, Iterable, Mapping, Sequence
from typing import Protocol

from domain.access.rules.policy import Policy
from domain.audit.unused import NameInRules, names_in
from domain.people import Group
from domain.policies.rule import Rules
from services.faults import Unavailable
from services.people.directory import Directory
from services.values import group_in

log = logging.getLogger(__name__)

_AT_ONCE = 16


class NamedGroups(Protocol):
    """Finds groups, and whether people are in them; raises Unavailable."""

    async def resolve(self, groups: Sequence[str]) -> tuple[Group, ...]: ...

    async def memberships(self, person_id: str, groups: Collection[Group]) -> frozenset[str]: ...


class NamedPeople:
    """Looks up everyone whom the rules name. Without ``groups``, nothing is known about groups."""

    def __init__(self, directory: Directory, groups: NamedGroups | None) -> None:
        self._directory = directory
        self._groups = groups

    async def look_up(
        self, rules: Rules, acted: Collection[str]
    ) -> tuple[Mapping[str, NameInRules], tuple[str, ...]]:
        """Return who is named, by their names in lower case, and who can't be looked up now.

        ``acted`` are the object IDs of the people who did something: of a group's members, only
        those are found.
        """
        names = _everyone(rule.access for rule in rules.rules if rule.access)
        groups = [name for name in names if group_in(name) is not None]
        people = [name for name in names if name not in groups]
        limit = asyncio.Semaphore(_AT_ONCE)
        each = await asyncio.gather(*(self._person(name, limit) for name in people))
        found = dict(zip(people, each, strict=True)) | await self._of_groups(groups, acted, limit)
        known = {name.lower(): one for name, one in found.items() if one}
        return known, tuple(name for name in names if found[name] is None)

    async def _person(self, name: str, limit: asyncio.Semaphore) -> NameInRules | None:
        try:
            async with limit:
                person = await self._directory.find(name)
        except Unavailable as fault:
            log.warning("%s can't be looked up: %s", name, fault)
            return None
        if person is None:
            return NameInRules(name, frozenset(), is_known=False)
        return NameInRules(person.name, frozenset({person.object_id}))

    async def _of_groups(
        self, names: Sequence[str], acted: Collection[str], limit: asyncio.Semaphore
    ) -> dict[str, NameInRules | None]:
        """Ask about each person once, for all groups together."""
        groups = self._groups
        if groups is None or not names:
            return dict.fromkeys(names)

        async def of(person_id: str, those: Sequence[Group]) -> frozenset[str]:
            async with limit:
                return await groups.memberships(person_id, those)

        try:
            found = {name: await groups.resolve([group_in(name) or ""]) for name in names}
            those = [group for each in found.values() for group in each]
            of_each = await asyncio.gather(*(of(one, those) for one in acted))
        except Unavailable as fault:
            log.warning("groups can't be looked up: %s", fault)
            return dict.fromkeys(names)
        members: dict[str, set[str]] = {}
        for person_id, ids in zip(acted, of_each, strict=True):
            for group_id in ids:
                members.setdefault(group_id, set()).add(person_id)
        return {name: _group(name, each, members) for name, each in found.items()}


def _group(name: str, found: Sequence[Group], members: Mapping[str, set[str]]) -> NameInRules:
    if not found:
        return NameInRules(name, frozenset(), is_known=False)
    return NameInRules(found[0].name, frozenset(members.get(found[0].object_id, ())))


def _everyone(policies: Iterable[Policy]) -> list[str]:
    names = (one for policy in policies for who in names_in(policy).values() for one in who)
    first: dict[str, str] = {}
    for name in names:
        first.setdefault(name.lower(), name)
    return list(first.values())
