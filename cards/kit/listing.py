"""Parts that all lists share."""

from microsoft_teams.cards import CardElement

from cards.kit.elements import caption

MANY = 50
"""Anything beyond this is not counted."""


def and_more(more: int) -> list[CardElement]:
    """Draw how many more there are than the list shows; empty if there are no more."""
    if more <= 0:
        return []
    count = f"{more:,}" if more < MANY else f"at least {MANY}"
    return [caption(f"… and {count} more.", "Medium")]
