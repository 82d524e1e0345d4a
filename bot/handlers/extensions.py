"""What people do with the window of access: ask for more time, allow it, refuse it."""

from botbuilder.core import TurnContext

from bot.delivery.answers import reply_card
from bot.handlers.clicks import Click
from bot.transport.activity_facts import actor_of
from bot.transport.ids import is_request_id, source_id_of_click, source_id_of_message
from cards.access.request_card import request_card
from cards.kit import verbs
from dialogs.card_reply import show_card
from domain.durations import parse_duration
from domain.refusals import UnknownRequest
from services.access.extensions import Extensions

_SAID = "said"
"""What cards of older versions have in place of SOURCE_ID."""

WINDOW_VERBS = frozenset({verbs.EXTEND, verbs.EXTENSION_ALLOW, verbs.EXTENSION_REFUSE})


class ExtensionHandlers:
    """Turns about more time; refusals are raised as they are."""

    def __init__(self, extensions: Extensions) -> None:
        self._extensions = extensions

    async def extend(self, context: TurnContext, request_id: str, duration: str) -> None:
        """Ask for more time, as it was typed."""
        request = await self._extensions.ask(
            actor_of(context.activity),
            _checked(request_id),
            parse_duration(duration),
            source_id_of_message(context.activity),
        )
        await reply_card(context, request_card(request, buttons=False))

    async def on_click(self, context: TurnContext, click: Click) -> None:
        """Take a click on a message about a window."""
        actor, request_id = actor_of(context.activity), _checked(click.text(verbs.REQUEST))
        match click.verb:
            case verbs.EXTENSION_ALLOW:
                request = await self._extensions.allow(actor, request_id, _source_of(click))
            case verbs.EXTENSION_REFUSE:
                request = await self._extensions.refuse(actor, request_id, _source_of(click))
            case _:
                duration = click.text(verbs.DURATION)
                until = click.text(verbs.UNTIL)
                source_id = source_id_of_click(context.activity, until, duration)
                by = parse_duration(duration)
                request = await self._extensions.ask(actor, request_id, by, source_id)
        await show_card(context, request_card(request, buttons=False))


def _source_of(click: Click) -> str:
    """Read which extension request is answered; cards of older versions name it otherwise."""
    return click.text(verbs.SOURCE_ID) or click.text(_SAID)


def _checked(request_id: str) -> str:
    if not is_request_id(request_id):
        raise UnknownRequest
    return request_id
