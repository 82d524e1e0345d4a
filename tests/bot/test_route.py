"""Whatever bytes arrive, they get a status and a short reason; one activity is one turn."""

import asyncio
import gzip
import json
from io import BytesIO
from typing import Any

import pytest
from botbuilder.core import InvokeResponse, TurnContext
from botbuilder.schema import Activity, Attachment

from bot.body import MAX_BYTES, MAX_DEPTH
from tests.bot.edge import DANA, FakeBot
from tests.support.teams import (
    Fault,
    Json,
    Teams,
    a_channel,
    a_message,
    an_edit,
    an_execute,
    an_installation,
)

JSON = {"Content-Type": "application/json"}
CARD = "application/vnd.microsoft.card.adaptive"


async def post(edge: Teams, body: bytes, **headers: str) -> tuple[int, Any]:
    """Post bytes with a good token."""
    return await edge.post(data=body, headers=JSON | headers, token=edge.mint.token())


async def echo(context: TurnContext) -> None:
    await context.send_activity(f"You said: {context.activity.text}")


async def test_a_message_is_answered_in_its_conversation(edge: Teams, bot: FakeBot) -> None:
    bot.act = echo
    message = a_message("help", DANA)

    await edge.deliver(message)

    [reply] = edge.said_to(DANA)
    assert reply.text == "You said: help"
    assert message["id"] == reply.reply_to
    assert [request.authorization for request in edge.requests] == ["Bearer outgoing-token"]


async def test_a_thread_is_answered_in_the_thread(edge: Teams, bot: FakeBot) -> None:
    bot.act = echo
    thread = a_channel("audit", thread="1700000000000")

    await edge.deliver(a_message("help", DANA, thread))

    assert len(edge.said_in("19:audit@thread.tacv2;messageid=1700000000000")) == 1


async def test_a_card_goes_out_untouched(edge: Teams, bot: FakeBot) -> None:
    card = {
        "type": "AdaptiveCard",
        "$schema": "http://adaptivecards.io/schemas/adaptive-card.json",
        "body": [{"type": "TextBlock", "text": "Grüße 🎉", "x.y": None, "empty": [], "n": 1.5}],
        "refresh": {"userIds": [DANA.id], "action": {"type": "Action.Execute", "verb": "look"}},
    }

    async def show(context: TurnContext) -> None:
        attachment = Attachment(content_type=CARD, content=card)
        await context.send_activity(Activity(type="message", attachments=[attachment]))

    bot.act = show

    await edge.deliver(a_message("help", DANA))

    [reply] = edge.said_to(DANA)
    assert card == reply.card


async def test_a_message_is_updated_and_deleted(edge: Teams, bot: FakeBot) -> None:
    async def change(context: TurnContext) -> None:
        sent = await context.send_activity("first")
        await context.update_activity(Activity(type="message", id=sent.id, text="second"))
        await context.delete_activity(sent.id)

    bot.act = change

    await edge.deliver(a_message("help", DANA))

    [reply] = edge.said_to(DANA)
    assert [earlier["text"] for earlier in reply.earlier] == ["first"]
    assert (reply.text, reply.deleted) == ("second", True)


async def test_the_body_of_an_invoke_response_reaches_teams(edge: Teams, bot: FakeBot) -> None:
    body = {"statusCode": 200, "type": CARD, "value": {"type": "AdaptiveCard", "body": []}}

    async def answer(context: TurnContext) -> None:
        response = InvokeResponse(status=200, body=body)
        await context.send_activity(Activity(type="invokeResponse", value=response))

    bot.act = answer

    assert await edge.deliver(an_execute("approve", {"id": "r1"}, DANA)) == (200, body)


async def test_the_data_of_a_click_arrive_as_they_are(edge: Teams, bot: FakeBot) -> None:
    data = {"id": "r1", "minutes": 30, "note": None, "nested": {"list": [1, {"a": "b"}]}}

    await edge.deliver(an_execute("approve", data, DANA))

    [activity] = bot.turns
    assert data == activity.value["action"]["data"]


async def test_an_invoke_that_nobody_answers_is_not_implemented(edge: Teams) -> None:
    assert await edge.deliver(an_execute("approve", {}, DANA)) == (501, None)


async def test_an_installation_without_a_persons_words_is_let_in(edge: Teams, bot: FakeBot) -> None:
    installation = an_installation(DANA)
    del installation["from"]["aadObjectId"]

    answer = await edge.deliver(installation)

    assert answer == (200, None)
    assert [activity.action for activity in bot.turns] == ["add"]


async def test_an_edit_arrives_as_an_edit(edge: Teams, bot: FakeBot) -> None:
    message = a_message("help", DANA)

    await edge.deliver(message)
    await edge.deliver(an_edit(message, "rotate app-api-key"))

    assert [activity.type for activity in bot.turns] == ["message", "messageUpdate"]


