"""Constructs Azure adapters over the shared clients, each with the endpoint it calls."""

from contextlib import AsyncExitStack
from typing import Protocol, TypeVar

from azure.core.credentials_async import AsyncTokenCredential

from composition.clients import Clients
from config import Settings
from services.azure.calls.pipeline import Pipeline
from services.azure.entra.sign_ins import EntraSignIns
from services.azure.key_vault.secret_versions import KeyVaultSecretVersions
from services.azure.read_log import LogAnalyticsReadLog
from services.policies import Policies


class _Adapter(Protocol):
    async def close(self) -> None: ...


AdapterT = TypeVar("AdapterT", bound=_Adapter)
AdapterT_co = TypeVar("AdapterT_co", bound=_Adapter, covariant=True)


class _Makes(Protocol[AdapterT_co]):
    def __call__(
        self,
        credential: AsyncTokenCredential,
        pipeline: Pipeline,
        *,
        endpoint: str,
        token_scope: str,
    ) -> AdapterT_co: ...


class Adapters:
    """Constructs adapters; the exit stack closes them."""

    def __init__(
        self,
        settings: Settings,
        clients: Clients,
        policies: Policies,
        resources: AsyncExitStack,
    ) -> None:
        self._settings = settings
        self._clients = clients
        self._resources = resources
        self.policies = policies
        self.versions = self.closed(
            KeyVaultSecretVersions(
                clients.credential,
                clients.pipeline,
                vault_suffix=settings.endpoints.vault_suffix,
            )
        )

    def arm(self, makes: _Makes[AdapterT]) -> AdapterT:
        """Construct an adapter that calls Azure Resource Manager."""
        endpoints = self._settings.endpoints
        return self._over(makes, endpoints.resource_manager, endpoints.resource_manager_audience)

    def graph(self, makes: _Makes[AdapterT]) -> AdapterT:
        """Construct an adapter that calls Microsoft Graph."""
        endpoints = self._settings.endpoints
        return self._over(makes, endpoints.graph, endpoints.graph_audience)

    def read_log(self) -> LogAnalyticsReadLog | None:
        """Construct the adapter that asks the vaults' log, if a workspace is configured."""
        if self._settings.log_workspace is None:
            return None
        endpoints = self._settings.endpoints
        return self.closed(
            LogAnalyticsReadLog(
                self._clients.credential,
                self._clients.pipeline,
                endpoint=endpoints.log_analytics,
                token_scope=f"{endpoints.log_analytics_audience}/.default",
                workspace=self._settings.log_workspace,
            )
        )

    def sign_ins(self) -> EntraSignIns:
        """Construct the adapter that signs in as other applications."""
        endpoints = self._settings.endpoints
        return EntraSignIns(
            self._clients.credential,
            self._clients.pipeline,
            token_scope=f"{endpoints.graph_audience}/.default",
            tenant_id=self._settings.azure_tenant_id,
            authority=endpoints.authority,
        )

    def closed(self, adapter: AdapterT) -> AdapterT:
        """Register an adapter to be closed on shutdown; return it."""
        self._resources.push_async_callback(adapter.close)
        return adapter

    def _over(self, makes: _Makes[AdapterT], endpoint: str, audience: str) -> AdapterT:
        clients = self._clients
        return self.closed(
            makes(
                clients.credential,
                clients.pipeline,
                endpoint=endpoint,
                token_scope=f"{audience}/.default",
            )
        )
