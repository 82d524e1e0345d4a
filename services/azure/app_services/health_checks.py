"""Health checks of apps, at their health URLs."""

import asyncio
from http import HTTPStatus
from urllib.parse import SplitResult, urljoin, urlsplit

import aiohttp

from services.faults import Rejected

SERVICE = "Health check"
PATIENCE_SECONDS = 5.0

_LOOPBACK = frozenset({"localhost", "127.0.0.1", "::1"})
_PORTS = {"https": 443, "http": 80}
_MOST_REDIRECTS = 3


class HttpHealthChecks:
    """Health URLs, behind ``services.rotation.steps.health_checks.HealthChecks``."""

    def __init__(
        self, session: aiohttp.ClientSession, patience_seconds: float = PATIENCE_SECONDS
    ) -> None:
        """Take a session, which stays open, and the timeout of one check in total."""
        self._session = session
        self._patience_seconds = patience_seconds

    async def is_well(self, url: str) -> bool:
        """Call a health URL; True for a 2xx answer, False for any other or none in time.

        Follows redirects only on the same host: another one says nothing about this app.
        Raises Rejected for a URL that is neither HTTPS nor on this machine.
        """
        _require_a_safe_address(url)
        try:
            async with asyncio.timeout(self._patience_seconds):
                return await self._answers(url)
        except (aiohttp.ClientError, TimeoutError, ValueError):  # ValueError: an invalid Location
            return False

    async def _answers(self, url: str) -> bool:
        for _ in range(1 + _MOST_REDIRECTS):
            async with self._session.get(url, allow_redirects=False) as answer:
                status, location = answer.status, answer.headers.get("Location")
            if not (HTTPStatus.MULTIPLE_CHOICES <= status < HTTPStatus.BAD_REQUEST and location):
                return HTTPStatus.OK <= status < HTTPStatus.MULTIPLE_CHOICES
            target = urljoin(url, location)
            if _origin(urlsplit(target)) != _origin(urlsplit(url)):
                return False
            url = target
        return False


def _require_a_safe_address(url: str) -> None:
    try:
        scheme, host, _ = _origin(urlsplit(url))
    except ValueError:
        raise Rejected(SERVICE, "the health URL can't be parsed") from None
    is_local = scheme == "http" and host in _LOOPBACK
    if not host or not (scheme == "https" or is_local):
        raise Rejected(SERVICE, f"{host or 'a URL without a host'} doesn't use HTTPS")


def _origin(address: SplitResult) -> tuple[str, str, int | None]:
    return address.scheme, address.hostname or "", address.port or _PORTS.get(address.scheme)
