"""Handle ending requests: cancel a pending one, end access early."""

from collections.abc import Mapping

from bot.delivery.card_tracker import CardTracker
from bot.delivery.request_view import request_view
from bot.handlers.access.outdated import OutdatedCards
from bot.handlers.clicks import ClickHandler
from bot.handlers.questions import answered
from bot.ids import is_request_id
from bot.turn import Click, Turn
from cards.access.end_card import end_card
from cards.access.request_card import request_card
from cards.kit import verbs
from cards.kit.elements import Content
from cards.kit.notice import notice
from cards.kit.tone import Tone
from cards.languages.texts import say
from domain.access.request import Request
from domain.people import Actor
from domain.refusals.endings import AlreadyEnded, NoAccessToEnd, WindowOver
from domain.refusals.records import NothingToSee
from services.access.endings import Endings
from services.access.granting.still_readable import StillReadable
from services.clock import Clock

_OUT_OF_DATE = (AlreadyEnded, NoAccessToEnd, WindowOver)


class EndingHandlers:
    """Handle turns that end requests; refusals are raised to the caller."""

    def __init__(
        self,
        endings: Endings,
        still: StillReadable,
        card_tracker: CardTracker,
        outdated: OutdatedCards,
        clock: Clock,
    ) -> None:
        self._endings = endings
        self._outdated = outdated
        self._still = still
        self._card_tracker = card_tracker
        self._clock = clock

    @property
    def clicks(self) -> Mapping[str, ClickHandler]:
        """The verbs that these handlers serve."""
        return {
            verbs.DONE: self.on_done,
            verbs.END: self.on_end,
            verbs.KEEP: self.on_keep,
        }

    async def cancel(self, turn: Turn, request_id: str) -> None:
        """Withdraw a pending request."""
        actor = turn.actor
        request = await self._endings.cancel(actor, checked(request_id))
        await turn.reply(request_view(turn, request, self._clock()))

    async def revoke(self, turn: Turn, request_id: str) -> None:
        """Show what ending this access would do, and ask for confirmation."""
        actor = turn.actor
        request = await self._endings.find_endable(actor, checked(request_id))
        await turn.reply(end_card(request, await self._still.through_grants(request)))

    async def on_done(self, turn: Turn, click: Click) -> None:
        """End access that its requester no longer needs."""
        request_id = checked(click.text(verbs.REQUEST))
        async with self._outdated.replaced(turn, request_id):
            request = await self._endings.give_back(turn.actor, request_id)
        await turn.show(request_view(turn, request, self._clock()))

    async def on_end(self, turn: Turn, click: Click) -> None:
        """End access early, as confirmed."""
        request_id = checked(click.text(verbs.REQUEST))
        request = await self._end(turn, turn.actor, request_id)
        await turn.show(request_view(turn, request, self._clock()))

    async def on_keep(self, turn: Turn, click: Click) -> None:
        """Change nothing; if the access ended in the meantime, say so instead."""
        request_id = checked(click.text(verbs.REQUEST))
        await self._require_endable(turn, turn.actor, request_id)
        await answered(turn, _kept)

    async def _end(self, turn: Turn, actor: Actor, request_id: str) -> Request:
        """End access; the confirmation card then shows the outcome."""
        found = await self._endings.find_visible(actor, request_id)
        if found.ended_by and found.ended_by.object_id == actor.object_id:
            return found  # the same click again, or the same person's second click
        await self._require_endable(turn, actor, request_id)
        # Track the card before ending access, so the first announcement already updates it.
        await self._card_tracker.remember_confirmed(turn, request_id)
        return await self._endings.end(actor, request_id)

    async def _require_endable(self, turn: Turn, actor: Actor, request_id: str) -> Request:
        """Find access that can be ended; remove the buttons of an outdated question."""
        try:
            return await self._endings.find_endable(actor, request_id)
        except _OUT_OF_DATE:
            found = await self._endings.find_visible(actor, request_id)
            await turn.update_clicked(lambda: request_card(found, buttons=False))
            raise


def _kept() -> Content:
    return notice(say("I left it as it was."), Tone.QUIET)


def checked(request_id: str) -> str:
    """Return the id if it could be a request's; refuse anything else as unknown."""
    if not is_request_id(request_id):
        raise NothingToSee
    return request_id
