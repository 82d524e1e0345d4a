"""Forms over the SDK's dialogs: one person's form in one conversation stays until it is right."""

import logging
from collections.abc import Callable
from datetime import datetime

from botbuilder.dialogs import DialogContext, DialogSet

from bot.forms import FormAnswer
from bot.transport.storage import DialogMemory
from bot.transport.turn import SdkTurn
from bot.turn import Turn
from dialogs.request_dialog import RequestDialog, RequestOptions
from domain.access.request import RequestDraft
from services.faults import Conflict

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
        try:
            await self._memory.save_changes(_context_of(turn))
        except Conflict:
            # The same person spoke twice at once. The other turn's form is the one that is open;
            # what this turn filed is filed.
            log.info("dialog state not saved: another turn of the same person was first")

    async def _dialog(self, turn: Turn) -> DialogContext:
        return await self._dialogs.create_context(_context_of(turn))


def _context_of(turn: Turn) -> object:
    if not isinstance(turn, SdkTurn):
        raise TypeError("these forms need a turn of the SDK")
    return turn.context
