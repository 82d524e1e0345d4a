"""Cards that ask for their present state when somebody looks at them."""

from typing import Any

from bot.turn import TurnFacts
from cards.kit.elements import Content
from cards.kit.refresh import with_refresh
from services.workflow.announcing.refreshing import knows_refresh


def kept_current(turn: TurnFacts, content: Content, workflow_id: str, key: str) -> Content:
    """Let a reply card refresh itself, but only in a personal chat."""
    where = turn.conversation
    if not where.is_personal or not knows_refresh(where.address.service_url):
        return content
    return with_refresh(content, workflow_id, key, [turn.sender_id])


def card_of(message: dict[str, Any]) -> Content:
    """Return the card in a message."""
    content: Content = message["attachments"][0]["content"]
    return content


def with_card(message: dict[str, Any], content: Content) -> dict[str, Any]:
    """Return the same message with another card."""
    [attachment] = message["attachments"]
    return {**message, "attachments": [{**attachment, "content": content}]}
