"""Encode plain dicts and the SDK's models to the bytes sent to Teams."""

import json
from datetime import datetime
from enum import Enum
from typing import Any

from msrest.serialization import Model


def to_bytes(body: object) -> bytes:
    """Encode as JSON, with the SDK's models under their wire names.

    Everything else, such as cards, is encoded unchanged. msrest's own `serialize` takes ten times
    as long, turns enums and tuples into their `str`, and loses members without a field, such as
    the text of a mention.
    """
    return json.dumps(body, default=_plain, allow_nan=False).encode()


def _plain(value: object) -> object:
    if isinstance(value, Model):
        return _members(value)
    if isinstance(value, Enum):
        return value.value
    if isinstance(value, datetime):
        return value.isoformat()
    raise TypeError(f"an activity can't contain a {type(value).__name__}")


def _members(model: Any) -> dict[str, object]:
    members = dict(getattr(model, "additional_properties", None) or {})
    for attribute, field in model._attribute_map.items():  # noqa: SLF001 - msrest's field table
        value = getattr(model, attribute, None)
        if value is not None and attribute != "additional_properties":
            members[field["key"]] = value
    return members
