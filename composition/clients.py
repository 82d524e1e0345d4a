"""The clients that the adapters share: one pool of connections to Azure, one session, one identity.

The exit stack that is passed in closes whatever is opened here.
"""

import ssl
from collections.abc import Sequence
from contextlib import AsyncExitStack
from dataclasses import dataclass
from urllib.request import getproxies

import aiohttp
from azure.core.credentials_async import AsyncTokenCredential
from azure.data.tables.aio import TableServiceClient

from composition.telemetry import Telemetry
from config import Settings
from services.azure.calls.call_metrics import CallMetrics
from services.azure.calls.call_spans import CallSpans
from services.azure.calls.credentials import IdentitySettings, make_credential
from services.azure.calls.limits import CallLimits
from services.azure.calls.pipeline import KEEP_ALIVE_SECONDS, Pipeline, open_pipeline
from services.azure.tables import AzureTable
from services.clock import AgreedClock, Clock

TABLE = "latchkey"


@dataclass(frozen=True, slots=True)
class Clients:
    """The clients that all of the bot's requests go through."""

    pipeline: Pipeline
    limits: CallLimits
    session: aiohttp.ClientSession
    credential: AsyncTokenCredential


async def open_clients(
    settings: Settings, clock: Clock, telemetry: Telemetry, resources: AsyncExitStack
) -> Clients:
    """Open the connections, and the bot's own identity in Azure."""
    limits, calls = CallLimits(clock, telemetry.meter), _observed_by(telemetry)
    agreed = clock if isinstance(clock, AgreedClock) else None  # a test has its own
    # One for both: reading the authorities takes 0.04 s. Not aiohttp's, which it creates at import,
    # before SSL_CERT_FILE may be set.
    tls = ssl.create_default_context()
    pipeline = await resources.enter_async_context(open_pipeline(limits, agreed, calls, tls))
    session = await resources.enter_async_context(_open_session(calls, tls))
    credential = make_credential(_identity(settings), pipeline)
    await resources.enter_async_context(credential)
    return Clients(pipeline, limits, session, credential)


async def open_table(settings: Settings, clients: Clients, resources: AsyncExitStack) -> AzureTable:
    """Open the bot's table, with its connection string or the bot's identity."""
    options = clients.pipeline.table_options()
    if settings.storage_connection_string:
        service = TableServiceClient.from_connection_string(
            settings.storage_connection_string, **options
        )
    else:
        service = TableServiceClient(
            settings.tables_endpoint or "", credential=clients.credential, **options
        )
    await resources.enter_async_context(service)
    return AzureTable(service.get_table_client(TABLE))


def _observed_by(telemetry: Telemetry) -> Sequence[aiohttp.ClientMiddlewareType]:
    metrics = CallMetrics(telemetry.meter)
    if telemetry.tracer is None:
        return (metrics,)
    return (metrics, CallSpans(telemetry.tracer))


def _open_session(
    calls: Sequence[aiohttp.ClientMiddlewareType], tls: ssl.SSLContext
) -> aiohttp.ClientSession:
    connector = aiohttp.TCPConnector(ssl=tls, keepalive_timeout=KEEP_ALIVE_SECONDS)
    return aiohttp.ClientSession(
        connector=connector,
        # aiohttp looks up proxies for each request, in a thread; NO_PROXY alone sets none.
        trust_env=bool(getproxies().keys() - {"no"}),
        cookie_jar=aiohttp.DummyCookieJar(),
        middlewares=calls,
    )


def _identity(settings: Settings) -> IdentitySettings:
    return IdentitySettings(
        client_id=settings.azure_client_id,
        tenant_id=settings.azure_tenant_id,
        client_secret=settings.azure_client_secret,
        client_certificate_path=settings.azure_certificate_path,
        client_certificate_password=settings.azure_certificate_password,
        federated_token_file=settings.azure_federated_token_file,
        authority_host=settings.endpoints.authority,
    )
