"""Who is in which of the directory's groups, at the moment that counts."""

import asyncio
import logging
from collections.abc import Awaitable, Mapping, Sequence
from datetime import timedelta
from typing import TypeVar

from domain.people import Group, Person
from services.clock import Clock
from services.faults import Fault, Rejected, Unavailable, unanswered
from services.people.fresh_answers import FreshAnswers
from services.ports import Groups

log = logging.getLogger(__name__)

FRESH = timedelta(seconds=60)
"""How long it counts whether someone is in a group, and who is in one."""

FRESH_NAMES = timedelta(minutes=10)
"""How long it counts which group a name means."""

PATIENCE = timedelta(seconds=5)
"""How long a person who clicks waits for the directory's groups."""

_SERVICE = "Microsoft Graph"

AnswerT = TypeVar("AnswerT")


class _NoGroup(Exception):
    """Raised for a name without a group, since failures aren't cached: it may get one soon."""


class GroupMemberships:
    """The groups that the rules name, and who belongs to them, directly or through other groups.

    An outage is never answered from older data: no one is admitted by what was true earlier.
    """

    def __init__(self, groups: Groups, clock: Clock) -> None:
        self._groups = groups
        self._memberships: FreshAnswers[tuple[str, str], bool] = FreshAnswers(clock, FRESH)
        self._members: FreshAnswers[tuple[str, int], tuple[Person, ...]] = FreshAnswers(
            clock, FRESH
        )
        self._names: FreshAnswers[str, Group] = FreshAnswers(clock, FRESH_NAMES)

    async def of(self, person_id: str, group_ids: Sequence[str]) -> frozenset[str]:
        """Return the groups among these that a person belongs to; raises Unavailable.

        The answer is at most a minute old. One call covers all of these groups.
        """
        keys = {each: (person_id.lower(), each.lower()) for each in group_ids}
        found = await _in_time(self._memberships.get(list(keys.values()), self._ask_memberships))
        return frozenset(each for each, key in keys.items() if found[key])

    async def resolve(self, names: Sequence[str]) -> tuple[Group, ...]:
        """Return the groups that are called this or have this object ID, each once, in order.

        A name that no group or several groups have is left out, so that it admits no one. Raises
        Unavailable if it can't be said what a name means.
        """
        found: dict[str, Group] = {}
        for name in names:
            try:
                group = (await _in_time(self._names.get([name], self._ask_names)))[name]
            except _NoGroup as error:
                log.warning("the group %r admits no one: %s", name, error)
                continue
            found[group.object_id] = group
        return tuple(found.values())

    async def members(self, group: Group, most: int) -> tuple[Person, ...]:
        """Return up to ``most`` enabled people in a group; raises Unavailable.

        To learn whether there are more than some number, ask for one more. The answer is at most a
        minute old, and may lag behind a change by more than that: it is for telling people, and
        ``of`` is for deciding.
        """
        key = (group.object_id, most)
        return (await _in_time(self._members.get([key], self._ask_members)))[key]

    async def _ask_memberships(
        self, keys: Sequence[tuple[str, str]]
    ) -> Mapping[tuple[str, str], bool]:
        [person_id] = {person_id for person_id, _ in keys}
        found = await self._groups.memberships(person_id, [group_id for _, group_id in keys])
        return {key: key[1] in found for key in keys}

    async def _ask_members(
        self, keys: Sequence[tuple[str, int]]
    ) -> Mapping[tuple[str, int], tuple[Person, ...]]:
        return {key: await self._groups.members(*key) for key in keys}

    async def _ask_names(self, keys: Sequence[str]) -> Mapping[str, Group]:
        return {key: await self._find(key) for key in keys}

    async def _find(self, name: str) -> Group:
        try:
            group = await self._groups.find(name)
        except Rejected as fault:
            raise _NoGroup(str(fault)) from fault
        if group is None:
            raise _NoGroup("it isn't in the directory")
        return group


async def _in_time(answer: Awaitable[AnswerT]) -> AnswerT:
    """Wait for an answer; raise Unavailable for any fault, and if it takes too long."""
    try:
        async with asyncio.timeout(PATIENCE.total_seconds()):
            return await answer
    except Fault as fault:
        log.warning("groups can't be checked: %s", fault)
        raise unanswered(fault) from fault
    except TimeoutError as error:
        seen = f"no answer within {PATIENCE.total_seconds():.0f} seconds"
        raise Unavailable(_SERVICE, seen, outcome_unknown=False) from error
