"""Who speaks, and where; read from what the gate has verified."""

from typing import Any

from botbuilder.schema import Activity

from domain.people import Actor
from services.people.addresses import ConversationAddress


def actor_of(activity: Activity) -> Actor:
    """Return the verified person behind an activity."""
    sender = activity.from_property
    object_id = str(sender.aad_object_id).lower()
    return Actor(tenant_of(activity), object_id, str(sender.name or object_id))


def tenant_of(activity: Activity) -> str:
    """Return the tenant's id; the SDK drops the one that Teams gives the conversation."""
    return str(_member(activity.channel_data, "tenant").get("id") or "").lower()


def is_personal(activity: Activity) -> bool:
    return bool(activity.conversation.conversation_type == "personal")


def reference_of(activity: Activity) -> ConversationAddress:
    """Return where this conversation can be reached, for a thread its channel."""
    conversation_id = str(activity.conversation.id)
    channel_id = _member(activity.channel_data, "channel").get("id")
    return ConversationAddress(str(activity.service_url), str(channel_id or conversation_id))


def team_of(activity: Activity) -> ConversationAddress | None:
    """Return the team of the channel in which this was said; None outside of teams.

    Its id is the one that Teams uses, not that of the group in Entra.
    """
    team_id = _member(activity.channel_data, "team").get("id")
    return ConversationAddress(str(activity.service_url), str(team_id)) if team_id else None


def _member(holder: Any, name: str) -> dict[str, Any]:
    found = holder.get(name) if isinstance(holder, dict) else None
    return found if isinstance(found, dict) else {}
