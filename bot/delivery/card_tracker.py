"""Keep the cards that answered someone up to date in place."""

from bot.turn import Turn
from domain.access.announcements import confirmed_key, copy_key
from domain.announcement import REQUESTER_CARD
from services.workflow.messages import MessageRef, Messages


class CardTracker:
    """Adds answers to the messages that follow a workflow."""

    def __init__(self, messages: Messages) -> None:
        self._messages = messages

    async def adopt(self, turn: Turn, workflow_id: str, activity_id: str, revision: int) -> None:
        """Track one of our messages; ``revision`` is the last event it shows to everyone."""
        if not activity_id:
            return
        ref = _message(turn, activity_id)
        await self._messages.adopt(workflow_id, REQUESTER_CARD, ref, revision)

    async def remember_copy(
        self, turn: Turn, workflow_id: str, activity_id: str, *, decides: bool
    ) -> None:
        """Track the card that someone asked to see, instead of their previous one."""
        if not activity_id:
            return
        ref = _message(turn, activity_id)
        key = copy_key(turn.actor.object_id, decides=decides)
        await self._messages.move(workflow_id, key, ref)

    async def remember_confirmed(self, turn: Turn, workflow_id: str) -> None:
        """Track the confirmation card that was answered, so it shows the outcome."""
        if not turn.clicked_id:
            return
        ref = _message(turn, turn.clicked_id)
        key = confirmed_key(turn.actor.object_id)
        await self._messages.move(workflow_id, key, ref)

    async def adopt_clicked(self, turn: Turn, workflow_id: str) -> None:
        """Track the message whose button was clicked.

        Its replacement is shown to the clicker only, so the revision for everyone is 0.
        """
        await self.adopt(turn, workflow_id, turn.clicked_id, 0)


def _message(turn: Turn, activity_id: str) -> MessageRef:
    return MessageRef(turn.conversation.address.service_url, turn.conversation.id, activity_id)
