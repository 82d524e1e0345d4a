"""Handle break-glass access and its review by approvers."""

from collections.abc import Mapping

from bot.delivery.card_tracker import CardTracker
from bot.delivery.request_view import request_view
from bot.handlers.clicks import ClickHandler
from bot.handlers.confirming import Confirming
from bot.handlers.request_commands import BreakGlass
from bot.ids import is_request_id, request_id_of
from bot.turn import Click, Turn
from cards.access.request_card import LONGEST_REASON, request_card
from cards.kit import verbs
from domain.access.request import RequestDraft
from domain.durations import parse_duration
from domain.refusals import StartsAtOnce, StepUpNeeded, UnknownRequest, UnreadableDuration
from services.access.held_acts import HeldBreakGlass
from services.access.requests import Access
from services.access.reviews import Reviews
from services.clock import Clock
from services.people.admins import Admins


class BreakGlassHandlers:
    """Handle turns about break-glass access; refusals are raised to the caller."""

    def __init__(
        self,
        access: Access,
        reviews: Reviews,
        admins: Admins,
        card_tracker: CardTracker,
        confirming: Confirming,
        clock: Clock,
    ) -> None:
        self._access = access
        self._reviews = reviews
        self._admins = admins
        self._card_tracker = card_tracker
        self._confirming = confirming
        self._clock = clock

    @property
    def clicks(self) -> Mapping[str, ClickHandler]:
        """The verbs that these handlers serve."""
        return {
            verbs.REVIEWED: self.on_review,
        }

    async def take(self, turn: Turn, command: BreakGlass) -> None:
        """Grant access at once, without approval."""
        window = parse_duration(command.duration) if command.duration else None
        if command.duration and window is None:
            raise UnreadableDuration
        if command.start:
            raise StartsAtOnce
        draft = RequestDraft(
            request_id_of(turn),
            command.secrets,
            window,
            command.justification,
            turn.conversation.id,
        )
        actor = turn.actor
        admins = await self._admins.to_notify()
        try:
            request = await self._access.break_glass(actor, draft, admins)
        except StepUpNeeded as needed:
            card = await self._confirming.ask(actor, HeldBreakGlass(draft), needed)
            await self._card_tracker.adopt(turn, draft.request_id, await turn.reply(card), 0)
            return
        sent = await turn.reply(request_view(turn, request, self._clock()))
        await self._card_tracker.adopt(turn, request.id, sent, 1)

    async def on_review(self, turn: Turn, click: Click) -> None:
        """Handle an approver's review."""
        request_id = click.text(verbs.REQUEST)
        if not is_request_id(request_id):
            raise UnknownRequest
        note = click.text(verbs.NOTE).strip()[:LONGEST_REASON]
        request = await self._reviews.review(turn.actor, request_id, note)
        await turn.show(request_card(request, buttons=False))
