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
    def share(self) -> float:
        """Return that growth as a share of the mean."""
        return self.growth / statistics.fmean(self.values)
