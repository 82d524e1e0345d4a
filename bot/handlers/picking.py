"""Ask which secret to request."""

from bot.handlers.request_commands import PickSecret
from bot.turn import Turn
from cards.access.picker_card import picker_card
from services.access.choices import SecretChoices


class PickingHandlers:
    """Handle requests that name no secret."""

    def __init__(self, choices: SecretChoices) -> None:
        self._choices = choices

    async def ask(self, turn: Turn, command: PickSecret) -> None:
        """Show what this person can request, the secrets they had before first."""
        choices = await self._choices.of(turn.actor)
        await turn.reply(picker_card(choices.had, choices.others, choices.patterns, command.more))
