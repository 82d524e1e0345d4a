"""Ask which secret to request."""

from bot.handlers.lines.request_commands import PickSecret
from bot.handlers.person_reader import PersonReader, who_is_named
from bot.turn import Turn
from cards.access.forms.picker_card import picker_card
from services.access.asking.choices import SecretChoices


class PickingHandlers:
    """Handle requests that name no secret."""

    def __init__(self, choices: SecretChoices, people: PersonReader) -> None:
        self._choices = choices
        self._people = people

    async def ask(self, turn: Turn, command: PickSecret) -> None:
        """Show what this person can request, the secrets they had before first."""
        more = await self._without_mention(turn, command)
        choices = await self._choices.of(turn.actor)
        await turn.reply(picker_card(choices.had, choices.others, choices.patterns, more))

    async def _without_mention(self, turn: Turn, command: PickSecret) -> str:
        """Return what was typed; the button's line has no mention, so it names the person by ID."""
        name = command.mentioned
        who = who_is_named(turn, name) if name else None
        if not who:
            return command.more
        person = await self._people.find(turn, who, name)
        return command.more.replace(name, f"@{person.object_id}", 1)
