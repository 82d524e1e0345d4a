"""How people end requests: cancel what is pending, end access before its time."""

from collections.abc import Mapping

from bot.delivery.card_tracker import CardTracker
from bot.handlers.clicks import ClickHandler
from bot.ids import is_request_id
from bot.turn import Click, Turn
from cards.access.end_card import end_card
from cards.access.request_card import request_card
from cards.kit import verbs
from cards.kit.notice import notice
from cards.kit.tone import Tone
from domain.access.request import Request
from domain.people import Actor
from domain.refusals import AlreadyEnded, NoAccessToEnd, NothingToSee, WindowOver
from services.access.endings import Endings

_OUT_OF_DATE = (AlreadyEnded, NoAccessToEnd, WindowOver)


class EndingHandlers:
    """Turns that end requests; refusals are raised as they are."""

    def __init__(self, endings: Endings, card_tracker: CardTracker) -> None:
        self._endings = endings
        self._card_tracker = card_tracker

    @property
    def clicks(self) -> Mapping[str, ClickHandler]:
        """The verbs that these handlers serve."""
        return {
            verbs.DONE: self.on_click,
            verbs.END: self.on_click,
            verbs.KEEP: self.on_click,
        }

    async def cancel(self, turn: Turn, request_id: str) -> None:
        """Withdraw a pending request."""
        actor = turn.actor
        request = await self._endings.cancel(actor, checked(request_id))
        await turn.reply(request_card(request, buttons=False))

    async def revoke(self, turn: Turn, request_id: str) -> None:
        """Show what ending this access would do, and ask once."""
        actor = turn.actor
        request = await self._endings.find_endable(actor, checked(request_id))
        await turn.reply(end_card(request))

    async def on_click(self, turn: Turn, click: Click) -> None:
        """Take a click that ends access, or keeps it."""
        actor = turn.actor
        request_id = checked(click.text(verbs.REQUEST))
        if click.verb == verbs.KEEP:
            await self._keep(turn, actor, request_id)
            return
        if click.verb == verbs.END:
            request = await self._end(turn, actor, request_id)
        else:
            request = await self._endings.give_back(actor, request_id)
        await turn.show(request_card(request, buttons=False))

    async def _keep(self, turn: Turn, actor: Actor, request_id: str) -> None:
        """Change nothing; where the access ended meanwhile, that is said instead."""
        await self._require_endable(turn, actor, request_id)
        kept = notice("Kept: nothing was changed.", Tone.QUIET)
        await turn.show(kept)
        await turn.update_clicked(kept)

    async def _end(self, turn: Turn, actor: Actor, request_id: str) -> Request:
        """End access; the question that was answered shows what becomes of it."""
        found = await self._endings.find_visible(actor, request_id)
        if found.ended_by and found.ended_by.object_id == actor.object_id:
            return found  # the same click, or the same person's second one
        await self._require_endable(turn, actor, request_id)
        # Kept before it ends, so that the first announcement of that is in the card already.
        await self._card_tracker.keep_confirmed(turn, request_id)
        return await self._endings.end(actor, request_id)

    async def _require_endable(self, turn: Turn, actor: Actor, request_id: str) -> Request:
        """Find access that can be ended; a question that is out of date loses its buttons."""
        try:
            return await self._endings.find_endable(actor, request_id)
        except _OUT_OF_DATE:
            found = await self._endings.find_visible(actor, request_id)
            await turn.update_clicked(request_card(found, buttons=False))
            raise


def checked(request_id: str) -> str:
    """Return what can be the id of a request; anything else is refused like an unknown one."""
    if not is_request_id(request_id):
        raise NothingToSee
    return request_id
