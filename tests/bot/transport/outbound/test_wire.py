"""What is sent to Teams, as bytes."""

import json
from typing import Any

import pytest
from botbuilder.schema import Activity, Attachment, ChannelAccount, ConversationAccount

from bot.transport.card_reply import card_activity
from bot.transport.outbound.wire import to_bytes
from cards.languages.remembered import RememberedCard

CARD = {"type": "AdaptiveCard", "body": [{"text": 'ä, \u2028 or "quoted"', "width": 1.5}]}


def a_reply(*attachments: Attachment, **members: Any) -> Activity:
    return Activity(
        type="message",
        conversation=ConversationAccount(id="a:dana"),
        recipient=ChannelAccount(id="29:dana", aad_object_id="dana"),
        attachments=[*attachments],
        **members,
    )


def an_attachment(content: object, **members: Any) -> Attachment:
    return Attachment(content_type="card", content=content, **members)


@pytest.mark.parametrize(
    "message",
    [
        lambda content: card_activity(content),
        lambda content: a_reply(an_attachment(content), reply_to_id="1", text="ü"),
        lambda content: a_reply(an_attachment(content, name="a card")),
        lambda content: a_reply(an_attachment(content), an_attachment(content)),
        lambda content: a_reply(an_attachment({"inside": content})),
    ],
)
def test_a_remembered_card_is_sent_like_any_other(message: Any) -> None:
    remembered = RememberedCard(CARD)

    first, again = to_bytes(message(remembered)), to_bytes(message(remembered))

    assert json.loads(first) == json.loads(to_bytes(message(CARD)))
    assert again == first


def test_members_are_sent_under_their_wire_names_and_only_those_that_are_set() -> None:
    sent = json.loads(to_bytes(a_reply(an_attachment(CARD))))

    assert sent == {
        "type": "message",
        "conversation": {"id": "a:dana"},
        "recipient": {"id": "29:dana", "aadObjectId": "dana"},
        "attachments": [{"contentType": "card", "content": CARD}],
    }
