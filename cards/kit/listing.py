"""What lists of any kind have in common."""

from microsoft_teams.cards import CardElement

from cards.kit.elements import caption

MANY = 50
"""What is more than this is not counted."""


def and_more(more: int) -> list[CardElement]:
    """Draw how many more there are than the list shows; nothing where that is all."""
    if more <= 0:
        return []
    count = f"{more:,}" if more < MANY else f"{MANY} or"
    return [caption(f"… and {count} more.", "Medium")]
