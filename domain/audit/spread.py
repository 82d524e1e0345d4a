"""How durations are spread: their median, and how long the slow ones took."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import timedelta
from math import ceil
from statistics import median


@dataclass(frozen=True, slots=True)
class Spread:
    """The spread of at least one duration.

    ``p95`` is by the nearest rank: the shortest duration that at least 95 % don't exceed.
    """

    count: int
    median: timedelta
    p95: timedelta
    longest: timedelta


def spread_of(durations: Iterable[timedelta]) -> Spread | None:
    """Return the spread of durations; None if there are none."""
    ordered = sorted(durations)
    if not ordered:
        return None
    rank = ceil(95 * len(ordered) / 100)
    middle = timedelta(seconds=median(each.total_seconds() for each in ordered))
    return Spread(len(ordered), middle, ordered[rank - 1], ordered[-1])
