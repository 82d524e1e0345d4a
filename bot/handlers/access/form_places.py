"""Where forms open: in the person's own chat, even if they asked in a channel."""

from bot.delivery.own_chats import OwnChats
from bot.forms import Forms
from bot.turn import Card, Turn, TurnKind
from cards.access.forms.form_sent_card import FORM_SENT, form_sent_card
from cards.languages.texts import say
from dialogs.request_dialog import RequestOptions


class FormPlaces:
    """Opens forms where only their person sees them, as far as the bot can reach them there."""

    def __init__(self, forms: Forms, own_chats: OwnChats) -> None:
        self._forms = forms
        self._own_chats = own_chats

    async def open(self, turn: Turn, options: RequestOptions) -> None:
        """Show a form in the person's own chat; where they asked, if that can't be reached."""
        if turn.conversation.is_personal or not await self._open_apart(turn, options):
            await self._forms.open(turn, options)
            return
        await _say_where(turn, is_outcome_posted=True)

    async def show(self, turn: Turn, form: Card) -> None:
        """Show a form without a dialog in the same place; what comes of it stays there."""
        if turn.conversation.is_personal or not await self._show_apart(turn, form):
            await turn.reply(form)
            return
        await _say_where(turn, is_outcome_posted=False)

    async def _show_apart(self, turn: Turn, form: Card) -> bool:
        where = await self._own_chats.find(turn.actor.object_id)
        return where is not None and await self._own_chats.show(where, form)

    async def _open_apart(self, turn: Turn, options: RequestOptions) -> bool:
        where = await self._own_chats.find(turn.actor.object_id)
        if where is None:
            return False
        apart: RequestOptions = {**options, "asked_in": turn.conversation.id}
        card = await self._forms.open_in(turn, apart, where)
        return await self._own_chats.show(where, card)


async def _say_where(turn: Turn, *, is_outcome_posted: bool) -> None:
    """Say where they asked that the form is in their own chat."""
    if turn.kind is TurnKind.CLICK:
        await turn.answer(say(FORM_SENT))
        return
    await turn.reply(form_sent_card(turn.actor.as_person(), is_outcome_posted=is_outcome_posted))
