"""Handle the list of a person's own access and pending requests."""

from collections.abc import Mapping

from bot.handlers.access.endings import checked
from bot.handlers.clicks import ClickHandler
from bot.ids import source_id_of_click
from bot.turn import Click, Turn
from cards.access.my_access_card import my_access_card
from cards.kit import verbs
from cards.kit.elements import Content
from cards.kit.listing import Paging
from domain.durations import parse_duration
from domain.people import Actor
from services.access.endings import Endings
from services.access.extensions import Extensions
from services.access.listings import Listings
from services.clock import Clock

_PAGE = 5


class MyAccessHandlers:
    """Handle turns about that list; refusals are raised to the caller.

    Whoever clicks, the list that comes back is the clicker's own.
    """

    def __init__(
        self, listings: Listings, endings: Endings, extensions: Extensions, clock: Clock
    ) -> None:
        self._listings = listings
        self._endings = endings
        self._extensions = extensions
        self._clock = clock

    @property
    def clicks(self) -> Mapping[str, ClickHandler]:
        """The verbs that these handlers serve."""
        return {
            verbs.MY_PAGE: self.on_page,
            verbs.MY_DONE: self.on_done,
            verbs.MY_CANCEL: self.on_cancel,
            verbs.MY_EXTEND: self.on_extend,
        }

    async def show(self, turn: Turn) -> None:
        """Show this person's access and pending requests."""
        await turn.reply(await self._page(turn.actor, ""))

    async def on_page(self, turn: Turn, click: Click) -> None:
        """Show another page."""
        await turn.show(await self._page(turn.actor, click.text(verbs.AFTER)))

    async def on_done(self, turn: Turn, click: Click) -> None:
        """End access that the person no longer needs, and show the updated list."""
        await self._endings.give_back(turn.actor, checked(click.text(verbs.REQUEST)))
        await self.on_page(turn, click)

    async def on_cancel(self, turn: Turn, click: Click) -> None:
        """Withdraw a request, and show the updated list."""
        await self._endings.cancel(turn.actor, checked(click.text(verbs.REQUEST)))
        await self.on_page(turn, click)

    async def on_extend(self, turn: Turn, click: Click) -> None:
        """Request an extension, and show the updated list."""
        request_id = checked(click.text(verbs.REQUEST))
        duration = click.text(f"{verbs.MORE}{request_id}")
        source_id = source_id_of_click(turn, click.text(verbs.UNTIL), duration)
        await self._extensions.ask(turn.actor, request_id, parse_duration(duration), source_id)
        await self.on_page(turn, click)

    async def _page(self, actor: Actor, after: str) -> Content:
        mine = await self._listings.mine(actor, _PAGE, after)
        if after and not mine.requests:  # what was on this page has ended
            return await self._page(actor, "")
        return my_access_card(
            mine.requests,
            mine.more,
            self._clock(),
            reader=actor.object_id,
            paging=Paging(after, mine.following),
        )
