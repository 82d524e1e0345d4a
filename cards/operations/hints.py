"""Sentences that say how to type a command."""

from cards.kit.terms import DENY


def add_a_reason(request_id: str) -> str:
    """Ask for the reason of a denial that was typed without one."""
    return f"Say why. Type: {DENY} {request_id} because REASON"
