"""The forms of the log's lines."""

import json
import logging
import sys
from collections.abc import Iterator
from typing import Any

import aiohttp
import pytest
from aiohttp import web
from aiohttp.test_utils import TestServer

from composition.logs import JsonFormatter, TextFormatter, shorten_bad_requests
from services.log_context import logged_under

MOMENT = 1_790_000_000.1234


def a_record(message: str, *args: object, **extra: object) -> logging.LogRecord:
    record = logging.LogRecord("latchkey", logging.INFO, "", 0, message, args, None)
    record.created = MOMENT
    vars(record).update(extra)
    return record


def written(record: logging.LogRecord) -> dict[str, Any]:
    line = JsonFormatter().format(record)
    assert "\n" not in line
    read: dict[str, Any] = json.loads(line)
    return read


def test_a_line_says_when_how_bad_who_and_what() -> None:
    assert written(a_record("%d rows", 2)) == {
        "time": "2026-09-21T14:13:20.123Z",
        "level": "INFO",
        "logger": "latchkey",
        "message": "2 rows",
    }


def test_a_line_about_an_event_names_its_workflow() -> None:
    about = {"correlation_id": "req-one", "workflow": "access", "event": "granted"}

    line = written(a_record("granted by latchkey", **about))

    assert line == line | about


def test_a_line_has_the_id_of_the_work_under_way_once() -> None:
    with logged_under("req-one"):
        line = written(a_record("%s: could not %s", "req-one", "grant"))
        own = written(a_record("turn failed", correlation_id="turn-two"))
        text = TextFormatter().format(a_record("%s: could not %s", "req-one", "grant"))

    assert (line["correlation_id"], line["message"]) == ("req-one", "could not grant")
    assert own["correlation_id"] == "turn-two"
    assert text.endswith(" INFO latchkey [req-one] could not grant")
    assert "correlation_id" not in written(a_record("after it"))


def test_what_a_library_attaches_to_a_record_is_left_out() -> None:
    line = JsonFormatter().format(a_record("sent", headers={"Authorization": "Bearer hunter2"}))

    assert "hunter2" not in line


def test_text_of_others_stays_within_one_line() -> None:
    line = written(a_record("%s", 'a"\n{"level": "INFO"}\u2028\ud800'))

    assert line["message"] == 'a"\n{"level": "INFO"}\u2028\ud800'


def test_an_exception_is_written_with_its_trace() -> None:
    record = a_record("failed")
    try:
        json.loads("none")
    except ValueError:
        record.exc_info = sys.exc_info()

    exception = written(record)["exception"]

    assert exception.startswith("Traceback (most recent call last):\n")
    assert "\njson.decoder.JSONDecodeError: Expecting value" in exception


@pytest.fixture
def _shortened() -> Iterator[None]:
    log = logging.getLogger("aiohttp.server")
    log.addFilter(shorten_bad_requests)
    yield
    log.removeFilter(shorten_bad_requests)


async def _refuse(_: web.Request) -> web.Response:
    return web.Response(status=400)


async def _fail(_: web.Request) -> web.Response:
    raise KeyError("a bug")


@pytest.mark.usefixtures("_shortened")
@pytest.mark.parametrize(
    ("headers", "body", "kind"),
    [
        ({"Authorization": f"Bearer {'x' * 9_000}"}, b"", "LineTooLong"),
        ({"Content-Encoding": "gzip"}, b"not compressed", "RequestPayloadError"),
    ],
)
async def test_a_strangers_bad_request_is_one_line_and_no_error(
    caplog: pytest.LogCaptureFixture, headers: dict[str, str], body: bytes, kind: str
) -> None:
    app = web.Application()
    app.router.add_post("/", _refuse)
    async with (
        TestServer(app) as server,
        aiohttp.ClientSession() as session,
        session.post(server.make_url("/"), headers=headers, data=body) as response,
    ):
        status = response.status

    assert status == 400
    [record] = [one for one in caplog.records if one.name == "aiohttp.server"]
    assert (record.levelname, record.exc_info) == ("WARNING", None)
    assert record.getMessage() == f"a request isn't proper HTTP: {kind}"
    assert "xxx" not in caplog.text


@pytest.mark.usefixtures("_shortened")
async def test_a_bug_in_a_route_keeps_its_stack_trace(caplog: pytest.LogCaptureFixture) -> None:
    app = web.Application()
    app.router.add_post("/", _fail)
    async with (
        TestServer(app) as server,
        aiohttp.ClientSession() as session,
        session.post(server.make_url("/")) as response,
    ):
        status = response.status

    assert status == 500
    [record] = [one for one in caplog.records if one.name == "aiohttp.server"]
    assert record.levelname == "ERROR"
    assert record.exc_info
