"""The shape of one ``doctor`` check."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass

from domain.diagnosis import Finding
from domain.phrases import Phrase, phrase

Look = Callable[[], Awaitable[Finding]]

REACH_TABLES = phrase("Make sure that the bot can reach its tables.")


@dataclass(frozen=True, slots=True)
class Check:
    """One thing to check; a ``look`` that fails or hangs is itself a finding."""

    subject: Phrase
    look: Look
    remedy: Phrase | None = None
    """What to do if the check itself fails."""
