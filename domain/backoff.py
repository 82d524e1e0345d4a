"""How long to wait before a retry."""

from datetime import timedelta

LONGEST = timedelta(minutes=5)
_FIRST_SECONDS = 1.0
_DOUBLINGS = 10


def backoff(
    attempt: int,
    jitter: float,
    retry_after: timedelta | None = None,
    longest: timedelta = LONGEST,
) -> timedelta:
    """Return the wait after failure number ``attempt`` (1, 2, …), at most ``longest``.

    ``jitter`` in [0, 1) spreads replicas and workflows over the upper half of the wait. If the
    service sent a ``retry_after``, the wait is at least that long, up to five minutes.
    """
    full = min(longest, timedelta(seconds=_FIRST_SECONDS * 2 ** min(attempt - 1, _DOUBLINGS)))
    wait = full * (0.5 + jitter / 2)
    return min(LONGEST, max(wait, retry_after or timedelta()))
