"""What an activity says, read from the SDK's model after the gate has verified it."""

import re
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from functools import cached_property
from typing import Any

from botbuilder.schema import Activity, ActivityTypes

from bot.transport.file_consent import FILE_CONSENT, read_consent
from bot.turn import Click, Conversation, FileConsent, Mention, TurnKind
from domain.people import Actor
from domain.time_zones import is_zone, offset_name
from services.people.addresses import ConversationAddress

CARD_ACTION = "adaptiveCard/action"
"""The name of the invoke that an Action.Execute sends."""

# Nothing here may look far ahead from many places: whoever writes 200 KB would halt the bot.
_LOCALE = re.compile(r"[A-Za-z]{2,8}(?:[-_][A-Za-z0-9]{1,8}){0,4}", re.ASCII)
_QUOTED = re.compile(r"<quoted\b[^<>]*/>", re.IGNORECASE)
"""What stands in a text for each message that a reply quotes.

Source: "Quoted replies" in Microsoft's Teams SDK, which has the message itself in an entity.
"""
_MENTION = re.compile(r"<at\b[^<>]*>([^<>]*)</at>", re.IGNORECASE)


class ActivityFacts:
    """``bot.turn.TurnFacts`` of one activity; each fact is read when it is asked for first."""

    def __init__(self, activity: Activity) -> None:
        self._activity = activity

    @cached_property
    def kind(self) -> TurnKind:
        """What the activity asks for."""
        activity = self._activity
        match activity.type:
            case ActivityTypes.message:
                return TurnKind.MESSAGE
            case ActivityTypes.invoke if activity.name == CARD_ACTION:
                return TurnKind.CLICK
            case ActivityTypes.invoke if activity.name == FILE_CONSENT:
                return TurnKind.FILE_CONSENT
            case ActivityTypes.installation_update:
                is_welcome = activity.action == "add" and self.conversation.is_personal
                return TurnKind.INSTALLED if is_welcome else TurnKind.MEMBERSHIP
            case ActivityTypes.conversation_update:
                return TurnKind.MEMBERSHIP
        return TurnKind.OTHER

    @cached_property
    def actor(self) -> Actor:
        """The verified person; the SDK drops the tenant that Teams gives the conversation."""
        sender = self._activity.from_property
        object_id = str(sender.aad_object_id).lower()
        tenant_id = str(_member(self._activity.channel_data, "tenant").get("id") or "").lower()
        return Actor(tenant_id, object_id, str(sender.name or object_id))

    @property
    def is_from_person(self) -> bool:
        """Whether Teams names a person behind it."""
        return bool(self._activity.from_property.aad_object_id)

    @property
    def sender_id(self) -> str:
        """The person's Teams id."""
        return str(self._activity.from_property.id or "")

    @cached_property
    def text(self) -> str:
        """What was typed, without mentions of the bot and with single spaces.

        Colleagues who are mentioned stay in the text by their names, and lines stay lines.
        """
        text = str(self._activity.text or "")
        for mention in self._mentions_of_bot():
            text = text.replace(mention, " ")
        return as_typed(text)

    @cached_property
    def locale(self) -> str:
        """The language of the person's Teams."""
        return locale_of(self._activity)

    @cached_property
    def time_zone(self) -> str:
        """The person's time zone: by name, or else by the offset of their clock.

        Source: the Bot Framework's Activity schema (localTimezone, localTimestamp). Teams leaves
        the name out of some activities.
        """
        name, clock = str(self._activity.local_timezone or ""), self._activity.local_timestamp
        if is_zone(name):
            return name
        offset = clock.utcoffset() if clock else None
        return "" if offset is None else offset_name(offset)

    @property
    def sent_at(self) -> datetime | None:
        """When it was typed or clicked; Teams' times are in UTC."""
        at: datetime | None = self._activity.timestamp
        return at.replace(tzinfo=UTC) if at and at.tzinfo is None else at

    @property
    def message_id(self) -> str:
        """The activity's id."""
        return str(self._activity.id or "")

    @property
    def clicked_id(self) -> str:
        """The id of the message whose button was clicked."""
        return str(self._activity.reply_to_id or "")

    @cached_property
    def conversation(self) -> Conversation:
        """Where it takes place."""
        activity = self._activity
        service_url, conversation_id = str(activity.service_url), str(activity.conversation.id)
        channel_id = _member(activity.channel_data, "channel").get("id")
        team_id = _member(activity.channel_data, "team").get("id")
        return Conversation(
            id=conversation_id,
            is_personal=bool(activity.conversation.conversation_type == "personal"),
            address=ConversationAddress(service_url, str(channel_id or conversation_id)),
            team=ConversationAddress(service_url, str(team_id)) if team_id else None,
        )

    @cached_property
    def mentions(self) -> Sequence[Mention]:
        """The people who were mentioned, by their names as they stay in the text."""
        bot_id = self._bot_id
        mentioned = ((teams_id, as_typed(text)) for teams_id, text in self._mentioned())
        return [Mention(name, who) for who, name in mentioned if name and who != bot_id]

    @cached_property
    def click(self) -> Click:
        """The button that was clicked, in a value of any shape."""
        value = self._activity.value if isinstance(self._activity.value, dict) else {}
        action = value.get("action")
        if not isinstance(action, dict):
            return Click("", {})
        verb, data = action.get("verb"), action.get("data")
        return Click(verb if isinstance(verb, str) else "", data if isinstance(data, dict) else {})

    @cached_property
    def consent(self) -> FileConsent:
        """The answer to an offered file."""
        return read_consent(self._activity.value)

    def _mentions_of_bot(self) -> Iterator[str]:
        bot_id = self._bot_id
        return (text for teams_id, text in self._mentioned() if text and teams_id == bot_id)

    @property
    def _bot_id(self) -> str | None:
        return self._activity.recipient.id if self._activity.recipient else None

    def _mentioned(self) -> Iterator[tuple[str, str]]:
        """List whom mentions are of, by Teams id, and the text of each."""
        for entity in self._activity.entities or ():
            particulars = entity.additional_properties
            mentioned, text = particulars.get("mentioned"), particulars.get("text")
            teams_id = mentioned.get("id") if isinstance(mentioned, dict) else None
            if isinstance(teams_id, str) and isinstance(text, str):
                yield teams_id, text


def locale_of(activity: Activity) -> str:
    """Return an activity's locale; some have it only among the facts about the client.

    Source: "clientInfo" in Microsoft's Bot Framework documentation of Teams activities.
    """
    told = (entity.additional_properties.get("locale") for entity in activity.entities or ())
    found = (one for one in (activity.locale, *told) if isinstance(one, str))
    return next(filter(_LOCALE.fullmatch, found), "")


def as_typed(text: str) -> str:
    """Return a text without markup and with single spaces; its lines stay lines."""
    text = _MENTION.sub(r"\1", _QUOTED.sub(" ", text))
    text = text.replace("&nbsp;", " ")
    lines = (" ".join(line.split()) for line in text.splitlines())
    return "\n".join(line for line in lines if line)


def _member(holder: Any, name: str) -> dict[str, Any]:
    found = holder.get(name) if isinstance(holder, dict) else None
    return found if isinstance(found, dict) else {}
