"""How every Azure client is connected: one pool of connections, and short patience."""

import ssl
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from http import HTTPStatus
from typing import Any
from urllib.parse import urlsplit
from urllib.request import getproxies

import aiohttp
from azure.core.pipeline import PipelineResponse
from azure.core.pipeline.policies import AsyncRetryPolicy
from azure.core.pipeline.transport import AioHttpTransport

from services.azure.errors import was_not_carried_out
from services.azure.limits import CallLimits, dependency_of
from services.retry_after import retry_after

CONNECT_SECONDS = 5
READ_SECONDS = 15
KEEP_ALIVE_SECONDS = 60

LONGEST_WAIT_SECONDS = 2.0
"""The longest Retry-After that is waited for in place."""

_RETRIES: dict[str, Any] = {
    "retry_total": 2,
    "retry_read": 1,
    "retry_backoff_factor": 0.4,
    "retry_backoff_max": LONGEST_WAIT_SECONDS,
}


_READS = frozenset({"GET", "HEAD"})

# Azure reads what is secret by POST, such as an app's settings and an account's keys.
_READING_ACTIONS = ("/list", "/listkeys")


async def send_changes_once(
    request: aiohttp.ClientRequest, send: aiohttp.ClientHandlerType
) -> aiohttp.ClientResponse:
    """Keep aiohttp from repeating a request that changes something; a middleware of a session.

    Where a kept connection ends without an answer, aiohttp sends PUT and DELETE once more over
    another one, since HTTP calls them idempotent. A PUT to Key Vault is not: each makes a version.
    It knows by the exception's class what to repeat, so what is not to be is raised as another.
    """
    try:
        return await send(request)
    except (aiohttp.ClientOSError, aiohttp.ServerDisconnectedError) as error:
        if request.method in _READS or isinstance(error, aiohttp.ClientConnectorError):
            raise
        raise aiohttp.ClientConnectionError(f"the connection ended: {error}") from error


class BriefRetryPolicy(AsyncRetryPolicy[Any, Any]):
    """Retry what heals within seconds; a longer wait is for the engine to put off, and to store.

    What changes something is sent again only where it certainly was not carried out: whoever sends
    it has to know, and to note, that it may still be.
    """

    def get_retry_after(self, response: PipelineResponse[Any, Any]) -> float | None:
        """Return the wait that an answer asks for, in seconds; azure-core trips over a bad one."""
        wait = retry_after(response.http_response.headers)
        return None if wait is None else wait.total_seconds()

    def is_retry(self, settings: dict[str, Any], response: PipelineResponse[Any, Any]) -> bool:
        """Say whether to try again here and now."""
        wait = self.get_retry_after(response)
        if wait is not None and wait > LONGEST_WAIT_SECONDS:
            return False
        status = response.http_response.status_code
        if _changes_something(response.http_request) and status != HTTPStatus.TOO_MANY_REQUESTS:
            return False
        return bool(super().is_retry(settings, response))

    def increment(
        self, settings: dict[str, Any], response: Any = None, error: Exception | None = None
    ) -> bool:
        """Count a try that failed; False where there is to be no other."""
        has_more = bool(super().increment(settings, response=response, error=error))
        if error and _changes_something(response.http_request) and not was_not_carried_out(error):
            return False
        return has_more


def _changes_something(request: Any) -> bool:
    if request.method in _READS:
        return False
    path = urlsplit(request.url).path.lower()
    return not (request.method == "POST" and path.endswith(_READING_ACTIONS))


class LimitedTransport(AioHttpTransport):  # type: ignore[misc]  # azure-core loads it lazily
    """Sends each request within the limits of whatever it goes to; a retry is another request."""

    def __init__(self, limits: CallLimits, **options: Any) -> None:
        super().__init__(**options)
        self._limits = limits

    async def send(self, request: Any, **options: Any) -> Any:
        """Send a request; raises Unavailable where it was not sent, since it had no place."""
        async with self._limits.call(dependency_of(request.url)) as outcome:
            response = await super().send(request, **options)
            outcome.answered(response.status_code)
            return response


class Pipeline:
    """The options that connect SDK clients to one pool; each call makes a set for one client."""

    def __init__(self, session: aiohttp.ClientSession, limits: CallLimits | None = None) -> None:
        """Take a session, which stays open when a client closes, and limits; None for no limits."""
        options: dict[str, Any] = {
            "session": session,
            "session_owner": False,
            "connection_timeout": CONNECT_SECONDS,
            "read_timeout": READ_SECONDS,
        }
        self._table_transport = AioHttpTransport(**options)
        self.transport = LimitedTransport(limits, **options) if limits else self._table_transport

    def client_options(self) -> dict[str, Any]:
        """Return the keyword arguments for one SDK client.

        A policy belongs to one client.
        """
        return {
            "transport": self.transport,
            "retry_policy": BriefRetryPolicy(**_RETRIES),
            **_RETRIES,
        }

    def table_options(self) -> dict[str, Any]:
        """Return the keyword arguments for the client of Table Storage.

        It brings its own retry policy, and takes the same numbers from beside it. It is not
        limited: nothing can be done without the table, the ending of access least of all.
        """
        return {**self.client_options(), "transport": self._table_transport}

    def credential_options(self) -> dict[str, Any]:
        """Return the keyword arguments for one credential of azure-identity.

        Without retries: the client that asks for the token retries already, and the two multiply.
        """
        return {"transport": self.transport, "retry_total": 0}


@asynccontextmanager
async def open_pipeline(limits: CallLimits | None = None) -> AsyncIterator[Pipeline]:
    """Open the pool of connections, and close it at the end of the block.

    The pool has no limit of its own: what hangs somewhere would use it up for all. ``limits`` has.

    Certificates are checked against the system's, or those in SSL_CERT_FILE and SSL_CERT_DIR,
    which OpenSSL reads when a context is made; aiohttp's own context is made when it is imported.
    Proxies are taken from HTTPS_PROXY and NO_PROXY.
    """
    connector = aiohttp.TCPConnector(
        limit=0, ssl=ssl.create_default_context(), keepalive_timeout=KEEP_ALIVE_SECONDS
    )
    async with aiohttp.ClientSession(
        connector=connector,
        # aiohttp looks proxies up anew, in a thread, each time; NO_PROXY alone names none.
        trust_env=bool(getproxies().keys() - {"no"}),
        cookie_jar=aiohttp.DummyCookieJar(),
        auto_decompress=False,  # the SDK does that
        middlewares=(send_changes_once,),
    ) as session:
        yield Pipeline(session, limits)
