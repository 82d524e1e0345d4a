"""Turns over the SDK: what handlers know as ``bot.turn.Turn``."""

import asyncio
import logging
from collections.abc import Awaitable, Callable, Sequence
from functools import cached_property, lru_cache

from botbuilder.core import BotAdapter, InvokeResponse, TurnContext
from botbuilder.schema import (
    ActionTypes,
    Activity,
    ActivityTypes,
    CardAction,
    SuggestedActions,
)

from bot.transport.activity_facts import ActivityFacts, as_typed
from bot.transport.card_reply import card_activity, show_card
from bot.transport.file_consent import consent_message, info_message
from bot.transport.outbound.connector_errors import ConnectorError
from bot.turn import Card, FileConsent, FileOffer, Turn
from cards.kit import text
from cards.languages.language import ENGLISH, Language, speaking, spoken
from services.answer_time import answered_within
from services.faults import Fault, described
from services.turn_changes import noting_changes

log = logging.getLogger(__name__)

ANSWER_SECONDS = 8.0
"""How long the requests of a turn may take in all: it has to be answered within 15 seconds."""

_PATIENCE_SECONDS = 3  # how long a turn waits for the update of a card
_MESSAGE_TYPE = "application/vnd.microsoft.activity.message"
_ANSWER = BotAdapter._INVOKE_RESPONSE_KEY  # noqa: SLF001 - where the SDK keeps a click's answer


class SdkTurn(ActivityFacts):
    """One activity and its answers, over the SDK's ``TurnContext``."""

    def __init__(self, context: TurnContext, audit_language: Language = ENGLISH) -> None:
        super().__init__(context.activity)
        self.context = context
        self._audit_language = audit_language

    async def reply(self, card: Card, suggested: Sequence[str] = ()) -> str:
        """Send a card in answer; return the id of the message."""
        message = card_activity(card)
        if suggested:
            message.suggested_actions = _suggested(suggested, self.sender_id)
        sent = await self.context.send_activity(message)
        return str(sent.id or "") if sent else ""

    async def show(self, card: Card) -> None:
        """Show a card; after a click it replaces the clicked one, for the clicker alone."""
        await show_card(self.context, card)

    async def update(self, message_id: str, card: Card) -> bool:
        """Put a card into a message; return whether Teams has taken it."""
        if not message_id:
            return False
        update = card_activity(card)
        update.id = message_id
        try:
            async with asyncio.timeout(_PATIENCE_SECONDS):
                await self.context.update_activity(update)
        except (ConnectorError, TimeoutError) as fault:
            log.warning("card not updated: %s", described(fault))
            return False
        return True

    async def update_clicked(self, draw: Callable[[], Card]) -> None:
        """Put a card into the message whose button was clicked, so everybody sees it."""
        with speaking(spoken() if self.conversation.is_personal else self._audit_language):
            card = draw()
        if not await self.update(self.clicked_id, card):
            log.info("the buttons of the clicked card stay")

    async def answer(self, sentence: str) -> None:
        """Answer a click with a sentence, whosever words are in it; the card stays as it is."""
        body = {"statusCode": 200, "type": _MESSAGE_TYPE, "value": text.plain(sentence)}
        await self._respond(InvokeResponse(status=200, body=body))

    async def acknowledge(self) -> None:
        """Answer Teams that the activity was taken."""
        await self._respond(InvokeResponse(status=200))

    @property
    def is_answered(self) -> bool:
        """Whether a click has got its answer."""
        return self.context.turn_state.get(_ANSWER) is not None

    def as_typed(self, line: str) -> "SdkTurn":
        """Return this click as if its person had typed a line instead."""
        return _Typed(self.context, line, self._audit_language)

    async def remove_clicked(self) -> None:
        """Delete the message whose button was clicked; it may stay where that fails."""
        try:
            await self.context.delete_activity(self.clicked_id)
        except (ConnectorError, ValueError) as fault:
            log.info("a message was not deleted: %s", described(fault))

    async def offer_file(self, offer: FileOffer) -> None:
        """Offer a file, which the person may accept or decline."""
        await self.context.send_activity(consent_message(offer))

    async def show_file(self, name: str, consent: FileConsent) -> None:
        """Show a file that was uploaded."""
        await self.context.send_activity(info_message(name, consent))

    async def _respond(self, response: InvokeResponse) -> None:
        answer = Activity(type=ActivityTypes.invoke_response, value=response)
        await self.context.send_activity(answer)


def _suggested(lines: Sequence[str], teams_id: str) -> SuggestedActions:
    """Suggest lines to one person; Teams shows three at most.

    Source: learn.microsoft.com, "Dynamically guide users with suggested actions".
    """
    return SuggestedActions(to=[teams_id], actions=[*map(_suggestion, lines)])


@lru_cache(1_000)  # they are the same for many people
def _suggestion(line: str) -> CardAction:
    return CardAction(type=ActionTypes.im_back, title=line, value=line)


class _Typed(SdkTurn):
    """A click in place of which its person could have typed a line."""

    def __init__(self, context: TurnContext, line: str, audit_language: Language) -> None:
        super().__init__(context, audit_language)
        self._line = line

    @cached_property
    def text(self) -> str:
        """The line, as if it had been typed."""
        return as_typed(self._line)

    @property
    def message_id(self) -> str:
        """The same for the same person, line and message, however often it is clicked."""
        return f"{self.clicked_id}\n{self.actor.object_id}\n{self._line}"


def over_sdk(
    serve: Callable[[Turn], Awaitable[None]], audit_language: Language
) -> Callable[[TurnContext], Awaitable[None]]:
    """Return what the SDK's adapter calls for each activity, so that ``serve`` gets a turn."""

    async def on_turn(context: TurnContext) -> None:
        """Serve a turn; a fault's outcome is unknown if the turn has changed something."""
        with answered_within(ANSWER_SECONDS), noting_changes() as changes:
            try:
                await serve(SdkTurn(context, audit_language))
            except Fault as fault:
                fault.outcome_unknown |= changes.were_made
                raise

    return on_turn
