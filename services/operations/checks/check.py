"""What a check is."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass

from domain.diagnosis import Finding

Look = Callable[[], Awaitable[Finding]]


@dataclass(frozen=True, slots=True)
class Check:
    """One thing to look at; ``look`` may fail or hang, which is a finding by itself."""

    subject: str
    look: Look
    remedy: str
    """What to do where the look itself fails."""
