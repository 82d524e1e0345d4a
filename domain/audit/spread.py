"""How durations are spread: their median, and how long the slow ones took."""

from bisect import bisect_left
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from itertools import accumulate
from math import ceil


@dataclass(frozen=True, slots=True)
class Spread:
    """The spread of at least one duration.

    ``p95`` and ``p99`` are by the nearest rank: the shortest duration that at least 95 % (or 99 %)
    don't exceed.
    """

    count: int
    median: timedelta
    p95: timedelta
    p99: timedelta
    longest: timedelta


def spread_of(counts: Mapping[timedelta, int]) -> Spread | None:
    """Return the spread of durations, given how many there are of each; None if there are none."""
    ordered = sorted(counts)
    ends = list(accumulate(counts[duration] for duration in ordered))
    if not ordered:
        return None
    count = ends[-1]

    def ranked(rank: int) -> timedelta:
        return ordered[bisect_left(ends, rank)]

    middle = (ranked((count + 1) // 2) + ranked(count // 2 + 1)) / 2
    p95, p99 = (ranked(ceil(percent * count / 100)) for percent in (95, 99))
    return Spread(count, middle, p95, p99, ordered[-1])
