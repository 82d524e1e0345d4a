"""Health checks, as a protocol; the adapter raises ``Fault``s."""

from typing import Protocol


class HealthChecks(Protocol):
    """Checks whether an application is healthy."""

    async def is_well(self, url: str) -> bool:
        """Call a health URL; return True for a 2xx answer."""
