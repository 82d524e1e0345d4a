"""Keep the cards that answered someone up to date in place."""

import logging
from collections.abc import Awaitable, Callable
from contextlib import AbstractContextManager, nullcontext
from functools import partial

from bot.transport.outbound.connector_errors import ConnectorError
from bot.turn import Card, Turn, TurnKind
from domain.access.announcements import confirmed_key, copy_key
from domain.announcement import REQUESTER_CARD
from services.answer_time import nobody_waiting
from services.clock import Clock
from services.faults import Unavailable
from services.workflow.messages import MessageRef, Messages
from services.workflow.settling import settled

log = logging.getLogger(__name__)


class CardTracker:
    """Adds answers to the messages that follow a workflow."""

    def __init__(self, messages: Messages, clock: Clock) -> None:
        self._messages = messages
        self._clock = clock

    async def reply(self, turn: Turn, workflow_id: str, card: Card, revision: int) -> None:
        """Reply with the card of a stored workflow, and track it; see ``adopt``.

        If Teams doesn't take it, the announcer posts the card. Raises ConnectorError if that can't
        be stored either.
        """
        try:
            sent = await turn.reply(card)
        except ConnectorError as fault:
            log.warning("%s: its card is left to the announcer: %s", workflow_id, fault)
            if not await self._leave(workflow_id):
                raise
            return
        await self.adopt(turn, workflow_id, sent, revision)

    async def adopt(self, turn: Turn, workflow_id: str, activity_id: str, revision: int) -> None:
        """Track an answer; ``revision`` is the last event it shows to everyone.

        If the table is away it may become outdated: the person has the answer, and isn't told that
        something failed.
        """
        if activity_id:
            ref = _message(turn, activity_id)
            adopt = partial(self._messages.adopt, workflow_id, REQUESTER_CARD, ref, revision)
            with _after_the_answer(turn):
                await _if_possible(workflow_id, adopt)

    async def remember_copy(
        self, turn: Turn, workflow_id: str, activity_id: str, *, decides: bool
    ) -> None:
        """Track the card that someone asked to see, instead of their previous one.

        If the table is away it may become outdated.
        """
        if activity_id:
            ref = _message(turn, activity_id)
            key = copy_key(turn.actor.object_id, decides=decides)
            with _after_the_answer(turn):
                await _if_possible(workflow_id, partial(self._messages.move, workflow_id, key, ref))

    async def remember_confirmed(self, turn: Turn, workflow_id: str) -> None:
        """Track the confirmation card that was answered, so it shows the outcome."""
        if not turn.clicked_id:
            return
        ref = _message(turn, turn.clicked_id)
        key = confirmed_key(turn.actor.object_id)
        await settled(partial(self._messages.move, workflow_id, key, ref))

    async def adopt_clicked(self, turn: Turn, workflow_id: str) -> None:
        """Track the message whose button was clicked.

        Its replacement is shown to the clicker only, so the revision for everyone is 0.
        """
        if turn.clicked_id:
            ref = _message(turn, turn.clicked_id)
            await settled(partial(self._messages.adopt, workflow_id, REQUESTER_CARD, ref, 0))

    async def _leave(self, workflow_id: str) -> bool:
        """Leave a card to the announcer; False if the table is away."""
        leave = partial(self._messages.owe, workflow_id, REQUESTER_CARD, self._clock())
        return await _if_possible(workflow_id, leave)


async def _if_possible(workflow_id: str, track: Callable[[], Awaitable[None]]) -> bool:
    try:
        await settled(track)
    except Unavailable as fault:
        log.warning("%s: a card isn't tracked: %s", workflow_id, fault)
        return False
    return True


def _after_the_answer(turn: Turn) -> AbstractContextManager[None]:
    """Let the table take its time if the card was the answer; a click still waits for its own."""
    return nullcontext() if turn.kind is TurnKind.CLICK else nobody_waiting()


def _message(turn: Turn, activity_id: str) -> MessageRef:
    return MessageRef(turn.conversation.address.service_url, turn.conversation.id, activity_id)
