"""Build the SDK's activity from JSON whose shape has been checked."""

from datetime import datetime
from typing import Self

from botbuilder.schema import Activity, ChannelAccount, ConversationAccount, Entity

from bot.transport.inbound.rejections import Malformed
from bot.transport.inbound.shape import Json


class _SharedAccount(ChannelAccount):
    """Who sent an activity, or gets it.

    The SDK copies it for each answer's address, which takes a fiftieth of a turn, and changes none.
    """

    def __copy__(self) -> Self:
        return self


class _SharedConversation(ConversationAccount):
    """Where an activity was sent; not copied either."""

    def __copy__(self) -> Self:
        return self


def deserialised(body: Json) -> Activity:
    """Read the parts of an activity that the bot and the SDK use; leave out the rest.

    msrest's own `deserialize` walks through every model for each activity, and takes more than
    twenty times as long. Raises `Malformed` for an invalid timestamp.
    """
    return Activity(
        type=body["type"],
        id=body.get("id"),
        timestamp=_moment(body.get("timestamp")),
        local_timestamp=_moment(body.get("localTimestamp")),
        local_timezone=body.get("localTimezone"),
        service_url=body.get("serviceUrl"),
        channel_id=body.get("channelId"),
        from_property=_account(body.get("from")),
        conversation=_conversation(body["conversation"]),
        recipient=_account(body.get("recipient")),
        text=body.get("text"),
        locale=body.get("locale"),
        entities=[_entity(entity) for entity in body.get("entities") or () if entity],
        channel_data=body.get("channelData"),
        action=body.get("action"),
        reply_to_id=body.get("replyToId"),
        value=body.get("value"),
        name=body.get("name"),
    )


def _account(account: Json | None) -> ChannelAccount | None:
    if account is None:
        return None
    return _SharedAccount(
        id=account.get("id"),
        name=account.get("name"),
        aad_object_id=account.get("aadObjectId"),
        role=account.get("role"),
    )


def _conversation(conversation: Json) -> ConversationAccount:
    return _SharedConversation(
        is_group=conversation.get("isGroup"),
        conversation_type=conversation.get("conversationType"),
        id=conversation["id"],
        name=conversation.get("name"),
    )


def _entity(entity: Json) -> Entity:
    read = Entity(type=entity.get("type"))
    read.additional_properties = entity
    return read


def _moment(text: str | None) -> datetime | None:
    try:
        return None if text is None else datetime.fromisoformat(text)
    except ValueError as fault:
        raise Malformed("the body is not an activity") from fault
