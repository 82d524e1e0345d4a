"""Handle ``why``: what the policy would decide, without asking for anything."""

from bot.handlers.lines.why_command import Why
from bot.handlers.person_reader import PersonReader, who_is_named
from bot.ids import request_id_of
from bot.turn import Turn
from cards.access.why_card import why_card
from domain.people import Person
from services.access.asking.explanations import Explanations


class ExplanationHandlers:
    """Handle turns about the policy; refusals are raised to the caller."""

    def __init__(self, explanations: Explanations, people: PersonReader) -> None:
        self._explanations = explanations
        self._people = people

    async def why(self, turn: Turn, about: Why) -> None:
        """Explain what a request for a secret would be answered now."""
        person = await self._person(turn, about.person)
        found = await self._explanations.explain(
            turn.actor, about.secret, person, request_id_of(turn)
        )
        await turn.reply(why_card(found))

    async def _person(self, turn: Turn, typed: str) -> Person:
        who = who_is_named(turn, typed) or typed
        if not who or who == turn.actor.object_id:
            return turn.actor.as_person()
        return await self._people.find(turn, who, typed.removeprefix("@"))
