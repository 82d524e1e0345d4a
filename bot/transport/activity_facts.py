"""Read the sender and the conversation from an authenticated activity."""

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
    """Return the tenant's id; the SDK drops the conversation's tenant id."""
    return str(_member(activity.channel_data, "tenant").get("id") or "").lower()


def is_personal(activity: Activity) -> bool:
    return bool(activity.conversation.conversation_type == "personal")


def reference_of(activity: Activity) -> ConversationAddress:
    """Return how to reach this conversation; for a thread, its channel."""
    conversation_id = str(activity.conversation.id)
    channel_id = _member(activity.channel_data, "channel").get("id")
    return ConversationAddress(str(activity.service_url), str(channel_id or conversation_id))


def team_of(activity: Activity) -> ConversationAddress | None:
    """Return the team of the activity's channel; None outside teams.

    The id is Teams' own, not that of the group in Entra.
    """
    team_id = _member(activity.channel_data, "team").get("id")
    return ConversationAddress(str(activity.service_url), str(team_id)) if team_id else None


def _member(holder: Any, name: str) -> dict[str, Any]:
    found = holder.get(name) if isinstance(holder, dict) else None
    return found if isinstance(found, dict) else {}
