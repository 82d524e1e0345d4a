"""Cards that become current when they are looked at, should their last update have been lost."""

from collections.abc import Sequence

from cards.kit import verbs
from cards.kit.elements import Content

MOST_USERS = 60
"""Teams refreshes a card for no more people than that."""


def with_refresh(content: Content, workflow_id: str, key: str, user_ids: Sequence[str]) -> Content:
    """Return a card that asks what it shows now; ``user_ids`` are Teams' ids of its readers.

    https://learn.microsoft.com/microsoftteams/platform/task-modules-and-cards/cards/universal-actions-for-adaptive-cards/user-specific-views
    """
    action = {
        "type": "Action.Execute",
        "title": "Refresh",
        "verb": verbs.REFRESH,
        "data": {verbs.WORKFLOW: workflow_id, verbs.CARD: key},
        "associatedInputs": "none",
    }
    return {**content, "refresh": {"action": action, "userIds": list(user_ids[:MOST_USERS])}}
