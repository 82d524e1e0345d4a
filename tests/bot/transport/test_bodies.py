"""Any bytes get a status and a short reason."""

import gzip
import json
from io import BytesIO
from typing import Any

import pytest

from bot.transport.inbound.body import MAX_BYTES, MAX_DEPTH
from tests.bot.edge import DANA, FakeBot
from tests.support.teams import Json, Teams, a_message

JSON = {"Content-Type": "application/json"}


async def post(edge: Teams, body: bytes, **headers: str) -> tuple[int, Any]:
    """Post bytes with a valid token."""
    return await edge.post(data=body, headers=JSON | headers, token=edge.mint.token())


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
async def test_anything_but_a_json_object_is_refused(
    edge: Teams, bot: FakeBot, body: bytes
) -> None:
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
        ({"conversation": {"id": ".."}}, "conversation.id is not an id"),
        ({"id": ".."}, "id is not an id"),
        ({"replyToId": "."}, "replyToId is not an id"),
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
async def test_unstorable_characters_in_text_are_replaced(
    edge: Teams, bot: FakeBot, written: str, read: str
) -> None:
    message = {"serviceUrl": edge.service_url} | a_message("TEXT", DANA)

    status, _ = await post(edge, json.dumps(message).replace("TEXT", written).encode())

    assert status == 200
    assert read == bot.turns[0].text


async def test_the_token_is_checked_before_the_body_is_read(edge: Teams) -> None:
    status, _ = await edge.post(data=b"{", headers=JSON, token="forged")

    assert status == 401


async def test_a_refused_token_says_what_is_expected(edge: Teams) -> None:
    status, body = await edge.post(data=b"{}", headers=JSON)

    assert (status, body) == (401, {"error": "a bearer token is required"})
