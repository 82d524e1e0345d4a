"""Refresh cards when someone looks at them."""

from collections.abc import Mapping

from bot.delivery.drawing import draw_announcement
from bot.delivery.refresh import card_of, kept_current
from bot.handlers.clicks import ClickHandler
from bot.ids import is_drill_id, is_request_id, is_rotation_id
from bot.turn import Click, Turn
from cards.kit import verbs
from domain.refusals.records import NothingToSee
from services.clock import Clock
from services.workflow.announcing.current_cards import CurrentCards


class RefreshHandlers:
    """Handles Teams' refresh requests, sent on behalf of someone looking at a card."""

    def __init__(self, cards: CurrentCards, clock: Clock) -> None:
        self._cards = cards
        self._clock = clock

    @property
    def clicks(self) -> Mapping[str, ClickHandler]:
        """The verbs that these handlers serve."""
        return {
            verbs.REFRESH: self.on_click,
        }

    async def on_click(self, turn: Turn, click: Click) -> None:
        """Show the current card to its reader; refuse everyone else."""
        workflow_id, key = click.text(verbs.WORKFLOW), click.text(verbs.CARD)
        if not any(is_one(workflow_id) for is_one in (is_request_id, is_rotation_id, is_drill_id)):
            raise NothingToSee
        announcement, head = await self._cards.find(turn.actor, workflow_id, key)
        own_at = self._clock() if turn.conversation.is_personal else None
        card = card_of(draw_announcement(announcement, head, own_at))
        await turn.show(kept_current(turn, card, workflow_id, key))
