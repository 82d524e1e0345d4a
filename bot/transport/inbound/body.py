"""Read a request body into an activity, with limits on size, time and depth."""

import asyncio
import json
import math
from typing import Any, NoReturn

import aiohttp
from aiohttp import web

from bot.transport.inbound.rejections import Malformed, NotJson, TooLarge, TooSlow
from bot.transport.inbound.shape import Json, check_shape

MAX_BYTES = 256 * 1024
MAX_DEPTH = 40
MAX_SECONDS = 10


def check_headers(request: web.Request) -> None:
    """Reject bad headers before reading any of the body."""
    if request.content_type != "application/json":
        raise NotJson("Content-Type must be application/json")
    if (request.content_length or 0) > MAX_BYTES:
        raise TooLarge(f"the body is larger than {MAX_BYTES} bytes")


async def read_body(request: web.Request) -> bytes:
    """Read the body, giving up at `MAX_BYTES` (after decompression) or `MAX_SECONDS`."""
    try:
        if request.content.is_eof():
            return await _whole(request.content)  # it came with its headers, as most do
        async with asyncio.timeout(MAX_SECONDS):
            return await _whole(request.content)
    except TimeoutError as fault:
        raise TooSlow(f"the body took longer than {MAX_SECONDS} s") from fault
    except (web.RequestPayloadError, ConnectionError) as fault:
        raise Malformed("the body is truncated, or not encoded as its headers say") from fault


async def _whole(content: aiohttp.StreamReader) -> bytes:
    body = bytearray()
    async for chunk in content.iter_any():
        body += chunk
        if len(body) > MAX_BYTES:
            raise TooLarge(f"the body is larger than {MAX_BYTES} bytes")
    return bytes(body)


def parse_activity(body: bytes) -> Json:
    """Parse and clean an activity; raise `Malformed` if it isn't one.

    Null characters and unpaired surrogates become U+FFFD: neither can be stored or sent, and
    someone whose text was cut in the middle of an emoji should still get an answer.
    """
    try:
        parsed = _DECODER.decode(body.decode("utf-8"))
    except (ValueError, RecursionError) as fault:
        raise Malformed("the body is not JSON") from fault
    if not isinstance(parsed, dict):
        raise Malformed("the body is not a JSON object")
    activity: Json = parsed if _is_clean(body) else _cleaned(parsed, MAX_DEPTH)
    check_shape(activity)
    return activity


def _refuse_constant(name: str) -> NoReturn:
    raise ValueError(f"{name} is not JSON")


def _finite(number: str) -> float:
    if not math.isfinite(value := float(number)):
        raise Malformed("a number is out of range")
    return value


_DECODER = json.JSONDecoder(parse_constant=_refuse_constant, parse_float=_finite)


def _is_clean(body: bytes) -> bool:
    """Say whether there is certainly nothing to clean, and no depth to refuse."""
    is_plain = body.isascii() and b"\\u" not in body
    return is_plain and body.count(b"{") + body.count(b"[") <= MAX_DEPTH


def _cleaned(value: Any, depth: int) -> Any:
    if isinstance(value, str):
        return _storable(value)
    if depth == 0 and isinstance(value, dict | list):
        raise Malformed(f"the body is nested deeper than {MAX_DEPTH} levels")
    if isinstance(value, dict):
        return {_storable(name): _cleaned(item, depth - 1) for name, item in value.items()}
    if isinstance(value, list):
        return [_cleaned(item, depth - 1) for item in value]
    return value


def _storable(text: str) -> str:
    if text.isascii():
        return text.replace("\0", "\ufffd")
    whole = text.encode("utf-16-le", "surrogatepass").decode("utf-16-le", "replace")
    return whole.replace("\0", "\ufffd")
