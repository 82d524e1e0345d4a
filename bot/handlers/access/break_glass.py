"""Handle break-glass access and its review by approvers.

The form for what a line leaves out is the request form; its clicks are served as for requests.
"""

from collections.abc import Mapping

from bot.delivery.card_tracker import CardTracker
from bot.delivery.request_view import request_view
from bot.handlers.access.confirming import Confirming
from bot.handlers.access.form_options import form_options
from bot.handlers.access.form_places import FormPlaces
from bot.handlers.clicks import ClickHandler
from bot.handlers.lines.request_commands import BreakGlass
from bot.ids import is_request_id, request_id_of
from bot.turn import Click, Turn
from cards.access.forms.request_form import DURATION, JUSTIFICATION
from cards.access.request_card import request_card
from cards.access.unknown_request_card import not_known_if_requested
from cards.kit import verbs
from cards.reasons.sentences import sentence_of
from domain.access.request import RequestDraft
from domain.durations import parse_duration, write_duration
from domain.refusals.decisions import UnknownRequest
from domain.refusals.refusal import Refusal
from domain.refusals.requests import (
    DurationOutOfBounds,
    JustificationMissing,
    JustificationTooLong,
    TicketMissing,
    UnreadableDuration,
)
from domain.refusals.sign_ins import StepUpNeeded
from domain.refusals.starts import StartsAtOnce
from services.access.requests import Access, NotKnownIfRequested
from services.access.reviews import Reviews
from services.access.sign_in.held_acts import HeldBreakGlass
from services.clock import Clock
from services.people.admins import Admins

_TO_CORRECT = (DurationOutOfBounds, JustificationMissing, JustificationTooLong, TicketMissing)
"""What is wrong with a line that the form lets people correct."""


class BreakGlassHandlers:
    """Handle turns about break-glass access; refusals are raised to the caller."""

    def __init__(
        self,
        access: Access,
        reviews: Reviews,
        admins: Admins,
        card_tracker: CardTracker,
        confirming: Confirming,
        form_places: FormPlaces,
        clock: Clock,
    ) -> None:
        self._access = access
        self._reviews = reviews
        self._admins = admins
        self._card_tracker = card_tracker
        self._confirming = confirming
        self._form_places = form_places
        self._clock = clock

    @property
    def clicks(self) -> Mapping[str, ClickHandler]:
        """The verbs that these handlers serve."""
        return {
            verbs.REVIEWED: self.on_review,
        }

    async def take(self, turn: Turn, command: BreakGlass) -> None:
        """Grant access at once, without approval; open the form for what is missing or wrong."""
        if command.start:
            raise StartsAtOnce
        window = parse_duration(command.duration) if command.duration else None
        draft = RequestDraft(
            request_id_of(turn),
            command.secrets,
            window,
            command.justification,
            turn.conversation.id,
        )
        if command.duration and window is None:
            await self._open_form(turn, command, draft, UnreadableDuration())
            return
        actor = turn.actor
        admins = await self._admins.to_notify()
        try:
            request = await self._access.break_glass(actor, draft, admins)
        except StepUpNeeded as needed:
            card = await self._confirming.ask(actor, HeldBreakGlass(draft), needed)
            await self._card_tracker.adopt(turn, draft.request_id, await turn.reply(card), 0)
            return
        except NotKnownIfRequested:
            # If it is stored late, its first announcement puts its card in this place.
            sent = await turn.reply(not_known_if_requested())
            await self._card_tracker.adopt(turn, draft.request_id, sent, 0)
            return
        except _TO_CORRECT as fault:
            await self._open_form(turn, command, draft, fault)
            return
        card = request_view(turn, request, self._clock())
        await self._card_tracker.reply(turn, request.id, card, 1)

    async def _open_form(
        self, turn: Turn, command: BreakGlass, draft: RequestDraft, fault: Refusal
    ) -> None:
        """Ask for what is missing or wrong, with everything else kept."""
        request_id = draft.request_id
        if existing := await self._access.find_own(turn.actor, request_id):
            # A redelivered line, whose form was sent already.
            card = request_view(turn, existing, self._clock())
            await self._card_tracker.reply(turn, request_id, card, 0)
            return
        offer = await self._access.offer_break_glass(turn.actor, draft)
        options = form_options(request_id, offer, turn.time_zone, emergency=True)
        options["typed"] = {
            JUSTIFICATION: command.justification,
            DURATION: command.duration or write_duration(offer.rules.longest),
        }
        is_missing = not command.justification and not isinstance(fault, UnreadableDuration)
        options["error"] = "" if is_missing else sentence_of(fault)
        await self._form_places.open(turn, options)

    async def on_review(self, turn: Turn, click: Click) -> None:
        """Handle an approver's review."""
        request_id = click.text(verbs.REQUEST)
        if not is_request_id(request_id):
            raise UnknownRequest
        note = click.text(verbs.NOTE)
        request = await self._reviews.review(turn.actor, request_id, note)
        await turn.show(request_card(request, buttons=False))
