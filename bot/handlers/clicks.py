"""Read a click on a card from an activity whose values can't be trusted."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from botbuilder.schema import Activity


@dataclass(frozen=True, slots=True)
class Click:
    """The button's verb with the card's data and inputs; all of it is untrusted."""

    verb: str
    data: Mapping[str, Any]

    def text(self, name: str) -> str:
        """Return a member of the data if it is a string, otherwise an empty string."""
        value = self.data.get(name)
        return value if isinstance(value, str) else ""


def read_click(activity: Activity) -> Click:
    """Read a click on an Action.Execute; an unreadable one gets an empty verb."""
    value = activity.value if isinstance(activity.value, dict) else {}
    action = value.get("action")
    if not isinstance(action, dict):
        return Click("", {})
    verb, data = action.get("verb"), action.get("data")
    return Click(verb if isinstance(verb, str) else "", data if isinstance(data, dict) else {})
