"""The HTTP pipeline of all Azure clients: one connection pool, short timeouts, few retries."""

import ssl
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from http import HTTPStatus
from typing import Any
from urllib.parse import urlsplit
from urllib.request import getproxies

import aiohttp
from azure.core.pipeline import PipelineResponse
from azure.core.pipeline.policies import AsyncRetryPolicy
from azure.core.pipeline.transport import AioHttpTransport

from services.answer_time import seconds_left
from services.azure.calls.errors import was_not_carried_out
from services.azure.calls.limits import CallLimits
from services.azure.calls.transports import LimitedTransport, TableTransport
from services.clock import AgreedClock
from services.retry_after import retry_after

CONNECT_SECONDS = 5
READ_SECONDS = 15
KEEP_ALIVE_SECONDS = 4
"""How long an idle connection is kept: less than servers do.

One that its server closes just as it is used again ends without an answer, and nobody knows then
whether a change was made. Node's servers, such as Azurite, close theirs after 5 seconds, and
services in Azure after a minute or more.
"""

LONGEST_WAIT_SECONDS = 2.0
"""The longest Retry-After that a request waits for; the engine schedules anything longer."""

_RETRIES: dict[str, Any] = {
    "retry_total": 2,
    "retry_read": 1,
    "retry_backoff_factor": 0.4,
    "retry_backoff_max": LONGEST_WAIT_SECONDS,
}


_READS = frozenset({"GET", "HEAD"})

# Azure uses POST to read anything secret, such as an app's settings and an account's keys, Graph to
# ask about several groups, and Log Analytics for queries.
_READING_ACTIONS = ("/list", "/listkeys", "/checkmembergroups", "/query")


async def send_changes_once(
    request: aiohttp.ClientRequest, send: aiohttp.ClientHandlerType
) -> aiohttp.ClientResponse:
    """Keep aiohttp from repeating a request that changes something; a session middleware.

    If a kept connection ends without an answer, aiohttp sends PUT and DELETE again over another
    one, since HTTP calls them idempotent. A PUT to Key Vault isn't: each one creates a version.
    aiohttp decides by the exception's class, so this raises another class.
    """
    try:
        return await send(request)
    except (aiohttp.ClientOSError, aiohttp.ServerDisconnectedError) as error:
        if request.method in _READS or isinstance(error, aiohttp.ClientConnectorError):
            raise
        raise aiohttp.ClientConnectionError(f"the connection ended: {error}") from error


class BriefRetryPolicy(AsyncRetryPolicy[Any, Any]):
    """Retry what recovers within seconds; the engine stores and schedules longer waits.

    A request that changes something is sent again only if it certainly had no effect: otherwise
    the caller has to record that it may still take effect.
    """

    def get_retry_after(self, response: PipelineResponse[Any, Any]) -> float | None:
        """Return an answer's Retry-After in seconds; azure-core crashes on a malformed one."""
        wait = retry_after(response.http_response.headers)
        return None if wait is None else wait.total_seconds()

    def is_retry(self, settings: dict[str, Any], response: PipelineResponse[Any, Any]) -> bool:
        """Say whether to retry right away."""
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
        """Count a failed try; False if there should be no other."""
        has_more = bool(super().increment(settings, response=response, error=error))
        if seconds_left() == 0:
            return False
        if error and _changes_something(response.http_request) and not was_not_carried_out(error):
            return False
        return has_more


def _changes_something(request: Any) -> bool:
    if request.method in _READS:
        return False
    path = urlsplit(request.url).path.lower()
    return not (request.method == "POST" and path.endswith(_READING_ACTIONS))


class Pipeline:
    """The options that connect SDK clients to one pool; each call returns a set for one client."""

    def __init__(
        self,
        session: aiohttp.ClientSession,
        limits: CallLimits | None = None,
        clock: AgreedClock | None = None,
    ) -> None:
        """Take a session, which stays open when a client closes, and the limits, if any.

        The ``clock`` is corrected by the table's answers.
        """
        options: dict[str, Any] = {
            "session": session,
            "session_owner": False,
            "connection_timeout": CONNECT_SECONDS,
            "read_timeout": READ_SECONDS,
        }
        self._table_transport = TableTransport(clock, **options)
        self.transport = (
            LimitedTransport(limits, **options) if limits else AioHttpTransport(**options)
        )

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

        It has its own retry policy, which takes the same numbers, and limits of its own.
        """
        return {**self.client_options(), "transport": self._table_transport}

    def credential_options(self) -> dict[str, Any]:
        """Return the keyword arguments for one credential of azure-identity.

        Without retries: the client that needs the token already retries, and the two multiply.
        """
        return {"transport": self.transport, "retry_total": 0}


@asynccontextmanager
async def open_pipeline(
    limits: CallLimits | None = None,
    clock: AgreedClock | None = None,
    calls: Sequence[aiohttp.ClientMiddlewareType] = (),
    tls: ssl.SSLContext | None = None,
) -> AsyncIterator[Pipeline]:
    """Open the connection pool, and close it at the end of the block.

    The pool itself is unlimited: one hanging dependency would use it up for all. ``limits`` and the
    transports are there for that. ``calls`` observe every request.

    Certificates are checked against those of ``tls``, or else the system's, or those in
    SSL_CERT_FILE and SSL_CERT_DIR, which OpenSSL reads when a context is created; aiohttp creates
    its own at import, too early.
    Proxies come from HTTPS_PROXY and NO_PROXY.
    """
    connector = aiohttp.TCPConnector(
        limit=0, ssl=tls or ssl.create_default_context(), keepalive_timeout=KEEP_ALIVE_SECONDS
    )
    async with aiohttp.ClientSession(
        connector=connector,
        # aiohttp looks up proxies in a thread for every request; NO_PROXY alone names none.
        trust_env=bool(getproxies().keys() - {"no"}),
        cookie_jar=aiohttp.DummyCookieJar(),
        auto_decompress=False,  # the SDK does that
        middlewares=(*calls, send_changes_once),
    ) as session:
        yield Pipeline(session, limits, clock)
