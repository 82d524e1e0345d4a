"""Azure's clock, from the ``Date`` header of an answer."""

from datetime import datetime
from email.utils import parsedate_to_datetime

import aiohttp

from services.faults import Unavailable

SERVICE = "Azure Resource Manager"
_PATIENCE = aiohttp.ClientTimeout(total=5)


class ArmTime:
    """The time in Azure, behind ``services.ports.AzureTime``."""

    def __init__(self, session: aiohttp.ClientSession, endpoint: str) -> None:
        """Take a session, which stays open, and the cloud's resource manager."""
        self._session = session
        self._address = f"{endpoint}/subscriptions?api-version=2022-12-01"

    async def now(self) -> datetime:
        """Send any request, without signing in: every answer has a ``Date``."""
        try:
            async with self._session.get(
                self._address, allow_redirects=False, timeout=_PATIENCE
            ) as answer:
                dated = answer.headers.get("Date", "")
        except (aiohttp.ClientError, TimeoutError) as error:
            raise Unavailable(SERVICE, type(error).__name__) from None
        try:
            return parsedate_to_datetime(dated)
        except ValueError:
            raise Unavailable(SERVICE, "the response has no Date header") from None
