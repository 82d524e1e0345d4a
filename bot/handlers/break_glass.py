"""What people do in an emergency, and what approvers do after it."""

import logging

from botbuilder.core import TurnContext

from bot.delivery.answers import reply_card
from bot.delivery.card_tracker import CardTracker
from bot.delivery.refresh import kept_current
from bot.handlers.clicks import Click
from bot.handlers.commands import BreakGlass
from bot.transport.activity_facts import actor_of
from bot.transport.ids import is_request_id, request_id_of
from cards.access.request_card import LONGEST_REASON, request_card
from cards.kit import verbs
from dialogs.card_reply import show_card
from domain.announcement import REQUESTER_CARD
from domain.durations import parse_duration
from domain.people import Person
from domain.refusals import UnknownRequest, UnreadableDuration
from services.access.requests import Access, RequestDraft
from services.access.reviews import Reviews
from services.faults import Unavailable
from services.people.admins import Admins

log = logging.getLogger(__name__)


class BreakGlassHandlers:
    """Turns about access without approval; refusals are raised as they are."""

    def __init__(
        self, access: Access, reviews: Reviews, admins: Admins, card_tracker: CardTracker
    ) -> None:
        self._access = access
        self._reviews = reviews
        self._admins = admins
        self._card_tracker = card_tracker

    async def take(self, context: TurnContext, command: BreakGlass) -> None:
        """Take access at once."""
        window = parse_duration(command.duration) if command.duration else None
        if command.duration and window is None:
            raise UnreadableDuration
        draft = RequestDraft(
            request_id_of(context.activity),
            command.secrets,
            window,
            command.justification,
            str(context.activity.conversation.id),
        )
        actor = actor_of(context.activity)
        request = await self._access.break_glass(actor, draft, await self._told())
        card = request_card(request, buttons=False)
        current = kept_current(context.activity, card, request.id, REQUESTER_CARD)
        sent = await reply_card(context, current)
        await self._card_tracker.adopt(context, request.id, sent, 1)

    async def _told(self) -> tuple[Person, ...]:
        """Find the admins; an emergency does not wait for a directory that is down."""
        try:
            return await self._admins.all()
        except Unavailable as fault:
            log.warning("the admins cannot be told that the glass was broken: %s", fault)
            return ()

    async def on_review(self, context: TurnContext, click: Click) -> None:
        """Take an approver's tick."""
        request_id = click.text(verbs.REQUEST)
        if not is_request_id(request_id):
            raise UnknownRequest
        note = click.text(verbs.NOTE).strip()[:LONGEST_REASON]
        request = await self._reviews.review(actor_of(context.activity), request_id, note)
        await show_card(context, request_card(request, buttons=False))
