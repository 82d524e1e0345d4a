"""Let cards refresh themselves when someone looks at them, in case an update was lost."""

from collections.abc import Sequence

from cards.kit import verbs
from cards.kit.elements import Content
from cards.languages.texts import say

MOST_USERS = 60
"""Teams refreshes a card for at most this many people."""


def with_refresh(content: Content, workflow_id: str, key: str, user_ids: Sequence[str]) -> Content:
    """Return a card that refreshes itself; ``user_ids`` are Teams' ids of its readers.

    https://learn.microsoft.com/microsoftteams/platform/task-modules-and-cards/cards/universal-actions-for-adaptive-cards/user-specific-views
    """
    action = {
        "type": "Action.Execute",
        "title": say("Refresh"),
        "verb": verbs.REFRESH,
        "data": {verbs.WORKFLOW: workflow_id, verbs.CARD: key},
        "associatedInputs": "none",
    }
    return {**content, "refresh": {"action": action, "userIds": list(user_ids[:MOST_USERS])}}
