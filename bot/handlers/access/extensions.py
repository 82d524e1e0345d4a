"""Handle extension requests: asking, allowing, refusing."""

from collections.abc import Mapping

from bot.delivery.card_tracker import CardTracker
from bot.delivery.request_view import request_view
from bot.handlers.access.confirming import Confirming
from bot.handlers.access.form_places import FormPlaces
from bot.handlers.access.outdated import OutdatedCards
from bot.handlers.clicks import ClickHandler
from bot.ids import is_request_id, source_id_of_click, source_id_of_message
from bot.turn import Click, Turn
from cards.access.forms.extend_card import extend_card
from cards.kit import verbs
from cards.kit.elements import Content
from cards.reasons.sentences import sentence_of
from domain.durations import parse_duration
from domain.refusals.decisions import UnknownRequest
from domain.refusals.extensions import ExtensionTooLong
from domain.refusals.refusal import Refusal
from domain.refusals.requests import UnreadableDuration
from domain.refusals.sign_ins import StepUpNeeded
from services.access.endings import Endings
from services.access.extensions import Extensions
from services.access.sign_in.held_acts import HeldExtension
from services.clock import Clock

_SAID = "said"
"""What cards of older versions have in place of SOURCE_ID."""
_TO_CORRECT = (ExtensionTooLong, UnreadableDuration)
"""What is wrong with a duration that the form lets people correct."""


class ExtensionHandlers:
    """Handle turns about extension requests; refusals are raised to the caller."""

    def __init__(
        self,
        extensions: Extensions,
        endings: Endings,
        card_tracker: CardTracker,
        confirming: Confirming,
        form_places: FormPlaces,
        outdated: OutdatedCards,
        clock: Clock,
    ) -> None:
        self._extensions = extensions
        self._endings = endings
        self._card_tracker = card_tracker
        self._outdated = outdated
        self._confirming = confirming
        self._form_places = form_places
        self._clock = clock

    @property
    def clicks(self) -> Mapping[str, ClickHandler]:
        """The verbs that these handlers serve."""
        return {
            verbs.EXTEND: self.on_extend,
            verbs.EXTENSION_ASK: self.on_form,
            verbs.EXTENSION_CANCEL: self.on_cancel,
            verbs.EXTENSION_ALLOW: self.on_allow,
            verbs.EXTENSION_REFUSE: self.on_refuse,
        }

    async def extend(self, turn: Turn, request_id: str, duration: str) -> None:
        """Request an extension by the typed duration; open the form if it's missing or wrong."""
        checked, by = _checked(request_id), parse_duration(duration)
        try:
            request = await self._extensions.ask(
                turn.actor, checked, by, source_id_of_message(turn), asks_once=True
            )
        except _TO_CORRECT as fault:
            form = await self._form(turn, checked, duration, fault if duration else None)
            await self._form_places.show(turn, form)
            return
        sent = await turn.reply(request_view(turn, request, self._clock()))
        await self._card_tracker.remember_copy(turn, request.id, sent, decides=False)

    async def on_extend(self, turn: Turn, click: Click) -> None:
        """Request an extension from the warning that access ends soon."""
        request_id, duration = _checked(click.text(verbs.REQUEST)), click.text(verbs.DURATION)
        source_id = source_id_of_click(turn, click.text(verbs.UNTIL), duration)
        by = parse_duration(duration)
        async with self._outdated.replaced(turn, request_id):
            request = await self._extensions.ask(turn.actor, request_id, by, source_id)
        await turn.show(request_view(turn, request, self._clock()))

    async def on_form(self, turn: Turn, click: Click) -> None:
        """Request an extension from the form; a wrong duration can be corrected in it."""
        try:
            await self.on_extend(turn, click)
        except _TO_CORRECT as fault:
            request_id, duration = _checked(click.text(verbs.REQUEST)), click.text(verbs.DURATION)
            await turn.show(await self._form(turn, request_id, duration, fault))

    async def on_cancel(self, turn: Turn, click: Click) -> None:
        """Close the form, and show the access as it is: more time may have been asked for."""
        request_id = _checked(click.text(verbs.REQUEST))
        request = await self._endings.find_visible(turn.actor, request_id)
        await turn.show(request_view(turn, request, self._clock()))

    async def _form(
        self, turn: Turn, request_id: str, typed: str, fault: Refusal | None
    ) -> Content:
        request = await self._extensions.extendable(turn.actor, request_id)
        return extend_card(request, typed, sentence_of(fault) if fault else "")

    async def on_allow(self, turn: Turn, click: Click) -> None:
        """Allow an extension, or ask the approver to confirm it with a sign-in."""
        request_id, source_id = _checked(click.text(verbs.REQUEST)), _source_of(click)
        try:
            request = await self._extensions.allow(turn.actor, request_id, source_id)
        except StepUpNeeded as needed:
            held = HeldExtension(request_id, source_id)
            await turn.show(await self._confirming.ask(turn.actor, held, needed))
            return
        await turn.show(request_view(turn, request, self._clock()))

    async def on_refuse(self, turn: Turn, click: Click) -> None:
        """Refuse an extension."""
        request_id = _checked(click.text(verbs.REQUEST))
        request = await self._extensions.refuse(turn.actor, request_id, _source_of(click))
        await turn.show(request_view(turn, request, self._clock()))


def _source_of(click: Click) -> str:
    """Read which extension request is answered; cards of older versions name it otherwise."""
    return click.text(verbs.SOURCE_ID) or click.text(_SAID)


def _checked(request_id: str) -> str:
    if not is_request_id(request_id):
        raise UnknownRequest
    return request_id
