"""How many grants give access now; measured for `/metrics` alone."""

from datetime import timedelta

from opentelemetry.metrics import Meter

from services.access.granting.leases import Leases

COUNTED_EVERY = timedelta(minutes=10)
"""How often they are counted: the more grants are open, the more reads it takes."""


class OpenGrants:
    """Counts the holders of leases; while access is being removed, its lease has none."""

    def __init__(self, leases: Leases, meter: Meter) -> None:
        self._leases = leases
        self._open = meter.create_gauge(
            "latchkey_grants_open",
            description="Grants that give access now, without those that are being removed",
        )

    async def measure(self) -> None:
        """Update the gauge; reads each lease, of which Azure allows a few thousand."""
        self._open.set(sum(len(lease.holders) for lease in await self._leases.all()))
