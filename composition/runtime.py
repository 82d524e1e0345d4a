"""What the bot needs from the process that it runs in."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass

from services.clock import Clock

Random = Callable[[], float]
"""A random number from 0 to 1, for jitter."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Runtime:
    """Time, randomness and new IDs."""

    clock: Clock
    monotonic: Callable[[], float]
    """Seconds since an arbitrary moment; never goes back."""
    sleep: Callable[[float], Awaitable[None]]
    wait_to_update: Callable[[float], Awaitable[None]]
    """Sleeps between updates of a message with progress. Tests make the other one instant."""
    random: Random
    new_correlation_id: Callable[[], str]
    new_offer_id: Callable[[], str]
    """Makes IDs that can't be guessed."""
    new_salt: Callable[[], bytes]
    """Makes 16 random bytes."""
