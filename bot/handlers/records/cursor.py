"""Where a page of a list starts, carried in its buttons.

A cursor holds the filter and how far the list got. It comes back from the client, so its shape is
checked, and the clicker's permissions are checked again.
"""

import json
from base64 import urlsafe_b64decode, urlsafe_b64encode
from binascii import Error
from collections.abc import Callable
from datetime import datetime
from typing import Any

from domain.audit.history import Filter
from domain.refusals.records import PageGone
from domain.secrets import is_secret_name
from services.audit.history import is_position
from services.values import is_guid

_LONGEST = 1_000


def write_cursor(wanted: Filter, position: str | None) -> str:
    """Write where a page starts; None is the first page."""
    since = wanted.since.isoformat() if wanted.since else None
    parts = json.dumps([wanted.person, wanted.secret, since, position], separators=(",", ":"))
    return urlsafe_b64encode(parts.encode()).decode()


def read_cursor(text: str) -> tuple[Filter, str | None]:
    """Read a cursor; raise PageGone if it can't be one of ours."""
    if len(text) > _LONGEST:
        raise PageGone
    try:
        parts = json.loads(urlsafe_b64decode(text.encode()))
        person, secret, since, position = parts
        return Filter(_person(person), _secret(secret), _since(since)), _position(position)
    except (Error, RecursionError, TypeError, ValueError):
        raise PageGone from None


def _person(value: Any) -> str | None:
    return None if value is None else _checked(value, is_guid).lower()


def _secret(value: Any) -> str | None:
    return None if value is None else _checked(value, is_secret_name)


def _position(value: Any) -> str | None:
    return None if value is None else _checked(value, is_position)


def _since(value: Any) -> datetime | None:
    if value is None:
        return None
    since = datetime.fromisoformat(value)
    if since.tzinfo is None:
        raise ValueError("a time without a time zone")
    return since


def _checked(value: Any, is_good: Callable[[str], bool]) -> str:
    if not isinstance(value, str) or not is_good(value):
        raise ValueError("not part of one of our cursors")
    return value
