"""Whether a series of measurements grows."""

import statistics
from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True)
class Trend:
    """Measurements at equal intervals, oldest first, without those of the warm-up."""

    values: Sequence[float]

    @property
    def growth(self) -> float:
        """Return by how much the line of best fit rises from the first to the last."""
        times = range(len(self.values))
        slope, _ = statistics.linear_regression(times, self.values)
        return slope * (len(self.values) - 1)

    @property
    def floor_growth(self) -> float:
        """Return by how much the lowest of the last third is above the lowest of the first.

        What comes and goes with the traffic doesn't raise it; what is never given back does.
        """
        third = max(len(self.values) // 3, 1)
        return min(self.values[-third:]) - min(self.values[:third])

    @property
    def share(self) -> float:
        """Return that growth as a share of the mean."""
        return self.growth / statistics.fmean(self.values)