async def test_the_same_message_again_has_no_second_effect(edge: Teams, bot: FakeBot) -> None:
    bot.act = echo
    message = a_message("help", DANA)

    answers = [await edge.deliver(message) for _ in range(3)]

    assert answers == [(200, None)] * 3
    assert len(edge.said_to(DANA)) == 1


async def test_the_same_click_again_gets_the_same_answer(edge: Teams, bot: FakeBot) -> None:
    async def count(context: TurnContext) -> None:
        response = InvokeResponse(status=200, body={"turn": len(bot.turns)})
        await context.send_activity(Activity(type="invokeResponse", value=response))

    bot.act = count
    click = an_execute("approve", {}, DANA)

    answers = [await edge.deliver(click) for _ in range(2)]

    assert answers == [(200, {"turn": 1})] * 2


async def test_the_same_message_at_once_waits_for_the_one_answer(edge: Teams, bot: FakeBot) -> None:
    reached, go = asyncio.Event(), asyncio.Event()

    async def wait(context: TurnContext) -> None:
        reached.set()
        await go.wait()
        await echo(context)

    bot.act = wait
    message = a_message("help", DANA)

    first = asyncio.create_task(edge.deliver(message))
    await reached.wait()
    second = asyncio.create_task(edge.deliver(message))
    await asyncio.sleep(0)
    go.set()

    assert [await first, await second] == [(200, None)] * 2
    assert len(edge.said_to(DANA)) == 1


async def test_a_handlers_exception_gives_the_user_a_number_and_the_log_the_rest(
    edge: Teams, bot: FakeBot, caplog: pytest.LogCaptureFixture
) -> None:
    async def fail(context: TurnContext) -> None:
        raise RuntimeError("the details")

    bot.act = fail

    answer = await edge.deliver(a_message("help", DANA))

    [apology] = edge.said_to(DANA)
    [record] = [record for record in caplog.records if record.levelname == "ERROR"]
    assert answer == (200, None)
    assert apology.text.endswith("tell an administrator this number: id-1")
    assert "the details" not in apology.text
    assert vars(record)["correlation_id"] == "id-1"
    assert "the details" in str(record.exc_info)


async def test_a_click_that_fails_is_answered_with_a_number(edge: Teams, bot: FakeBot) -> None:
    async def fail(context: TurnContext) -> None:
        raise RuntimeError("the details")

    bot.act = fail

    status, body = await edge.deliver(an_execute("approve", {}, DANA))

    assert (status, body["type"]) == (200, "application/vnd.microsoft.activity.message")
    assert body["value"].endswith("tell an administrator this number: id-1")


async def test_an_apology_that_cannot_be_sent_is_no_second_failure(
    edge: Teams, bot: FakeBot, caplog: pytest.LogCaptureFixture
) -> None:
    bot.act = echo
    edge.fail(Fault(403, "ForbiddenOperationException"), times=2)

    answer = await edge.deliver(a_message("help", DANA))

    assert answer == (200, None)
    assert "apology not sent" in caplog.text


@pytest.mark.parametrize("kind", ["text/plain", "application/xml", "multipart/form-data", ""])
async def test_another_content_type_is_refused(edge: Teams, kind: str) -> None:
    status, body = await post(edge, b"{}", **{"Content-Type": kind})

    assert (status, body) == (415, {"error": "Content-Type must be application/json"})


@pytest.mark.parametrize("chunked", [False, True])
async def test_two_megabytes_are_refused(edge: Teams, bot: FakeBot, chunked: bool) -> None:
    message = json.dumps(a_message("x" * 2 * 2**20, DANA)).encode()

    async def pieces() -> Any:
        yield message

    body = pieces() if chunked else BytesIO(message)
    status, answer = await edge.post(data=body, headers=JSON, token=edge.mint.token())

    assert (status, answer) == (413, {"error": f"the body is larger than {MAX_BYTES} bytes"})
    assert bot.turns == []


async def test_a_small_body_that_unpacks_to_a_large_one_is_refused(edge: Teams) -> None:
    packed = gzip.compress(b'{"text": "' + b"x" * 2**20 + b'"}')

    status, _ = await post(edge, packed, **{"Content-Encoding": "gzip"})

    assert status == 413


