"""How people end requests: cancel what is pending, end access before its time."""

from botbuilder.core import TurnContext

from bot.answers import reply_card
from bot.clicks import Click
from bot.ids import is_request_id
from bot.speaker import actor_of
from cards import verbs
from cards.end_card import end_card
from cards.notice import notice
from cards.request_card import request_card
from cards.tone import Tone
from dialogs.card_reply import show_card
from domain.refusals import NothingToSee
from services.endings import Endings

ENDING_VERBS = frozenset({verbs.DONE, verbs.END, verbs.KEEP})


class EndingTurns:
    """Turns that end requests; refusals are raised as they are."""

    def __init__(self, endings: Endings) -> None:
        self._endings = endings

    async def cancel(self, context: TurnContext, request_id: str) -> None:
        """Withdraw a pending request."""
        actor = actor_of(context.activity)
        request = await self._endings.cancel(actor, checked(request_id))
        await reply_card(context, request_card(request, buttons=False))

    async def revoke(self, context: TurnContext, request_id: str) -> None:
        """Show what ending this access would do, and ask once."""
        actor = actor_of(context.activity)
        request = await self._endings.find_endable(actor, checked(request_id))
        await reply_card(context, end_card(request))

    async def on_click(self, context: TurnContext, click: Click) -> None:
        """Take a click that ends access, or keeps it."""
        actor = actor_of(context.activity)
        request_id = checked(click.text(verbs.REQUEST))
        match click.verb:
            case verbs.DONE:
                request = await self._endings.give_back(actor, request_id)
            case verbs.END:
                request = await self._endings.end(actor, request_id)
            case _:
                await show_card(context, notice("Kept: nothing was changed.", Tone.QUIET))
                return
        await show_card(context, request_card(request, buttons=False))


def checked(request_id: str) -> str:
    """Return what can be the id of a request; anything else is refused like an unknown one."""
    if not is_request_id(request_id):
        raise NothingToSee
    return request_id
