"""Cards that become current when they are looked at."""

from typing import Any

from botbuilder.core import TurnContext
from botbuilder.schema import Activity

from bot.clicks import Click
from bot.drawing import draw_announcement
from bot.ids import is_request_id, is_rotation_id
from bot.speaker import actor_of, is_personal
from cards import verbs
from cards.elements import Content
from cards.refresh import with_refresh
from dialogs.card_reply import show_card
from domain.refusals import NothingToSee
from services.current_cards import CurrentCards

_OF_THE_PLAYGROUND = "/_connector"
"""How the address of its connector ends, whatever its port."""


class RefreshTurns:
    """Answers Teams when it asks, on behalf of whoever looks at a card, what that shows now."""

    def __init__(self, cards: CurrentCards) -> None:
        self._cards = cards

    async def on_click(self, context: TurnContext, click: Click) -> None:
        """Show the present card to whom it is for; for everybody else there is none."""
        workflow_id, key = click.text(verbs.WORKFLOW), click.text(verbs.CARD)
        if not is_request_id(workflow_id) and not is_rotation_id(workflow_id):
            raise NothingToSee
        activity = context.activity
        announcement, head = await self._cards.find(actor_of(activity), workflow_id, key)
        card = card_of(draw_announcement(announcement, head))
        await show_card(context, kept_current(activity, card, workflow_id, key))


def kept_current(activity: Activity, content: Content, workflow_id: str, key: str) -> Content:
    """Let a card that answers somebody ask what it shows now; not where others see it too."""
    if not is_personal(activity) or not knows_refresh(str(activity.service_url)):
        return content
    return with_refresh(content, workflow_id, key, [str(activity.from_property.id or "")])


def knows_refresh(service_url: str) -> bool:
    """Say whether a client refreshes cards; the Agents Playground says under each that it can't."""
    return not service_url.endswith(_OF_THE_PLAYGROUND)


def card_of(message: dict[str, Any]) -> Content:
    """Return the card that a message shows."""
    content: Content = message["attachments"][0]["content"]
    return content


def with_card(message: dict[str, Any], content: Content) -> dict[str, Any]:
    """Return the same message with another card."""
    [attachment] = message["attachments"]
    return {**message, "attachments": [{**attachment, "content": content}]}
