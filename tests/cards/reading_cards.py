"""Reading a card as a person does: its texts, in order."""

from collections.abc import Iterator
from typing import Any

from cards.kit.elements import Content


def texts(drawn: Content) -> list[str]:
    return list(_texts(drawn))


def whole_text(drawn: Content) -> str:
    return " ".join(_texts(drawn))


def _texts(tree: Any) -> Iterator[str]:
    if isinstance(tree, dict):
        if isinstance(tree.get("text"), str):
            yield tree["text"]
        for value in tree.values():
            yield from _texts(value)
    elif isinstance(tree, list):
        for value in tree:
            yield from _texts(value)
