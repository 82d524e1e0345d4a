"""Finds the people and groups that a rule names, and whether someone is among them."""

from collections.abc import Collection, Iterable, Sequence

from domain.people import NO_GROUPS, Group, Person, Principals
from services.faults import Unavailable
from services.people.directory import Directory
from services.people.groups import GroupMemberships
from services.values import group_in


class NamedPrincipals:
    """Finds what rules name; the groups of a person are checked anew, and never guessed."""

    def __init__(self, directory: Directory, groups: GroupMemberships) -> None:
        self._directory = directory
        self._groups = groups

    async def find(self, who: Sequence[str]) -> Principals:
        """Return the people and groups that can be found.

        Raises Unavailable if a group can't be looked up, or if none of several people can.
        """
        people, groups = split(who)
        found = await self._directory.find_all(people)
        return Principals(found, await self._groups.resolve(groups))

    async def show(self, who: Sequence[str]) -> Principals:
        """Return the people who can be found, and the groups; in an outage as they are written."""
        people, groups = split(who)
        try:
            found = await self._directory.find_all(people)
        except Unavailable:
            found = ()
        try:
            return Principals(found, await self._groups.resolve(groups))
        except Unavailable:
            return Principals(found, tuple(Group(one.lower(), one) for one in groups))

    async def check(self, who: Sequence[str], person_id: str) -> tuple[Principals, frozenset[str]]:
        """Return who is named, and to which of the groups a person belongs.

        Groups aren't asked about someone who is named in person. Raises Unavailable if it can't be
        said whether the person is among them.
        """
        people, groups = split(who)
        known, outage = await self._directory.find_each(people)
        found = Principals(known)
        if person_id in {one.lower() for one in people} or found.include(person_id, NO_GROUPS):
            return found, NO_GROUPS
        named = Principals(known, await self._groups.resolve(groups) if groups else ())
        memberships = await self.memberships(person_id, named.groups)
        if outage and not named.include(person_id, memberships):
            raise outage
        return named, memberships

    async def groups(self, who: Sequence[str]) -> tuple[Group, ...]:
        """Return the groups that are named; raises Unavailable."""
        return await self._groups.resolve(list(dict.fromkeys(split(who)[1])))

    async def resolve(self, groups: Sequence[str]) -> tuple[Group, ...]:
        """Return groups by their names or object IDs; raises Unavailable."""
        return await self._groups.resolve(groups)

    async def memberships(self, person_id: str, groups: Collection[Group]) -> frozenset[str]:
        """Return the IDs of those groups that a person belongs to; raises Unavailable."""
        if not groups:
            return NO_GROUPS
        return await self._groups.of(person_id, [one.object_id for one in groups])

    async def members(self, groups: Iterable[Group], most: int) -> tuple[Person, ...]:
        """Return up to ``most`` members of each group, each person once; raises Unavailable."""
        found: dict[str, Person] = {}
        for group in groups:
            for person in await self._groups.members(group, most):
                found.setdefault(person.object_id, person)
        return tuple(found.values())


def split(who: Iterable[str]) -> tuple[list[str], list[str]]:
    """Separate the names of people from the names and IDs of groups."""
    people: list[str] = []
    groups: list[str] = []
    for one in who:
        group = group_in(one)
        if group is None:
            people.append(one)
        else:
            groups.append(group)
    return people, groups
