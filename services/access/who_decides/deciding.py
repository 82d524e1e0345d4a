"""Determines who decides about a request, and who of them is asked."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace

from domain.access.rules.deciders import Deciders, WhoDecide, decides, distinct_rules, groups_in
from domain.access.rules.policy import are_enough
from domain.people import NO_GROUPS, Person, Principals
from services.people.principals import NamedPrincipals


@dataclass(frozen=True, slots=True)
class _AskedPeople:
    people: tuple[Person, ...]
    in_channel: bool = False


class Deciding:
    """Asks the directory who is in the groups that rules name; raises Unavailable."""

    def __init__(self, principals: NamedPrincipals) -> None:
        self._principals = principals

    async def known(self, rule: Principals, most: int) -> tuple[Person, ...]:
        """Return the people in a rule, and up to ``most`` members of each of its groups."""
        members = await self._principals.members(rule.groups, most)
        people = {one.object_id: one for one in (*rule.people, *members)}
        return tuple(people.values())

    async def who(
        self,
        each: Sequence[Deciders],
        needed: int,
        involved: Collection[str],
        most: int,
        already: Sequence[Person] = (),
    ) -> WhoDecide:
        """Determine who decides about all of the secrets, given who decides about each.

        ``most``: how many members of groups get a card each. If there are more, the channel gets
        one; ``already`` are those who have a card and keep it while they decide.
        """
        rules = distinct_rules(one.approvers for one in each)
        asked = await self._ask(rules, most, already)
        who = WhoDecide(
            approvers=asked.people,
            deciders=_of_groups(rules),
            in_channel=asked.in_channel,
            are_enough=await self._can_reach(rules, asked, needed, involved),
        )
        if not any(one.escalation.ids for one in each):
            return who
        rules = distinct_rules(one.sooner_or_later for one in each)
        later = await self._ask(rules, most, already)
        known = {person.object_id for person in asked.people}
        return replace(
            who,
            escalation=tuple(one for one in later.people if one.object_id not in known),
            later_deciders=_of_groups(rules),
            later_in_channel=later.in_channel,
        )

    async def _ask(
        self, rules: Sequence[Principals], most: int, already: Sequence[Person]
    ) -> _AskedPeople:
        for rule in rules:
            members = await self._principals.members(rule.groups, most + 1)
            if len(members) <= most:
                found = {one.object_id: one for one in (*rule.people, *members)}
                others = [each for each in rules if each != rule]
                return _AskedPeople(await self._deciding(tuple(found.values()), others))
        named = {one.object_id: one for rule in rules for one in (*rule.people, *already)}
        return _AskedPeople(await self._deciding(tuple(named.values()), rules), in_channel=True)

    async def _can_reach(
        self,
        rules: Sequence[Principals],
        asked: _AskedPeople,
        needed: int,
        involved: Collection[str],
    ) -> bool:
        """Return whether there are enough people for the quorum.

        No one counts who is in several large groups at once: then it is assumed, and the request
        lapses if it's wrong.
        """
        if not asked.in_channel:
            return are_enough(asked.people, needed, [*involved])
        if len(rules) > 1:
            return True
        known = await self.known(rules[0], needed + len(involved))
        return are_enough(known, needed, [*involved])

    async def _deciding(
        self, people: Sequence[Person], rules: Sequence[Principals]
    ) -> tuple[Person, ...]:
        """Return those of these people whom every rule lets decide."""
        return tuple([one for one in people if not rules or await self._decides(one, rules)])

    async def _decides(self, person: Person, rules: Sequence[Principals]) -> bool:
        if decides(rules, person.object_id, NO_GROUPS):
            return True
        found = await self._principals.memberships(person.object_id, groups_in(rules))
        return decides(rules, person.object_id, found)


def _of_groups(rules: tuple[Principals, ...]) -> tuple[Principals, ...]:
    """Return rules that name a group; without one, the people who are asked decide."""
    return rules if groups_in(rules) else ()
