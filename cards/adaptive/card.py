"""The card itself."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from cards.adaptive.model import CardAction, CardElement


@dataclass(kw_only=True)
class AdaptiveCard(CardElement):
    """A card, or the part of one that a button opens."""

    type = "AdaptiveCard"
    version: Literal["1.5"] = "1.5"
    body: Sequence[CardElement]
    actions: Sequence[CardAction] | None = None
