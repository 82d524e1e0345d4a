"""Sentences that say how to type a command."""

from cards.languages.texts import say
from cards.operations.usages import usage_of


def add_a_reason(request_id: str) -> str:
    """Ask for the reason of a denial that was typed without one."""
    return say("Say why. Type: {line}", line=usage_of(f"deny {request_id} because REASON"))
