"""The log's lines: text for people, or one JSON object for each line."""

import json
import logging
import sys
from datetime import UTC, datetime
from types import TracebackType

from aiohttp.http_exceptions import HttpProcessingError
from aiohttp.web import RequestPayloadError

from services.log_context import correlation_id

JSON = "json"

_TEXT = "%(asctime)s %(levelname)s %(name)s [%(correlation_id)s] %(message)s"
_FACTS = ("correlation_id", "workflow", "event")

log = logging.getLogger("latchkey")


class TextFormatter(logging.Formatter):
    """Writes a line as text, followed by a stack trace if it is about an exception."""

    def __init__(self) -> None:
        super().__init__(_TEXT)

    def format(self, record: logging.LogRecord) -> str:
        """Write a line."""
        copy = logging.makeLogRecord(vars(record))
        copy.correlation_id = _id_of(record) or "-"
        copy.msg, copy.args = _message_of(record), ()
        return super().format(copy)


class JsonFormatter(logging.Formatter):
    """Writes a line as an object: time, level, logger, message, and what it is about.

    Only the named facts of a record are written. So a value that some library attaches to its
    records can't get into the log.
    """

    def format(self, record: logging.LogRecord) -> str:
        """Write a line; all of it is ASCII, so no text in it can begin another line."""
        at = datetime.fromtimestamp(record.created, UTC)
        line = {
            "time": at.isoformat(timespec="milliseconds").replace("+00:00", "Z"),
            "level": record.levelname,
            "logger": record.name,
            "message": _message_of(record),
        }
        facts = {**vars(record), "correlation_id": _id_of(record)}
        line |= {name: str(facts[name]) for name in _FACTS if facts.get(name)}
        if record.exc_info:
            line["exception"] = self.formatException(record.exc_info)
        if record.stack_info:
            line["stack"] = self.formatStack(record.stack_info)
        return json.dumps(line)


def set_up_logging(form: str) -> None:
    """Log to stderr, in the form that ``LOG_FORMAT`` names; with JSON, nothing else goes there."""
    handler = logging.StreamHandler()
    text = TextFormatter()
    handler.setFormatter(JsonFormatter() if form == JSON else text)
    logging.basicConfig(level=logging.INFO, handlers=[handler])
    # At INFO the SDKs log every request, with its headers.
    logging.getLogger("azure").setLevel(logging.WARNING)
    logging.getLogger("aiohttp.server").addFilter(shorten_bad_requests)
    if form == JSON:
        logging.captureWarnings(capture=True)
        sys.excepthook = _log_crash


def shorten_bad_requests(record: logging.LogRecord) -> bool:
    """Make one line of what aiohttp logs about a request that isn't proper HTTP; a log filter.

    Anybody can send one, without a token: it is no error of ours, and needs no stack trace.
    """
    error = record.exc_info[1] if record.exc_info else None
    if isinstance(error, HttpProcessingError | RequestPayloadError):
        record.levelno, record.levelname = logging.WARNING, logging.getLevelName(logging.WARNING)
        record.msg, record.args = "a request isn't proper HTTP: %s", (type(error).__name__,)
        record.exc_info = record.exc_text = None
    return True


def _log_crash(
    kind: type[BaseException], error: BaseException, trace: TracebackType | None
) -> None:
    log.critical("crashed", exc_info=(kind, error, trace))


def _id_of(record: logging.LogRecord) -> str:
    return str(vars(record).get("correlation_id") or correlation_id())


def _message_of(record: logging.LogRecord) -> str:
    """Return the message without the ID that the line already has."""
    return record.getMessage().removeprefix(f"{_id_of(record)}: ")
