"""Refresh cards when someone looks at them."""

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

_OF_THE_PLAYGROUND = "/_connector"
"""Suffix of the Agents Playground's connector URL, on any port."""


class RefreshHandlers:
    """Handles Teams' refresh requests, sent on behalf of someone looking at a card."""

    def __init__(self, cards: CurrentCards) -> None:
        self._cards = cards

    async def on_click(self, context: TurnContext, click: Click) -> None:
        """Show the current card to its reader; refuse everyone else."""
        workflow_id, key = click.text(verbs.WORKFLOW), click.text(verbs.CARD)
        if not is_request_id(workflow_id) and not is_rotation_id(workflow_id):
            raise NothingToSee
        activity = context.activity
        announcement, head = await self._cards.find(actor_of(activity), workflow_id, key)
        card = card_of(draw_announcement(announcement, head))
        await show_card(context, kept_current(activity, card, workflow_id, key))
