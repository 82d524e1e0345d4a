"""What all elements have in common: how they become JSON."""

from collections.abc import Mapping
from enum import Enum
from functools import cache
from typing import Any, ClassVar


class Model:
    """A part of a card; its fields are the properties, and None leaves one out."""

    type: ClassVar[str] = ""
    """The element's name in JSON; empty for what has none, such as a choice."""


class CardElement(Model):
    """What can stand in a card's body."""


class CardAction(Model):
    """What a button does."""


def as_json(value: object) -> Any:
    """Return a part of a card as plain JSON, which shares nothing with it."""
    if isinstance(value, Model):
        name = {"type": value.type} if value.type else {}
        given = vars(value).items()
        return name | {_spelt(key): as_json(one) for key, one in given if one is not None}
    if isinstance(value, Mapping):
        return {str(key): as_json(one) for key, one in value.items()}
    if isinstance(value, list | tuple):
        return [as_json(one) for one in value]
    if isinstance(value, Enum):
        return value.value
    if isinstance(value, float) and value.is_integer():
        return int(value)  # strict readers expect an integer, such as for a width
    return value


@cache
def _spelt(name: str) -> str:
    """Spell a property as JSON does: ``isSubtle``."""
    first, *others = name.split("_")
    return first + "".join(other.capitalize() for other in others)
