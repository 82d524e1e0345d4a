"""The measurements of one track, round by round, and their summary."""

import statistics
from dataclasses import dataclass, field

from bench.setup.sending import Run


@dataclass
class Measured:
    """The rounds of one track under one latency."""

    label: str
    runs: list[Run] = field(default_factory=list)
    cpu_seconds: list[float] = field(default_factory=list)
    memory: int = 0

    def add(self, run: Run, cpu_seconds: float, memory: int) -> None:
        """Add a round: its turns, their processor time, and the memory in use."""
        self.runs.append(run)
        self.cpu_seconds.append(cpu_seconds)
        self.memory = max(self.memory, memory)

    @property
    def rate(self) -> float:
        """Return the median round's turns per second."""
        return statistics.median(run.rate for run in self.runs)

    @property
    def cpu(self) -> float:
        """Return the processor time per turn in the median round, in seconds."""
        taken = zip(self.cpu_seconds, self.runs, strict=True)
        return statistics.median(cpu / len(run.latencies) for cpu, run in taken)

    def latency(self, percent: int) -> float:
        """Return the latency percentile over all turns, in seconds."""
        latencies = sorted(one for run in self.runs for one in run.latencies)
        return latencies[min(len(latencies) * percent // 100, len(latencies) - 1)]

    def times(self, other: "Measured") -> float:
        """Return how many times faster this is than another: the median of the rounds' ratios."""
        pairs = zip(self.runs, other.runs, strict=True)
        return statistics.median(mine.rate / theirs.rate for mine, theirs in pairs)
