"""Handle listings: one workflow, a person's own access, requests waiting for their decision."""

from collections.abc import Mapping

from bot.delivery.card_tracker import CardTracker
from bot.delivery.refresh import kept_current
from bot.delivery.request_view import request_view
from bot.handlers.clicks import ClickHandler
from bot.handlers.endings import checked
from bot.ids import is_request_id, is_rotation_id
from bot.turn import Click, Turn
from cards.access.approvals_card import approvals_card
from cards.access.my_access_card import my_access_card
from cards.access.request_card import request_card
from cards.access.review_card import review_card
from cards.access.window_card import approver_card
from cards.kit import verbs
from cards.kit.elements import Content
from cards.rotation.rotation_card import rotation_card
from domain.access.announcements import copy_key
from domain.access.break_glass import awaits_review
from domain.access.request import AccessEvent, Extension, Request
from domain.access.rights import is_requester
from domain.people import Actor
from domain.refusals import NothingToSee
from domain.workflow import Event, Fact
from services.access.endings import Endings
from services.access.listings import Listings
from services.clock import Clock

_MOST_HELD = 10
_MOST_TO_DECIDE = 5


class ListingHandlers:
    """Handle turns that list things; refusals are raised to the caller."""

    def __init__(
        self, listings: Listings, endings: Endings, card_tracker: CardTracker, clock: Clock
    ) -> None:
        self._listings = listings
        self._endings = endings
        self._card_tracker = card_tracker
        self._clock = clock

    @property
    def clicks(self) -> Mapping[str, ClickHandler]:
        """The verbs that these handlers serve."""
        return {
            verbs.MY_DONE: self.on_click,
            verbs.MY_CANCEL: self.on_click,
        }

    async def status(self, turn: Turn, workflow_id: str) -> None:
        """Show a workflow's current state; with buttons in a personal chat only."""
        if not is_request_id(workflow_id) and not is_rotation_id(workflow_id):
            raise NothingToSee
        buttons = turn.conversation.is_personal
        found = await self._listings.find(turn.actor, workflow_id)
        if isinstance(found, Request):
            await self._show(turn, found, buttons=buttons)
        else:
            await turn.reply(rotation_card(found, buttons=buttons))

    async def my_access(self, turn: Turn) -> None:
        """Show this person's access and pending requests."""
        await turn.reply(await self._mine(turn.actor))

    async def approvals(self, turn: Turn) -> None:
        """List what waits for this person's decision, and send a card for each."""
        actor = turn.actor
        waiting = await self._listings.to_decide(actor, _MOST_TO_DECIDE)
        card = approvals_card(waiting.requests, waiting.more, self._clock())
        await turn.reply(card)
        for request in waiting.requests:
            if request.extension:
                await turn.reply(_extension_card(request, request.extension))
            if awaits_review(request):
                await turn.reply(_review_card(request))
            elif not request.extension:
                await self._show(turn, request, buttons=True)

    async def on_click(self, turn: Turn, click: Click) -> None:
        """Handle a click in a person's access list, and show the updated list."""
        actor = turn.actor
        request_id = checked(click.text(verbs.REQUEST))
        if click.verb == verbs.MY_CANCEL:
            await self._endings.cancel(actor, request_id)
        else:
            await self._endings.give_back(actor, request_id)
        await turn.show(await self._mine(actor))

    async def _show(self, turn: Turn, request: Request, *, buttons: bool) -> None:
        """Show a request, and keep the card up to date."""
        if turn.conversation.is_personal and is_requester(request, turn.actor):
            sent = await turn.reply(request_view(turn, request, self._clock()))
            await self._card_tracker.remember_copy(turn, request.id, sent, decides=False)
            return
        answers = turn.actor.object_id not in request.involved
        card = request_card(request, buttons=buttons, answers=answers)
        key = copy_key(turn.actor.object_id, decides=buttons)
        sent = await turn.reply(kept_current(turn, card, request.id, key))
        await self._card_tracker.remember_copy(turn, request.id, sent, decides=buttons)

    async def _mine(self, actor: Actor) -> Content:
        mine = await self._listings.mine(actor, _MOST_HELD)
        return my_access_card(mine.requests, mine.more, self._clock())


def _review_card(request: Request) -> Content:
    """Draw the card that asks approvers to review break-glass access."""
    asked = Event(AccessEvent.REVIEW_ASKED, request.requested_at)
    return review_card(request, asked, buttons=True)


def _extension_card(request: Request, extension: Extension) -> Content:
    """Draw the extension request as it was announced."""
    facts: dict[str, Fact] = {"by": extension.by.total_seconds()}
    asked = Event(AccessEvent.EXTENSION_ASKED, extension.asked_at, request.requester, facts)
    return approver_card(request, asked)
