"""Ask which secret to request."""

from bot.handlers.person_reader import PersonReader
from bot.handlers.request_commands import PickSecret
from bot.turn import Turn
from cards.access.picker_card import picker_card
from services.access.choices import SecretChoices


class PickingHandlers:
    """Handle requests that name no secret."""

    def __init__(self, choices: SecretChoices, people: PersonReader) -> None:
        self._choices = choices
        self._people = people

    async def ask(self, turn: Turn, command: PickSecret) -> None:
        """Show what this person can request, the secrets they had before first."""
        more = await self._without_mentions(turn, command.more)
        choices = await self._choices.of(turn.actor)
        await turn.reply(picker_card(choices.had, choices.others, choices.patterns, more))

    async def _without_mentions(self, turn: Turn, line: str) -> str:
        """Name those who are mentioned otherwise: the line of a button has no mentions."""
        for mention in turn.mentions:
            if mention.name in line:
                person = await self._people.find(turn, mention.teams_id, mention.name)
                line = line.replace(mention.name, f"@{person.object_id}")
        return line
