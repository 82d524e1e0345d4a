"""The card that answered somebody: it is kept up to date where it is."""

from bot.turn import Turn
from domain.access.announcements import confirmed_key, copy_key
from domain.announcement import REQUESTER_CARD
from services.workflow.messages import MessageRef, Messages


class CardTracker:
    """Puts answers among the messages that follow a workflow."""

    def __init__(self, messages: Messages) -> None:
        self._messages = messages

    async def adopt(self, turn: Turn, workflow_id: str, activity_id: str, revision: int) -> None:
        """Keep a message of ours; ``revision`` is the last event that it shows to everybody."""
        if not activity_id:
            return
        ref = _message(turn, activity_id)
        await self._messages.adopt(workflow_id, REQUESTER_CARD, ref, revision)

    async def keep_copy(
        self, turn: Turn, workflow_id: str, activity_id: str, *, decides: bool
    ) -> None:
        """Keep the card that somebody asked to see, in place of the one they saw before."""
        if not activity_id:
            return
        ref = _message(turn, activity_id)
        key = copy_key(turn.actor.object_id, decides=decides)
        await self._messages.move(workflow_id, key, ref)

    async def keep_confirmed(self, turn: Turn, workflow_id: str) -> None:
        """Keep the card whose question was answered: it shows what became of that."""
        if not turn.clicked_id:
            return
        ref = _message(turn, turn.clicked_id)
        key = confirmed_key(turn.actor.object_id)
        await self._messages.move(workflow_id, key, ref)

    async def adopt_clicked(self, turn: Turn, workflow_id: str) -> None:
        """Keep the message whose button was clicked.

        Its replacement is shown to the clicker alone, so it shows nothing to everybody yet.
        """
        await self.adopt(turn, workflow_id, turn.clicked_id, 0)


def _message(turn: Turn, activity_id: str) -> MessageRef:
    return MessageRef(turn.conversation.address.service_url, turn.conversation.id, activity_id)
