"""Forms over the SDK's dialogs: one person's form in one conversation stays until it is right."""

import logging
from collections.abc import Callable
from copy import copy
from datetime import datetime
from typing import NoReturn

from botbuilder.core import BotAdapter, TurnContext
from botbuilder.dialogs import DialogContext, DialogSet
from botbuilder.schema import (
    Activity,
    ActivityTypes,
    ConversationAccount,
    ConversationReference,
    ResourceResponse,
)

from bot.forms import FormAnswer
from bot.transport.storage import DialogMemory
from bot.transport.turn import SdkTurn
from bot.turn import Card, Turn
from dialogs.request_dialog import RequestDialog, RequestOptions
from domain.access.request import RequestDraft
from services.faults import Conflict
from services.people.addresses import ConversationAddress

log = logging.getLogger(__name__)


class DialogForms:
    """``bot.forms.Forms`` over the SDK's dialogs and their memory."""

    def __init__(self, memory: DialogMemory, clock: Callable[[], datetime]) -> None:
        self._memory = memory
        self._dialogs = DialogSet(memory.create_property("dialogs"))
        self._dialogs.add(RequestDialog(clock))

    async def open(self, turn: Turn, options: RequestOptions) -> None:
        """Show a form, in place of any other that this person has open here."""
        dialog = await self._dialog(turn)
        await dialog.cancel_all_dialogs()
        await dialog.begin_dialog(RequestDialog.ID, options)

    async def open_in(
        self, turn: Turn, options: RequestOptions, where: ConversationAddress
    ) -> Card:
        """Open a form in the sender's own chat; return its card, which the caller sends there."""
        kept = _KeptCards()
        elsewhere = TurnContext(kept, _in_chat(_context_of(turn).activity, where))
        dialog = await self._dialogs.create_context(elsewhere)
        await dialog.cancel_all_dialogs()
        await dialog.begin_dialog(RequestDialog.ID, options)
        # Saved before the card is sent, so that no click comes too early.
        await self._save(elsewhere)
        [card] = kept.cards
        return card

    async def take_click(self, turn: Turn) -> FormAnswer | None:
        """Take a click on the open form; None where this person has no form open here."""
        dialog = await self._dialog(turn)
        if dialog.active_dialog is None:
            return None
        options: RequestOptions = dialog.active_dialog.state.copy()
        result = await dialog.continue_dialog()
        draft = result.result if isinstance(result.result, RequestDraft) else None
        return FormAnswer(options, draft)

    async def save(self, turn: Turn) -> None:
        """Keep what became of the form in this turn."""
        await self._save(_context_of(turn))

    async def _save(self, context: TurnContext) -> None:
        try:
            await self._memory.save_changes(context)
        except Conflict:
            # The same person spoke twice at once. The other turn's form is the one that is open;
            # what this turn filed is filed.
            log.info("dialog state not saved: another turn of the same person was first")

    async def _dialog(self, turn: Turn) -> DialogContext:
        return await self._dialogs.create_context(_context_of(turn))


class _KeptCards(BotAdapter):
    """Keeps the cards that a dialog shows, instead of sending them; it has sent nothing to change.

    The SDK's base class is abstract and asks for all three methods.
    """

    def __init__(self) -> None:
        super().__init__()
        self.cards: list[Card] = []

    async def send_activities(
        self,
        context: TurnContext,  # noqa: ARG002 - the SDK's
        activities: list[Activity],
    ) -> list[ResourceResponse]:
        self.cards += [each.content for one in activities for each in one.attachments or ()]
        return [ResourceResponse() for _ in activities]

    async def update_activity(self, context: TurnContext, activity: Activity) -> NoReturn:
        raise NotImplementedError("a dialog only shows cards")

    async def delete_activity(
        self, context: TurnContext, reference: ConversationReference
    ) -> NoReturn:
        raise NotImplementedError("a dialog only shows cards")


def _in_chat(activity: Activity, where: ConversationAddress) -> Activity:
    """Return an activity as if its sender had sent it in their own chat."""
    moved = copy(activity)
    moved.type = ActivityTypes.message
    moved.service_url = where.service_url
    moved.conversation = ConversationAccount(id=where.conversation_id, conversation_type="personal")
    return moved


def _context_of(turn: Turn) -> TurnContext:
    if not isinstance(turn, SdkTurn):
        raise TypeError("these forms need a turn of the SDK")
    return turn.context
