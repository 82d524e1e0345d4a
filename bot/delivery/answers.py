"""How turns are answered, beside the dialogs' own cards."""

import asyncio
import logging
from collections.abc import Mapping
from typing import Any

from botbuilder.core import InvokeResponse, TurnContext
from botbuilder.schema import Activity, ActivityTypes

from bot.transport.connector_errors import ConnectorError
from cards.kit import text
from dialogs.card_reply import CARD_TYPE, card_activity

log = logging.getLogger(__name__)

Content = Mapping[str, Any]
_PATIENCE_SECONDS = 3  # the click has to be answered within 15 seconds
_MESSAGE_TYPE = "application/vnd.microsoft.activity.message"


def card_message(card: Content, summary: str = "") -> dict[str, Any]:
    """Return a message that shows a card, as it looks on the wire."""
    message: dict[str, Any] = {
        "type": "message",
        "attachments": [{"contentType": CARD_TYPE, "content": card}],
    }
    return message | ({"summary": summary} if summary else {})


async def reply_card(context: TurnContext, card: Content) -> str:
    """Send a card in answer to a message; return the id of the sent activity."""
    sent = await context.send_activity(card_activity(card))
    return str(sent.id or "") if sent else ""


async def update_clicked(context: TurnContext, card: Content) -> None:
    """Put a card into the message whose button was clicked, so that its buttons go for everybody.

    What answers a click is shown to the clicker alone. Where Teams does not take the update the
    buttons stay; a later click on them is told what is so.
    """
    activity_id = str(context.activity.reply_to_id or "")
    if not activity_id:
        return
    update = card_activity(card)
    update.id = activity_id
    try:
        async with asyncio.timeout(_PATIENCE_SECONDS):
            await context.update_activity(update)
    except (ConnectorError, TimeoutError) as fault:
        log.warning("a card keeps its buttons: %s", fault)


async def answer_clicker(context: TurnContext, sentence: str) -> None:
    """Answer a click with a sentence, whoever's words are in it; the card stays as it is."""
    body = {"statusCode": 200, "type": _MESSAGE_TYPE, "value": text.plain(sentence)}
    response = InvokeResponse(status=200, body=body)
    await context.send_activity(Activity(type=ActivityTypes.invoke_response, value=response))
