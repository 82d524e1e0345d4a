"""Handle extension requests: asking, allowing, refusing."""

from collections.abc import Mapping

from bot.handlers.clicks import ClickHandler
from bot.ids import is_request_id, said_by_click, said_by_message
from bot.turn import Click, Turn
from cards.access.request_card import request_card
from cards.kit import verbs
from domain.durations import parse_duration
from domain.refusals import UnknownRequest
from services.access.extensions import Extensions


class ExtensionHandlers:
    """Handle turns about extension requests; refusals are raised to the caller."""

    def __init__(self, extensions: Extensions) -> None:
        self._extensions = extensions

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
            said_by_message(turn),
        )
        await turn.reply(request_card(request, buttons=False))

    async def on_click(self, turn: Turn, click: Click) -> None:
        """Handle a click on a message about the time window."""
        actor, request_id = turn.actor, _checked(click.text(verbs.REQUEST))
        match click.verb:
            case verbs.EXTENSION_ALLOW:
                said = click.text(verbs.SAID)
                request = await self._extensions.allow(actor, request_id, said)
            case verbs.EXTENSION_REFUSE:
                said = click.text(verbs.SAID)
                request = await self._extensions.refuse(actor, request_id, said)
            case _:
                duration = click.text(verbs.DURATION)
                said = said_by_click(turn, click.text(verbs.UNTIL), duration)
                by = parse_duration(duration)
                request = await self._extensions.ask(actor, request_id, by, said)
        await turn.show(request_card(request, buttons=False))


def _checked(request_id: str) -> str:
    if not is_request_id(request_id):
        raise UnknownRequest
    return request_id
