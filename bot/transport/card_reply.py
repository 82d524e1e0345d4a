"""Show a card to the sender of a turn: as a message, or as the answer to their click."""

from collections.abc import Mapping
from typing import Any, Self

from botbuilder.core import InvokeResponse, TurnContext
from botbuilder.schema import Activity, ActivityTypes, Attachment

CARD_TYPE = "application/vnd.microsoft.card.adaptive"


class _Reply(Activity):
    """A message of ours, made to be sent once.

    The SDK deep-copies each reply before it sets the address, which takes as long as everything
    else in a turn. Nobody else has this one, so it isn't copied.
    """

    def __deepcopy__(self, _: object) -> Self:
        return self


def card_activity(content: Mapping[str, Any]) -> Activity:
    """Return a message with a card."""
    attachment = Attachment(content_type=CARD_TYPE, content=content)
    return _Reply(type=ActivityTypes.message, attachments=[attachment])


async def show_card(turn: TurnContext, content: Mapping[str, Any]) -> None:
    """Show a card; on a click it takes the place of the clicked one, for the clicker."""
    if turn.activity.type == ActivityTypes.invoke:
        await turn.send_activity(_invoke_response(content))
    else:
        await turn.send_activity(card_activity(content))


def _invoke_response(content: Mapping[str, Any]) -> Activity:
    body = {"statusCode": 200, "type": CARD_TYPE, "value": content}
    return _Reply(type=ActivityTypes.invoke_response, value=InvokeResponse(status=200, body=body))
