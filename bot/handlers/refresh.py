"""Cards that become current when they are looked at."""

from botbuilder.core import TurnContext

from bot.delivery.drawing import draw_announcement
from bot.delivery.refresh import card_of, kept_current
from bot.handlers.clicks import Click
from bot.transport.activity_facts import actor_of
from bot.transport.ids import is_request_id, is_rotation_id
from cards.kit import verbs
from dialogs.card_reply import show_card
from domain.refusals import NothingToSee
from services.workflow.current_cards import CurrentCards


class RefreshHandlers:
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
