"""The bytes that go to Teams, made from plain dicts and from the SDK's models alike."""

import json
from datetime import datetime
from enum import Enum
from typing import Any

from msrest.serialization import Model


def to_bytes(body: object) -> bytes:
    """Encode as JSON, with the SDK's models under the names that they have on the wire.

    Everything else goes through untouched, cards among it. msrest's own `serialize` takes ten
    times as long, turns enums and tuples into their `str`, and loses members it has no field for,
    such as the text of a mention.
    """
    return json.dumps(body, default=_plain, allow_nan=False).encode()


def _plain(value: object) -> object:
    if isinstance(value, Model):
        return _members(value)
    if isinstance(value, Enum):
        return value.value
    if isinstance(value, datetime):
        return value.isoformat()
    raise TypeError(f"{type(value).__name__} has no place in an activity")


def _members(model: Any) -> dict[str, object]:
    members = dict(getattr(model, "additional_properties", None) or {})
    for attribute, field in model._attribute_map.items():  # noqa: SLF001 - msrest's field table
        value = getattr(model, attribute, None)
        if value is not None and attribute != "additional_properties":
            members[field["key"]] = value
    return members
