"""We read an activity as the SDK does, for all members that are used."""

from typing import Any

import pytest
from botbuilder.schema import Activity
from msrest.serialization import Model

from bot.transport.inbound.incoming import deserialised
from tests.bot.edge import DANA
from tests.support.teams import Json, a_channel, a_message, an_edit, an_execute, an_installation

SERVICE = {"serviceUrl": "https://smba.trafficmanager.net/emea/"}
ACTIVITIES = [
    SERVICE | activity
    for activity in (
        a_message("help", DANA),
        a_message("help", DANA, a_channel("general", thread="1")),
        an_edit(a_message("help", DANA), "secrets"),
        an_execute("request.approve", {"request": "req-aaaaaaaaaa"}, DANA),
        an_installation(DANA),
        {"type": "event", "conversation": {"id": "c"}, "from": {"id": "f"}, "recipient": None},
        a_message("help", DANA) | {"entities": None, "timestamp": None, "text": None},
    )
]
USED = (
    *("type", "id", "timestamp", "local_timestamp", "local_timezone", "service_url", "channel_id"),
    *("from_property",),
    *("conversation", "recipient", "text", "locale", "channel_data", "action", "reply_to_id"),
    *("value", "name"),
)


def plain(value: Any) -> Any:
    """Return a model's set members, without those that the SDK has no name for."""
    if not isinstance(value, Model):
        return value
    members = {name: plain(member) for name, member in vars(value).items()}
    return {
        name: member
        for name, member in members.items()
        if member is not None and name != "additional_properties"
    }


@pytest.mark.parametrize("activity", ACTIVITIES, ids=lambda activity: activity["type"])
def test_used_members_are_read_as_the_sdk_reads_them(activity: Json) -> None:
    ours, theirs = deserialised(activity), Activity().deserialize(activity)

    for name in USED:
        assert plain(getattr(ours, name)) == plain(getattr(theirs, name))


def test_a_mention_is_read_with_the_mentioned_person() -> None:
    message: Json = SERVICE | a_message("help", DANA, a_channel())

    ours, theirs = deserialised(message), Activity().deserialize(message)

    assert [entity.type for entity in ours.entities] == [entity.type for entity in theirs.entities]
    mentioned = [entity.additional_properties.get("mentioned") for entity in ours.entities]
    assert mentioned == [entity["mentioned"] for entity in message["entities"][:1]] + [None]


def test_unused_members_are_left_out() -> None:
    odd = {"deliveryMode": "expectReplies", "suggestedActions": {"to": 7}, "surprise": 1}

    read = deserialised(SERVICE | a_message("help", DANA) | odd)

    assert read.delivery_mode is None
    assert read.suggested_actions is None
    assert not read.additional_properties
