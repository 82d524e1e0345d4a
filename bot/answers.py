"""How turns are answered: cards in messages, and the bodies of invoke responses."""

from collections.abc import Mapping
from typing import Any

from botbuilder.core import CardFactory, InvokeResponse, MessageFactory, TurnContext
from botbuilder.schema import Activity, ActivityTypes

Content = Mapping[str, Any]
CARD_TYPE = "application/vnd.microsoft.card.adaptive"
MESSAGE_TYPE = "application/vnd.microsoft.activity.message"


def card_message(card: Content, summary: str = "") -> dict[str, Any]:
    """Return a message that shows a card, as it looks on the wire."""
    message: dict[str, Any] = {
        "type": "message",
        "attachments": [{"contentType": CARD_TYPE, "content": card}],
    }
    return message | ({"summary": summary} if summary else {})


async def reply_card(context: TurnContext, card: Content) -> str:
    """Send a card in answer to a message; return the id of the sent activity."""
    reply = MessageFactory.attachment(CardFactory.adaptive_card(dict(card)))
    sent = await context.send_activity(reply)
    return str(sent.id or "") if sent else ""


async def replace_card(context: TurnContext, card: Content) -> None:
    """Answer a click with a card that takes the clicked one's place."""
    await _invoke(context, CARD_TYPE, dict(card))


async def tell_clicker(context: TurnContext, sentence: str) -> None:
    """Answer a click with a sentence; the card stays as it is."""
    await _invoke(context, MESSAGE_TYPE, sentence)


async def _invoke(context: TurnContext, kind: str, value: object) -> None:
    body = {"statusCode": 200, "type": kind, "value": value}
    response = InvokeResponse(status=200, body=body)
    await context.send_activity(Activity(type=ActivityTypes.invoke_response, value=response))
