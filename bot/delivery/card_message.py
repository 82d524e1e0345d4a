"""The message that shows a card, as it looks on the wire."""

from collections.abc import Mapping
from typing import Any

CARD_TYPE = "application/vnd.microsoft.card.adaptive"


def card_message(card: Mapping[str, Any], summary: str = "") -> dict[str, Any]:
    """Return a message that shows a card; the summary is for the notification."""
    message: dict[str, Any] = {
        "type": "message",
        "attachments": [{"contentType": CARD_TYPE, "content": card}],
    }
    return message | ({"summary": summary} if summary else {})
