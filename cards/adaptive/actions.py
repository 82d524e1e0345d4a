"""What buttons do."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

from cards.adaptive.card import AdaptiveCard
from cards.adaptive.model import CardAction, CardElement
from cards.adaptive.values import Spacing

ActionStyle = Literal["default", "positive", "destructive"]


@dataclass(kw_only=True)
class ExecuteAction(CardAction):
    """Send a click to the bot."""

    type = "Action.Execute"
    title: str
    verb: str
    data: Mapping[str, Any] | None = None
    style: ActionStyle | None = None
    tooltip: str | None = None
    associated_inputs: Literal["auto", "none"] | None = None


@dataclass(kw_only=True)
class OpenUrlAction(CardAction):
    """Open a page."""

    type = "Action.OpenUrl"
    url: str
    title: str | None = None
    style: ActionStyle | None = None


@dataclass(kw_only=True)
class ShowCardAction(CardAction):
    """Open another card below."""

    type = "Action.ShowCard"
    title: str
    card: AdaptiveCard
    tooltip: str | None = None


@dataclass(kw_only=True)
class ToggleVisibilityAction(CardAction):
    """Show or hide elements, by their IDs."""

    type = "Action.ToggleVisibility"
    title: str
    target_elements: Sequence[str]
    tooltip: str | None = None


@dataclass(kw_only=True)
class ActionSet(CardElement):
    """Buttons among the other elements."""

    type = "ActionSet"
    actions: Sequence[CardAction]
    spacing: Spacing | None = None
