"""Put several cards into one, one below the other."""

from collections.abc import Sequence
from typing import Any

from cards.kit.elements import Content


def stacked(cards: Sequence[Content]) -> Content:
    """Return one card with the bodies of all, in order; buttons and mentions aren't supported."""
    first, *others = cards
    parts: list[dict[str, Any]] = [
        {"type": "Container", "separator": True, "spacing": "Large", "items": one["body"]}
        for one in others
    ]
    return {**first, "body": [*first["body"], *parts]}
