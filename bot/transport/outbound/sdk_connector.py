"""Run the SDK's turns on our connector: only what `TurnContext` and the adapter call."""

from botbuilder.schema import (
    Activity,
    ConversationParameters,
    ConversationResourceResponse,
    ResourceResponse,
)
from botframework.connector.auth import ConnectorFactory

from bot.transport.outbound.connector import Connector


class Conversations:
    """Replace the SDK's `client.conversations`, bound to one service."""

    def __init__(self, connector: Connector, service_url: str) -> None:
        self._connector = connector
        self._service_url = service_url

    async def send_to_conversation(
        self, conversation_id: str, activity: Activity
    ) -> ResourceResponse:
        """Post an activity."""
        sent = await self._connector.send(self._service_url, conversation_id, activity)
        return ResourceResponse(id=sent)

    async def reply_to_activity(
        self, conversation_id: str, activity_id: str, activity: Activity
    ) -> ResourceResponse:
        """Post an activity as a reply."""
        sent = await self._connector.send(
            self._service_url, conversation_id, activity, reply_to=activity_id
        )
        return ResourceResponse(id=sent)

    async def update_activity(
        self, conversation_id: str, activity_id: str, activity: Activity
    ) -> ResourceResponse:
        """Replace an activity."""
        await self._connector.update(self._service_url, conversation_id, activity_id, activity)
        return ResourceResponse(id=activity_id)

    async def delete_activity(self, conversation_id: str, activity_id: str) -> None:
        """Delete an activity."""
        await self._connector.delete(self._service_url, conversation_id, activity_id)

    async def create_conversation(
        self, parameters: ConversationParameters
    ) -> ConversationResourceResponse:
        """Open a conversation."""
        conversation_id, activity_id = await self._connector.create_conversation(
            self._service_url, parameters
        )
        return ConversationResourceResponse(
            id=conversation_id, activity_id=activity_id, service_url=self._service_url
        )


class Client:
    """Replace the SDK's `ConnectorClient`."""

    def __init__(self, conversations: Conversations) -> None:
        self.conversations = conversations


class Connectors(ConnectorFactory):
    """Give every turn a cheap client on the one shared connector."""

    def __init__(self, connector: Connector) -> None:
        self._connector = connector

    async def create(self, service_url: str, audience: str) -> Client:  # noqa: ARG002 - the SDK's
        """Return a client for this service; the token source handles the audience."""
        return Client(Conversations(self._connector, service_url))
