"""The form for a request, as handlers know it; a conversation of ``dialogs`` stands behind it."""

from dataclasses import dataclass
from typing import Protocol

from bot.turn import Card, Turn
from dialogs.request_dialog import RequestOptions
from domain.access.request import RequestDraft
from services.people.addresses import ConversationAddress


@dataclass(frozen=True, slots=True)
class FormAnswer:
    """What the form was opened with, and the draft that it came to; None while it stays open."""

    options: RequestOptions
    draft: RequestDraft | None


class Forms(Protocol):
    """One person's form in one conversation."""

    async def open(self, turn: Turn, options: RequestOptions) -> None:
        """Show a form, in place of any other that this person has open here."""

    async def open_in(
        self, turn: Turn, options: RequestOptions, where: ConversationAddress
    ) -> Card:
        """Open a form in the sender's own chat; return its card, which the caller sends there."""

    async def take_click(self, turn: Turn) -> FormAnswer | None:
        """Take a click on the open form; None where this person has no form open here."""

    async def save(self, turn: Turn) -> None:
        """Keep what became of the form in this turn."""
