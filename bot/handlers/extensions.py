"""Handle extension requests: asking, allowing, refusing."""

from collections.abc import Mapping

from bot.delivery.request_view import request_view
from bot.handlers.clicks import ClickHandler
from bot.handlers.confirming import Confirming
from bot.ids import is_request_id, source_id_of_click, source_id_of_message
from bot.turn import Click, Turn
from cards.kit import verbs
from domain.durations import parse_duration
from domain.refusals import StepUpNeeded, UnknownRequest
from services.access.extensions import Extensions
from services.access.held_acts import HeldExtension
from services.clock import Clock

_SAID = "said"
"""What cards of older versions have in place of SOURCE_ID."""


class ExtensionHandlers:
    """Handle turns about extension requests; refusals are raised to the caller."""

    def __init__(self, extensions: Extensions, confirming: Confirming, clock: Clock) -> None:
        self._extensions = extensions
        self._confirming = confirming
        self._clock = clock

    @property
    def clicks(self) -> Mapping[str, ClickHandler]:
        """The verbs that these handlers serve."""
        return {
            verbs.EXTEND: self.on_click,
            verbs.EXTENSION_ALLOW: self.on_click,
            verbs.EXTENSION_REFUSE: self.on_click,
        }

    async def extend(self, turn: Turn, request_id: str, duration: str) -> None:
        """Request an extension by the typed duration."""
        request = await self._extensions.ask(
            turn.actor,
            _checked(request_id),
            parse_duration(duration),
            source_id_of_message(turn),
        )
        await turn.reply(request_view(turn, request, self._clock()))

    async def on_click(self, turn: Turn, click: Click) -> None:
        """Handle a click on a message about the time window."""
        actor, request_id = turn.actor, _checked(click.text(verbs.REQUEST))
        match click.verb:
            case verbs.EXTENSION_ALLOW:
                source_id = _source_of(click)
                try:
                    request = await self._extensions.allow(actor, request_id, source_id)
                except StepUpNeeded as needed:
                    held = HeldExtension(request_id, source_id)
                    await turn.show(await self._confirming.ask(actor, held, needed))
                    return
            case verbs.EXTENSION_REFUSE:
                request = await self._extensions.refuse(actor, request_id, _source_of(click))
            case _:
                duration = click.text(verbs.DURATION)
                source_id = source_id_of_click(turn, click.text(verbs.UNTIL), duration)
                by = parse_duration(duration)
                request = await self._extensions.ask(actor, request_id, by, source_id)
        await turn.show(request_view(turn, request, self._clock()))


def _source_of(click: Click) -> str:
    """Read which extension request is answered; cards of older versions name it otherwise."""
    return click.text(verbs.SOURCE_ID) or click.text(_SAID)


def _checked(request_id: str) -> str:
    if not is_request_id(request_id):
        raise UnknownRequest
    return request_id
