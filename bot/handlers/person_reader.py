"""Find the person that was typed: as a mention, as @email, or as @me."""

from bot.turn import TurnFacts
from domain.people import Person
from domain.refusals import UnknownPerson
from domain.visible import visible
from services.faults import Unavailable
from services.people.directory import Directory
from services.unanswered import about_people
from services.values import is_guid


class PersonReader:
    """Finds people in the directory; refuses whom it can't find."""

    def __init__(self, directory: Directory) -> None:
        self._directory = directory

    async def find(self, who: str, called: str) -> Person:
        """Find a person by email or ID, ``called`` as they were typed."""
        try:
            person = await self._directory.find(who)
        except Unavailable as fault:
            raise about_people(fault) from fault
        if person is None:
            raise UnknownPerson(called)
        return person

    async def find_even_gone(self, who: str, called: str) -> Person:
        """Find someone who may have left: then their object ID is enough."""
        if not is_guid(who):
            return await self.find(who, called)
        object_id = who.lower()
        return await self._directory.find_now(object_id) or Person(object_id, object_id)


def who_is_named(turn: TurnFacts, typed: str) -> str | None:
    """Return the ID or email of whom a text names; None if it isn't a mention and has no @."""
    for mention in turn.mentions:
        if visible(mention.name) == visible(typed):
            return mention.teams_id
    if "@" not in typed or "/" in typed:
        return None
    who = typed.removeprefix("@")
    return turn.actor.object_id if who.casefold() == "me" else who
