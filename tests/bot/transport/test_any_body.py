"""Any JSON is either delivered or rejected, and nothing else happens."""

import json
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from bot.transport.inbound.authentication import ActivityRules, check_activity
from bot.transport.inbound.body import parse_activity
from bot.transport.inbound.incoming import deserialised
from bot.transport.inbound.rejections import ActivityRejected
from bot.transport.service_urls import ServiceUrls
from tests.bot.edge import DANA
from tests.support.teams import TENANT, Json, a_channel, a_message, an_execute, an_installation

RULES = ActivityRules(ServiceUrls(frozenset({"smba.trafficmanager.net"})), frozenset({TENANT}))

SCALARS = st.none() | st.booleans() | st.integers() | st.floats() | st.text()
VALUES = st.recursive(
    SCALARS,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=8,
)
GENUINE = [
    {"serviceUrl": "https://smba.trafficmanager.net/emea/"} | activity
    for activity in (
        a_message("help", DANA, a_channel()),
        an_execute("approve", {"id": "r1"}, DANA),
        an_installation(DANA),
    )
]
# Members that the SDK's deserializer knows, and some that it does not.
MEMBERS = st.sampled_from(
    [
        *("type", "id", "timestamp", "localTimestamp", "expiration", "serviceUrl", "channelId"),
        *("from", "conversation", "recipient", "textFormat", "attachmentLayout", "membersAdded"),
        *("membersRemoved", "reactionsAdded", "topicName", "historyDisclosed", "locale", "text"),
        *("speak", "inputHint", "summary", "suggestedActions", "attachments", "entities"),
        *("channelData", "action", "replyToId", "label", "valueType", "value", "name", "relatesTo"),
        *("code", "importance", "deliveryMode", "listenFor", "textHighlights", "semanticAction"),
        *("callerId", "localTimezone", "additional_properties", "from_property", "surprise"),
    ]
)


def outcome(body: bytes) -> str:
    """Return "delivered", or the reason for the rejection; any other exception is a 500."""
    try:
        activity = parse_activity(body)
        check_activity(activity, RULES)
        deserialised(activity)
    except ActivityRejected as rejection:
        return str(rejection)
    return "delivered"


def test_genuine_activities_are_delivered() -> None:
    outcomes = {outcome(json.dumps(activity).encode()) for activity in GENUINE}

    assert outcomes == {"delivered"}


@given(VALUES)
def test_any_json_is_refused_or_delivered(value: Any) -> None:
    assert outcome(json.dumps(value).encode("utf-8", "surrogatepass"))


@given(st.binary())
def test_any_bytes_are_refused_or_delivered(body: bytes) -> None:
    assert outcome(body)


@given(st.sampled_from(GENUINE), st.dictionaries(MEMBERS, VALUES, max_size=4))
def test_any_change_to_a_genuine_activity_is_refused_or_delivered(
    activity: Json, change: Json
) -> None:
    assert outcome(json.dumps(activity | change).encode())


@given(st.sampled_from(GENUINE), st.sampled_from(["from", "conversation", "channelData"]), VALUES)
def test_any_change_within_a_member_is_refused_or_delivered(
    activity: Json, member: str, value: Any
) -> None:
    for name in activity[member]:
        changed = activity | {member: activity[member] | {name: value}}
        assert outcome(json.dumps(changed).encode())
