"""Medians and percentiles, against values worked out by hand."""

from collections import Counter
from datetime import timedelta

import pytest

from domain.audit.spread import Spread, spread_of

S = timedelta(seconds=1)


@pytest.mark.parametrize(
    ("seconds", "median", "p95", "p99", "longest"),
    [
        ([7], 7, 7, 7, 7),
        ([4, 1], 2.5, 4, 4, 4),
        ([9, 1, 5], 5, 9, 9, 9),
        (range(1, 20), 10, 19, 19, 19),  # the 19th of 19: 18 would only be 94.7 %
        (range(1, 21), 10.5, 19, 20, 20),  # the 19th of 20 is exactly 95 %
        (range(1, 101), 50.5, 95, 99, 100),
        ([0] * 99 + [3_600], 0, 0, 0, 3_600),
    ],
)
def test_a_spread_is_as_worked_out_by_hand(
    seconds: list[int], median: float, p95: int, p99: int, longest: int
) -> None:
    spread = spread_of(Counter(each * S for each in seconds))

    assert spread == Spread(len(seconds), median * S, p95 * S, p99 * S, longest * S)


def test_nothing_has_no_spread() -> None:
    assert spread_of({}) is None
