"""Cards as a person reads and fills them in."""

from collections.abc import Iterator
from typing import Any

from tests.support.teams import Json


def words(card: Json) -> str:
    """Return what a card says, a line for each of its blocks."""
    return "\n".join(_blocks(card.get("body", [])))


def inputs(card: Json) -> Json:
    """Return what stands in the inputs of a card, by their ids."""
    return {
        part["id"]: part.get("value", "")
        for part in _parts(card)
        if str(part.get("type", "")).startswith("Input.")
    }


def labels(card: Json) -> dict[str, str]:
    """Return what the inputs of a card are labelled with, by their ids."""
    return {
        part["id"]: part["label"]
        for part in _parts(card)
        if str(part.get("type", "")).startswith("Input.")
    }


def buttons(card: Json) -> dict[str, Json]:
    """Return the actions of a card by their titles; those behind another button as well.

    What Teams asks of its own accord, when the card is looked at, is no button.
    """
    shown = {name: value for name, value in card.items() if name != "refresh"}
    return {
        part["title"]: part
        for part in _parts(shown)
        if part.get("type") in ("Action.Execute", "Action.OpenUrl")
    }


def _blocks(tree: Any) -> Iterator[str]:
    if isinstance(tree, list):
        for part in tree:
            yield from _blocks(part)
    elif isinstance(tree, dict) and isinstance(tree.get("inlines"), list):
        yield "".join(run["text"] for run in tree["inlines"])
    elif isinstance(tree, dict):
        if isinstance(tree.get("text"), str):
            yield tree["text"]
        for value in tree.values():
            yield from _blocks(value)


def _parts(tree: Any) -> Iterator[Json]:
    if isinstance(tree, list):
        for part in tree:
            yield from _parts(part)
    elif isinstance(tree, dict):
        yield tree
        for value in tree.values():
            yield from _parts(value)
