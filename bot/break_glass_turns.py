"""What people do in an emergency, and what approvers do after it."""

import logging

from botbuilder.core import TurnContext

from bot.answers import reply_card
from bot.clicks import Click
from bot.commands import BreakGlass
from bot.ids import is_request_id, request_id_of
from bot.own_card import OwnCard
from bot.refresh import kept_current
from bot.speaker import actor_of
from cards import verbs
from cards.request_card import LONGEST_REASON, request_card
from dialogs.card_reply import show_card
from domain.announcements import REQUESTER_CARD
from domain.durations import parse_duration
from domain.people import Person
from domain.refusals import UnknownRequest, UnreadableDuration
from services.access import Access, Draft
from services.admins import Admins
from services.faults import Unavailable
from services.reviews import Reviews

log = logging.getLogger(__name__)


class BreakGlassTurns:
    """Turns about access without approval; refusals are raised as they are."""

    def __init__(self, access: Access, reviews: Reviews, admins: Admins, own_card: OwnCard) -> None:
        self._access = access
        self._reviews = reviews
        self._admins = admins
        self._own_card = own_card

    async def take(self, context: TurnContext, command: BreakGlass) -> None:
        """Take access at once."""
        window = parse_duration(command.duration) if command.duration else None
        if command.duration and window is None:
            raise UnreadableDuration
        draft = Draft(
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
        await self._own_card.adopt(context, request.id, sent, 1)

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
