"""Finds people by their names among those who are in the history."""

from collections.abc import Iterator
from datetime import datetime

from domain.access.request import Request
from domain.audit.history import Filter
from domain.people import Actor, Person
from domain.rotation.rotation import Rotation
from services.audit.history import History
from services.people.admins import Admins

_MOST_READ = 500


class PeopleInHistory:
    """Searches the latest requests and rotations; what a person can't see isn't searched."""

    def __init__(self, history: History, admins: Admins) -> None:
        self._history = history
        self._admins = admins

    async def called(self, actor: Actor, name: str, since: datetime | None) -> tuple[Person, ...]:
        """Return the people with a name that has these words in it, latest first.

        A word matches the beginning of a word of the name. Admins find everyone who requested,
        got or decided something; others find only themselves.
        """
        wanted = name.casefold().split()
        if not wanted:
            return ()
        if not await self._admins.includes(actor):
            return (actor.as_person(),) if _matches(actor.name, wanted) else ()
        page = await self._history.up_to(Filter(since=since), _MOST_READ)
        found: dict[str, Person] = {}
        for head in page.heads:
            for person in _people_of(head):
                if _matches(person.name, wanted):
                    found.setdefault(person.object_id, person)
        return tuple(found.values())

    async def has_any(self, wanted: Filter) -> bool:
        """Return whether there is anything that matches."""
        return bool((await self._history.page(wanted, 1)).heads)


def _people_of(head: object) -> Iterator[Person]:
    match head:
        case Request():
            yield head.requester.as_person()
            yield head.holder
            for approval in head.approvals:
                yield approval.approver.as_person()
            if head.denial and head.denial.approver:
                yield head.denial.approver.as_person()
        case Rotation():
            if head.trigger.actor:
                yield head.trigger.actor.as_person()
            if head.approved_by:
                yield head.approved_by.as_person()


def _matches(name: str, wanted: list[str]) -> bool:
    words = name.casefold().split()
    return all(any(word.startswith(one) for word in words) for one in wanted)
