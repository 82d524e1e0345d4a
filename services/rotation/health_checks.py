"""Health checks, as a protocol; the adapter raises ``Fault``s."""

from typing import Protocol


class HealthChecks(Protocol):
    """Whether an application is well."""

    async def is_well(self, url: str) -> bool:
        """Ask a health URL; True for a 2xx answer."""
