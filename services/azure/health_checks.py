"""Whether an application is well, by its own word."""

import asyncio
from http import HTTPStatus

import aiohttp
from yarl import URL

from services.faults import Rejected

SERVICE = "Health check"
PATIENCE_SECONDS = 5.0

_LOOPBACK = frozenset({"localhost", "127.0.0.1", "::1"})
_MOST_REDIRECTS = 3


class HttpHealthChecks:
    """Health URLs, behind ``services.rotation.ports.HealthChecks``."""

    def __init__(
        self, session: aiohttp.ClientSession, patience_seconds: float = PATIENCE_SECONDS
    ) -> None:
        """Take a session, which stays open, and how long to wait for one check in all."""
        self._session = session
        self._patience_seconds = patience_seconds

    async def is_well(self, url: str) -> bool:
        """Ask a health URL; True for a 2xx answer, False for another, or for none in time.

        Redirects are followed on the same host alone: another one says nothing about this app.
        Raises Rejected for a URL that is neither HTTPS nor on this machine.
        """
        address = _address(url)
        try:
            async with asyncio.timeout(self._patience_seconds):
                return await self._answers(address)
        except (aiohttp.ClientError, TimeoutError, ValueError):  # the last: no URL to go on to
            return False

    async def _answers(self, address: URL) -> bool:
        for _ in range(1 + _MOST_REDIRECTS):
            async with self._session.get(address, allow_redirects=False) as answer:
                status, location = answer.status, answer.headers.get("Location")
            if not (HTTPStatus.MULTIPLE_CHOICES <= status < HTTPStatus.BAD_REQUEST and location):
                return HTTPStatus.OK <= status < HTTPStatus.MULTIPLE_CHOICES
            target = address.join(URL(location))
            if target.origin() != address.origin():
                return False
            address = target
        return False


def _address(url: str) -> URL:
    try:
        address = URL(url)
    except ValueError:
        raise Rejected(SERVICE, "a health URL that cannot be read") from None
    is_local = address.scheme == "http" and address.host in _LOOPBACK
    if not address.host or not (address.scheme == "https" or is_local):
        raise Rejected(SERVICE, f"{address.host or 'a URL without a host'} is not on HTTPS")
    return address
