"""Read and fill in cards, as a person does."""

from collections.abc import Iterator
from typing import Any

from tests.support.teams import Json


def words(card: Json) -> str:
    """Return a card's text, one line per block."""
    return "\n".join(_blocks(card.get("body", [])))


def inputs(card: Json) -> Json:
    """Return the values of a card's inputs by ID."""
    return {
        part["id"]: part.get("value", "")
        for part in _parts(card)
        if str(part.get("type", "")).startswith("Input.")
    }


def labels(card: Json) -> dict[str, str]:
    """Return the labels of a card's inputs by ID."""
    return {
        part["id"]: part["label"]
        for part in _parts(card)
        if str(part.get("type", "")).startswith("Input.")
    }


def buttons(card: Json) -> dict[str, Json]:
    """Return a card's actions by title, including those behind another button.

    The automatic refresh, which Teams sends when the card is viewed, isn't a button.
    """
    shown = {name: value for name, value in card.items() if name != "refresh"}
    return {
        part["title"]: part
        for part in _parts(shown)
        if part.get("type") in ("Action.Execute", "Action.OpenUrl")
    }


def stacked(card: Json) -> list[list[Json]]:
    """Return the bodies of the cards that are stacked in one; mostly just its own."""
    own: list[Json] = []
    others: list[list[Json]] = []
    for element in card.get("body", []):
        items = element.get("items", [])
        # Every card begins with a coloured band.
        if element.get("separator") and items and items[0].get("bleed"):
            others.append(items)
        else:
            own.append(element)
    return [own, *others]


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
