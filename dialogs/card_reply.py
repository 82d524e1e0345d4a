"""How a card reaches the person of a turn: as a message, or as the answer to their click."""

from collections.abc import Mapping
from typing import Any, Self

from botbuilder.core import InvokeResponse, MessageFactory, TurnContext
from botbuilder.schema import Activity, ActivityTypes, Attachment

from cards.elements import Content

CARD_TYPE = "application/vnd.microsoft.card.adaptive"


class _Drawn(dict[str, Any]):
    """A card that nobody changes any more.

    The SDK copies each reply with all that is in it, which takes longer than drawing the card.
    """

    def __deepcopy__(self, _: object) -> Self:
        return self


def card_activity(content: Mapping[str, Any]) -> Activity:
    """Return the message that shows a card."""
    attachment = Attachment(content_type=CARD_TYPE, content=_Drawn(content))
    return MessageFactory.attachment(attachment)


async def show_card(turn: TurnContext, content: Content) -> None:
    """Show a card; on a click it takes the place of the clicked one, for the clicker."""
    if turn.activity.type == ActivityTypes.invoke:
        await turn.send_activity(_invoke_response(content))
    else:
        await turn.send_activity(card_activity(content))


def _invoke_response(content: Content) -> Activity:
    body = {"statusCode": 200, "type": CARD_TYPE, "value": _Drawn(content)}
    return Activity(type=ActivityTypes.invoke_response, value=InvokeResponse(status=200, body=body))
