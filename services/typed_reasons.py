"""Checks the reasons and notes that people type with an answer."""

from domain.refusals.commands import ReasonTooLong
from domain.typed import LONGEST_REASON


def checked_reason(typed: str) -> str:
    """Return what was typed, without the spaces around it; raises ReasonTooLong.

    It's never cut: the rest could be what it depends on.
    """
    reason = typed.strip()
    if len(reason) > LONGEST_REASON:
        raise ReasonTooLong(len(reason), LONGEST_REASON)
    return reason
