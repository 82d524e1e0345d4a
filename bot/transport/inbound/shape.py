"""Check an activity's shape before anything reads it."""

from typing import Any

from bot.transport.inbound.rejections import Malformed

Json = dict[str, Any]

# A type, a list of one shape, or the shapes of an object's known members; null is fine anywhere.
Shape = type | list["Shape"] | dict[str, "Shape"]

_ACCOUNT: Shape = {"id": str, "name": str, "aadObjectId": str, "role": str, "tenantId": str}

_ACTIVITY: dict[str, Shape] = {
    "type": str,
    "id": str,
    "name": str,
    "text": str,
    "textFormat": str,
    "locale": str,
    "timestamp": str,
    "localTimestamp": str,
    "localTimezone": str,
    "expiration": str,
    "channelId": str,
    "serviceUrl": str,
    "callerId": str,
    "action": str,
    "replyToId": str,
    "deliveryMode": str,
    "from": _ACCOUNT,
    "recipient": _ACCOUNT,
    "conversation": {
        "id": str,
        "name": str,
        "conversationType": str,
        "tenantId": str,
        "isGroup": bool,
        "properties": dict,
    },
    "channelData": {
        "tenant": {"id": str},
        "team": {"id": str},
        "channel": {"id": str},
        "eventType": str,
    },
    "membersAdded": [_ACCOUNT],
    "membersRemoved": [_ACCOUNT],
    "reactionsAdded": [{"type": str}],
    "reactionsRemoved": [{"type": str}],
    "attachments": [{"contentType": str, "contentUrl": str, "name": str, "thumbnailUrl": str}],
    "entities": [{"type": str}],
    "relatesTo": dict,
    "suggestedActions": dict,
    "semanticAction": dict,
    "textHighlights": [dict],
    "listenFor": [str],
}


def check_shape(activity: Json) -> None:
    """Raise `Malformed`, naming the member, unless this can be read as an activity.

    Only what every activity has is required: a type, a conversation and a sender.
    """
    fault = _fault(activity, _ACTIVITY, "activity")
    if fault:
        raise Malformed(fault)
    if not activity.get("type"):
        raise Malformed("type is missing")
    for member in ("conversation", "from"):
        if not (activity.get(member) or {}).get("id"):
            raise Malformed(f"{member}.id is missing")
    ids = {name: activity.get(name) for name in ("id", "replyToId")}
    for name, value in {**ids, "conversation.id": activity["conversation"]["id"]}.items():
        if value and not value.strip("."):
            # Answers are addressed with it; as a path segment it would lead elsewhere.
            raise Malformed(f"{name} is not an id")


def _fault(value: object, shape: Shape, path: str) -> str | None:
    if value is None:
        return None
    if isinstance(shape, type):
        return None if isinstance(value, shape) else f"{path} has the wrong type"
    if isinstance(shape, list):
        if not isinstance(value, list):
            return f"{path} must be a list"
        for number, item in enumerate(value):
            if fault := _fault(item, shape[0], f"{path}[{number}]"):
                return fault
        return None
    if not isinstance(value, dict):
        return f"{path} must be an object"
    # Over the members that are there, which are few of those that there may be.
    for name, item in value.items():
        part = shape.get(name)
        if part is not None and (fault := _fault(item, part, name)):
            return fault
    return None
