"""How long turns take: Teams gives up on one after about 15 seconds."""

import time

from opentelemetry.metrics import Meter, NoOpMeter

BOUNDS = (0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 15.0, 30.0)
"""The upper bounds of the histogram's buckets, in seconds."""


class TurnMetrics:
    """Measures the answers to what is posted to the bot."""

    def __init__(self, meter: Meter | None = None) -> None:
        self._seconds = (meter or NoOpMeter("latchkey")).create_histogram(
            "latchkey_turn_duration",
            unit="s",
            description="Time until the bot answered a request of Teams, by class of status",
            explicit_bucket_boundaries_advisory=BOUNDS,
        )

    def began(self) -> float:
        """Return the moment from which a turn is measured."""
        return time.perf_counter()

    def ended(self, began: float, status: int) -> None:
        """Note a turn that began then and was answered with this status."""
        self._seconds.record(time.perf_counter() - began, {"status": f"{status // 100}xx"})
