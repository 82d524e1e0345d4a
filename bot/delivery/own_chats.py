"""People's own chats with the bot: where they are, and sending a card there."""

import asyncio
import logging
from dataclasses import replace
from datetime import timedelta

from bot.delivery.card_message import card_message
from bot.transport.outbound.connector import Connector
from bot.transport.outbound.connector_errors import ConnectorError
from bot.turn import Card
from services.faults import described
from services.people.addresses import ConversationAddress, ConversationAddresses

log = logging.getLogger(__name__)

_PATIENCE = timedelta(seconds=4)
"""How long a turn waits for another chat; Teams repeats a turn after 15 seconds."""


class OwnChats:
    """Finds people's own chats, and opens those that aren't known; raises ConnectorError."""

    def __init__(
        self,
        connector: Connector,
        references: ConversationAddresses,
        *,
        app_id: str,
        tenant_id: str,
        service_url: str,
    ) -> None:
        """``service_url`` is the connector to use until Teams has sent us our own."""
        self._connector = connector
        self._references = references
        self._bot_id = f"28:{app_id}"
        self._tenant_id = tenant_id
        self._service_url = service_url

    async def open(self, object_id: str, known: ConversationAddress | None) -> ConversationAddress:
        """Open a person's chat, and remember where it is."""
        service_url = await self._references.region() or self._service_url
        parameters = {
            "isGroup": False,
            "bot": {"id": self._bot_id},
            "members": [{"id": object_id}],
            "tenantId": self._tenant_id,
            "channelData": {"tenant": {"id": self._tenant_id}},
        }
        conversation, _ = await self._connector.create_conversation(service_url, parameters)
        known = known or ConversationAddress(service_url, conversation)
        reference = replace(known, service_url=service_url, conversation_id=conversation)
        await self._references.remember_person(object_id, reference)
        return reference

    async def find(self, object_id: str) -> ConversationAddress | None:
        """Return a person's chat for a turn that is waiting; None if it can't be had in time."""
        try:
            async with asyncio.timeout(_PATIENCE.total_seconds()):
                known = await self._references.person(object_id)
                return known or await self.open(object_id, None)
        except (ConnectorError, TimeoutError) as fault:
            log.info("no chat with %s: %s", object_id, described(fault))
            return None

    async def show(self, where: ConversationAddress, content: Card) -> bool:
        """Send a card to a person's chat; False if it can't be delivered in time."""
        try:
            async with asyncio.timeout(_PATIENCE.total_seconds()):
                message = card_message(content)
                await self._connector.send(where.service_url, where.conversation_id, message)
        except (ConnectorError, TimeoutError) as fault:
            log.info("a card was not sent to %s: %s", where.conversation_id, described(fault))
            return False
        return True