async def test_a_body_that_does_not_unpack_is_refused(edge: Teams) -> None:
    status, _ = await post(edge, b"not gzip", **{"Content-Encoding": "gzip"})

    assert status == 400


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"{",
        b"null",
        b"[]",
        b'"text"',
        b"\xff\xfe{\x00}\x00",
        b'{"type": "message", "text": "raw \x00 byte"}',
        b'{"type": "message", "n": NaN}',
        b'{"type": "message", "n": Infinity}',
        b'{"type": "message", "n": ' + b"9" * 5_000 + b"}",
        b'{"type":"message","conversation":{"id":"a"},"from":{"id":"b"},"value":1e999}',
        b"[" * 100_000,
        b'{"a":' * 20_000 + b"1" + b"}" * 20_000,
    ],
)
async def test_what_is_not_a_json_object_is_refused(edge: Teams, bot: FakeBot, body: bytes) -> None:
    status, answer = await post(edge, body)

    assert status == 400
    assert list(answer) == ["error"]
    assert bot.turns == []


def nested(levels: int) -> Json:
    value: Json = {}
    for _ in range(levels):
        value = {"value": value}
    return value


async def test_deep_json_is_refused(edge: Teams) -> None:
    status, answer = await edge.deliver(a_message("help", DANA) | nested(MAX_DEPTH + 1))

    assert (status, answer) == (
        400,
        {"error": f"the body is nested deeper than {MAX_DEPTH} levels"},
    )


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        ({"type": None}, "type is missing"),
        ({"type": ""}, "type is missing"),
        ({"type": 1}, "type has the wrong type"),
        ({"text": ["help"]}, "text has the wrong type"),
        ({"id": {"$gt": ""}}, "id has the wrong type"),
        ({"from": None}, "from.id is missing"),
        ({"from": "dana"}, "from must be an object"),
        ({"from": {"id": 1}}, "id has the wrong type"),
        ({"conversation": {}}, "conversation.id is missing"),
        ({"conversation": []}, "conversation must be an object"),
        ({"channelData": "x"}, "channelData must be an object"),
        ({"channelData": {"tenant": "x"}}, "tenant must be an object"),
        ({"channelData": {"tenant": {"id": 7}}}, "id has the wrong type"),
        ({"entities": {}}, "entities must be a list"),
        ({"entities": ["x"]}, "entities[0] must be an object"),
        ({"serviceUrl": 5}, "serviceUrl has the wrong type"),
        ({"channelId": ["msteams"]}, "channelId has the wrong type"),
        ({"timestamp": "yesterday"}, "the body is not an activity"),
    ],
)
async def test_a_member_of_the_wrong_type_is_named(
    edge: Teams, bot: FakeBot, change: Json, reason: str
) -> None:
    assert await edge.deliver(a_message("help", DANA) | change) == (400, {"error": reason})
    assert bot.turns == []


@pytest.mark.parametrize(
    ("written", "read"),
    [
        (r"a\u0000b", "a\ufffdb"),
        (r"cut \ud83d", "cut \ufffd"),
        (r"whole \ud83c\udf89", "whole 🎉"),
        (r"\udf89\ud83c", "\ufffd\ufffd"),
    ],
)
async def test_what_cannot_be_stored_is_replaced_in_what_people_say(
    edge: Teams, bot: FakeBot, written: str, read: str
) -> None:
    message = {"serviceUrl": edge.service_url} | a_message("TEXT", DANA)

    status, _ = await post(edge, json.dumps(message).replace("TEXT", written).encode())

    assert status == 200
    assert read == bot.turns[0].text


async def test_the_token_is_judged_before_the_body_is_read(edge: Teams) -> None:
    status, _ = await edge.post(data=b"{", headers=JSON, token="forged")

    assert status == 401


async def test_a_refusal_of_the_token_says_what_is_wanted(edge: Teams) -> None:
    status, body = await edge.post(data=b"{}", headers=JSON)

    assert (status, body) == (401, {"error": "a bearer token is required"})


async def test_local_mode_asks_for_no_token(local_edge: Teams, bot: FakeBot) -> None:
    bot.act = echo

    answer = await local_edge.deliver(a_message("help", DANA), token="")

    [reply] = local_edge.said_to(DANA)
    assert answer == (200, None)
    assert reply.text == "You said: help"
    assert [request.authorization for request in local_edge.requests] == [None]


@pytest.mark.parametrize(
    "url", ["https://smba.trafficmanager.net/emea/", "http://192.0.2.7/", "https://127.0.0.1:1/"]
)
async def test_local_mode_answers_to_the_loopback_interface_alone(
    local_edge: Teams, bot: FakeBot, url: str
) -> None:
    answer = await local_edge.deliver(a_message("help", DANA) | {"serviceUrl": url}, token="")

    assert answer == (403, {"error": "the serviceUrl is not a Teams endpoint"})
    assert bot.turns == []


async def test_local_mode_holds_people_to_the_rules_all_the_same(
    local_edge: Teams, bot: FakeBot
) -> None:
    nobody = a_message("help", DANA) | {"from": {"id": "29:x", "name": "Nobody"}}

    answer = await local_edge.deliver(nobody, token="")

    assert answer == (403, {"error": "the sender has no Entra object id"})
    assert bot.turns == []
