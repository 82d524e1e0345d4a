"""How late access ended."""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta

from domain.access.request import OVERDUE_AFTER, AccessEvent, Request, RequestState, overdue_since
from domain.workflow import Event

BANDS = (timedelta(minutes=1), OVERDUE_AFTER, timedelta(hours=1))
"""The longest lateness of each band; one more band has everything that is later."""


def lateness_of(request: Request, events: Sequence[Event], now: datetime) -> timedelta | None:
    """Return how long access existed after it should have ended.

    Access that hasn't ended counts until now, so the worst isn't left out. None if nothing was
    granted, if it doesn't have to end yet, or if an admin closed it: nobody has seen it gone.
    """
    if request.state is RequestState.CLOSED:
        return None
    if request.grant is None or request.grant.granted_at is None:
        return None
    late_since = overdue_since(request, now)
    if late_since is not None:
        return max(timedelta(), now - late_since)
    ends = [event.at for event in events if event.kind == AccessEvent.REVOKED]
    if not ends or request.revoke_since is None:
        return None
    return max(timedelta(), ends[-1] - request.revoke_since)


def banded(late: Mapping[timedelta, int]) -> tuple[int, ...]:
    """Count how many are in each of the ``BANDS``, and later, given how many were how late."""
    counts = [0] * (len(BANDS) + 1)
    for each, count in late.items():
        counts[sum(each > longest for longest in BANDS)] += count
    return tuple(counts)
