"""Find the person that was typed: as a mention, as @email, or as @me."""

from typing import Protocol

from bot.handlers.lines.typed import without_stops
from bot.turn import TurnFacts
from domain.people import Person
from domain.refusals.people import UnknownPerson
from domain.visible import visible
from services.faults import Unavailable
from services.people.addresses import ConversationAddress
from services.people.directory import Directory
from services.unanswered import about_people
from services.values import is_guid


class Members(Protocol):
    """Finds members of a conversation by the Teams ID that mentions have."""

    async def find(self, where: ConversationAddress, teams_id: str) -> Person | None: ...


class PersonReader:
    """Finds people in the directory; refuses whom it can't find.

    Only Teams knows whom a mention's ID stands for: the conversation has them as a member.
    """

    def __init__(self, directory: Directory, members: Members) -> None:
        self._directory = directory
        self._members = members

    async def find(self, turn: TurnFacts, who: str, called: str) -> Person:
        """Find a person by email or ID, ``called`` as they were typed."""
        try:
            person = await self._directory.find(await self._known_as(turn, who))
        except Unavailable as fault:
            raise about_people(fault) from fault
        if person is None:
            raise UnknownPerson(called)
        return person

    async def find_even_gone(self, turn: TurnFacts, who: str, called: str) -> Person:
        """Find someone who may have left: then their object ID is enough."""
        if not is_guid(who):
            return await self.find(turn, who, called)
        object_id = who.lower()
        return await self._directory.find_now(object_id) or Person(object_id, object_id)

    async def _known_as(self, turn: TurnFacts, who: str) -> str:
        """Return a mentioned member's object ID, and anything else as it is."""
        if is_guid(who) or not is_mentioned(turn, who):
            return who
        member = await self._members.find(turn.conversation.address, who)
        return member.object_id if member else who


def is_mentioned(turn: TurnFacts, who: str) -> bool:
    """Return whether this is the Teams ID of someone whom the turn mentions."""
    return any(mention.teams_id == who for mention in turn.mentions)


def who_is_named(turn: TurnFacts, typed: str) -> str | None:
    """Return the ID or email of whom a text names; None if it isn't a mention and has no @."""
    seen = visible(typed)
    for mention in turn.mentions:
        if visible(mention.name) in (seen, without_stops(seen)):
            return mention.teams_id
    if "@" not in typed or "/" in typed:
        return None
    who = without_stops(typed.removeprefix("@"))
    return turn.actor.object_id if who.casefold() == "me" else who
