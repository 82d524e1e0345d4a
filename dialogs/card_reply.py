"""How a card reaches the person of a turn: as a message, or as the answer to their click."""

from botbuilder.core import CardFactory, InvokeResponse, MessageFactory, TurnContext
from botbuilder.schema import Activity, ActivityTypes

from cards.elements import Content

CARD_TYPE = "application/vnd.microsoft.card.adaptive"


async def show_card(turn: TurnContext, content: Content) -> None:
    """Show a card; on a click it takes the place of the clicked one, for the clicker."""
    if turn.activity.type == ActivityTypes.invoke:
        await turn.send_activity(_invoke_response(content))
    else:
        await turn.send_activity(MessageFactory.attachment(CardFactory.adaptive_card(content)))


def _invoke_response(content: Content) -> Activity:
    body = {"statusCode": 200, "type": CARD_TYPE, "value": content}
    return Activity(type=ActivityTypes.invoke_response, value=InvokeResponse(status=200, body=body))
