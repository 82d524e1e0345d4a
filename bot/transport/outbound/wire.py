"""Encode plain dicts and the SDK's models to the bytes sent to Teams."""

import json
from collections.abc import Mapping
from datetime import datetime
from enum import Enum
from functools import cache
from typing import Any

from botbuilder.schema import Activity
from msrest.serialization import Model

from cards.languages.remembered import RememberedCard

_ATTACHMENTS = "attachments"


def to_bytes(body: object) -> bytes:
    """Encode as JSON, with the SDK's models under their wire names.

    Everything else, such as cards, is encoded unchanged. msrest's own `serialize` takes ten times
    as long, turns enums and tuples into their `str`, and loses members without a field, such as
    the text of a mention.
    """
    if isinstance(body, Activity):
        match body.attachments:
            case [one] if isinstance(one.content, RememberedCard):
                return _around(one.content, body, one)
    return _write(body)


def _around(card: RememberedCard, activity: Activity, attachment: Model) -> bytes:
    """Encode a message around its card, which is most of it and has been encoded before."""
    outside, inside = _members(activity), _members(attachment)
    del outside[_ATTACHMENTS], inside["content"]
    # Each has another member, its type, so what follows comes after a comma.
    opened = (_write(outside)[:-1], b', "attachments": [', _write(inside)[:-1], b', "content": ')
    return b"".join((*opened, card.written, b"}]}"))


def _plain(value: object) -> object:
    if isinstance(value, Model):
        return _members(value)
    if isinstance(value, Enum):
        return value.value
    if isinstance(value, datetime):
        return value.isoformat()
    raise TypeError(f"an activity can't contain a {type(value).__name__}")


_ENCODER = json.JSONEncoder(default=_plain, allow_nan=False)


def _write(value: object) -> bytes:
    return _ENCODER.encode(value).encode()


def _members(model: Any) -> dict[str, object]:
    members = dict(getattr(model, "additional_properties", None) or {})
    names = _names(model.__class__)
    # Over the members that are set, which are few of those that there may be.
    for attribute, value in vars(model).items():
        if value is not None and (name := names.get(attribute)):
            members[name] = value
    return members


@cache
def _names(kind: Any) -> Mapping[str, str]:
    """Return what each attribute of a model is called on the wire."""
    fields = kind._attribute_map.items()  # noqa: SLF001 - msrest's field table
    return {
        attribute: field["key"]
        for attribute, field in fields
        if attribute != "additional_properties"
    }
