"""A click on a card, read from an activity in which every value may be of any shape."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from botbuilder.schema import Activity


@dataclass(frozen=True, slots=True)
class Click:
    """Which button, with the card's data and inputs; none of it is believed."""

    verb: str
    data: Mapping[str, Any]

    def text(self, name: str) -> str:
        """Return a member of the data if it is a text, and an empty one otherwise."""
        value = self.data.get(name)
        return value if isinstance(value, str) else ""


def read_click(activity: Activity) -> Click:
    """Read a click on an Action.Execute; one that cannot be read has no verb."""
    value = activity.value if isinstance(activity.value, dict) else {}
    action = value.get("action")
    if not isinstance(action, dict):
        return Click("", {})
    verb, data = action.get("verb"), action.get("data")
    return Click(verb if isinstance(verb, str) else "", data if isinstance(data, dict) else {})
