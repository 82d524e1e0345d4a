"""Activities as Teams posts them, as plain dicts; a test changes the relevant parts with `|`.

They have no serviceUrl and no timestamp: these are filled in on delivery.
"""

from dataclasses import dataclass, field
from itertools import count
from typing import Any

Json = dict[str, Any]

APP_ID = "0b9f3ab1-6f5e-4a59-9a4b-1f0c3a4d5e6f"
TENANT = "7d3c2f0a-91c4-4f0e-8a55-0c6f2f1e9b77"

_BOT = {"id": f"28:{APP_ID}", "name": "Latchkey"}
_ids = count(1_700_000_000_001)


@dataclass(frozen=True)
class Person:
    """Someone who uses Teams."""

    name: str
    object_id: str
    locale: str = field(default="en-US", compare=False)

    @property
    def id(self) -> str:
        """Return their ID in Teams, which is specific to this bot."""
        return f"29:{self.object_id}"

    def account(self) -> Json:
        """Return them as the sender of an activity."""
        return {"id": self.id, "name": self.name, "aadObjectId": self.object_id}


@dataclass(frozen=True)
class Place:
    """A conversation with the bot in it."""

    id: str
    kind: str
    team: str | None = None

    def conversation(self) -> Json:
        """Return it as the conversation of an activity."""
        kind: Json = {"conversationType": self.kind, "tenantId": TENANT, "id": self.id}
        return kind if self.kind == "personal" else {"isGroup": True, **kind}

    def channel_data(self) -> Json:
        """Return the channel data of its activities."""
        tenant = {"tenant": {"id": TENANT}}
        if self.team is None:
            return tenant
        channel = self.id.partition(";")[0]
        return {"channel": {"id": channel}, "team": {"id": self.team}, **tenant}


def a_personal_chat(person: Person) -> Place:
    """Return the chat between a person and the bot, always the same one."""
    return Place(id=f"a:{person.object_id}", kind="personal")


def a_channel(name: str = "general", thread: str | None = None) -> Place:
    """Return a team's channel, or a thread in it."""
    channel = f"19:{name}@thread.tacv2"
    return Place(
        id=f"{channel};messageid={thread}" if thread else channel,
        kind="channel",
        team="19:team@thread.tacv2",
    )


def a_message(text: str, sender: Person, place: Place | None = None) -> Json:
    """Return a typed message; in a channel it mentions the bot, which wouldn't get it otherwise."""
    message = _activity("message", sender, place) | {"text": text, "textFormat": "plain"}
    if message["conversation"]["conversationType"] == "personal":
        return message
    mention = f"<at>{_BOT['name']}</at>"
    entity = {"type": "mention", "mentioned": _BOT, "text": mention}
    return message | {"text": f"{mention} {text}", "entities": [entity, *message["entities"]]}


def an_edit(message: Json, text: str) -> Json:
    """Return the same message with another text, as Teams reports an edit: with the same ID."""
    data = message["channelData"] | {"eventType": "editMessage"}
    return message | {"type": "messageUpdate", "text": text, "channelData": data}


def an_execute(
    verb: str,
    data: Json,
    sender: Person,
    place: Place | None = None,
    card: str | None = None,
    trigger: str = "manual",
) -> Json:
    """Return a click on an Action.Execute; `card` is the ID of the message with the card.

    `data` is the action's own data with the card's inputs merged in, as the client sends it.
    A refresh has the trigger "automatic".
    """
    action = {"type": "Action.Execute", "verb": verb, "data": data}
    return _activity("invoke", sender, place) | {
        "name": "adaptiveCard/action",
        "value": {"action": action, "trigger": trigger},
        "replyToId": card or str(next(_ids)),
    }


def a_file_consent(
    action: str, offered: Json, sender: Person, upload_url: str, card: str = ""
) -> Json:
    """Return the answer to a file offer, "accept" or "decline"; `offered` is its attachment."""
    accepted = action == "accept"
    value: Json = {
        "type": "fileUpload",
        "action": action,
        "context": offered["content"]["acceptContext" if accepted else "declineContext"],
    }
    if accepted:
        value["uploadInfo"] = {
            "contentUrl": f"{upload_url}/file",
            "name": offered["name"],
            "uploadUrl": upload_url,
            "uniqueId": "1150D938-8870-4044-9F2C-5BBDEBA70C8C",
            "fileType": offered["name"].rpartition(".")[2],
        }
    invoke = _activity("invoke", sender, None) | {"name": "fileConsent/invoke", "value": value}
    return invoke | {"replyToId": card or str(next(_ids))}


def an_installation(sender: Person, place: Place | None = None, action: str = "add") -> Json:
    """Return the event that someone installed the app; `action` is "add" or "remove"."""
    return _activity("installationUpdate", sender, place) | {"action": action}


def _activity(kind: str, sender: Person, place: Place | None) -> Json:
    place = place or a_personal_chat(sender)
    number = str(next(_ids))
    return {
        "type": kind,
        "id": number if kind == "message" else f"f:{number}",
        "localTimestamp": "2026-03-02T10:30:00.1234567+01:00",
        "localTimezone": "Europe/Berlin",
        "channelId": "msteams",
        "from": sender.account(),
        "conversation": place.conversation(),
        "recipient": dict(_BOT),
        "entities": [{"type": "clientInfo", "locale": sender.locale, "platform": "Web"}],
        "channelData": place.channel_data(),
        "locale": sender.locale,
    }
