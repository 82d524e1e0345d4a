"""What people do with the window of access: ask for more time, allow it, refuse it."""

from botbuilder.core import TurnContext

from bot.delivery.answers import reply_card
from bot.handlers.clicks import Click
from bot.transport.activity_facts import actor_of
from bot.transport.ids import is_request_id, said_by_click, said_by_message
from cards.access.request_card import request_card
from cards.kit import verbs
from dialogs.card_reply import show_card
from domain.durations import parse_duration
from domain.refusals import UnknownRequest
from services.access.extensions import Extensions

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
            said_by_message(context.activity),
        )
        await reply_card(context, request_card(request, buttons=False))

    async def on_click(self, context: TurnContext, click: Click) -> None:
        """Take a click on a message about a window."""
        actor, request_id = actor_of(context.activity), _checked(click.text(verbs.REQUEST))
        match click.verb:
            case verbs.EXTENSION_ALLOW:
                said = click.text(verbs.SAID)
                request = await self._extensions.allow(actor, request_id, said)
            case verbs.EXTENSION_REFUSE:
                said = click.text(verbs.SAID)
                request = await self._extensions.refuse(actor, request_id, said)
            case _:
                duration = click.text(verbs.DURATION)
                said = said_by_click(context.activity, click.text(verbs.UNTIL), duration)
                by = parse_duration(duration)
                request = await self._extensions.ask(actor, request_id, by, said)
        await show_card(context, request_card(request, buttons=False))


def _checked(request_id: str) -> str:
    if not is_request_id(request_id):
        raise UnknownRequest
    return request_id
