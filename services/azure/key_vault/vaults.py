"""Clients of Key Vault's data plane, one for each vault."""

from contextlib import AbstractContextManager
from urllib.parse import urlsplit

from azure.core.credentials_async import AsyncTokenCredential
from azure.keyvault.secrets.aio import SecretClient

from services.azure.calls.errors import Known, translated
from services.azure.calls.pipeline import Pipeline
from services.faults import Fault, Rejected

SERVICE = "Key Vault"
PUBLIC_SUFFIX = "vault.azure.net"


class VaultClients:
    """Clients by vault URL, created on first use."""

    def __init__(
        self, credential: AsyncTokenCredential, pipeline: Pipeline, vault_suffix: str
    ) -> None:
        """Take the bot's identity, its connections, and the domain of the cloud's vaults."""
        self._credential = credential
        self._pipeline = pipeline
        self._vault_suffix = vault_suffix
        self._clients: dict[str, SecretClient] = {}

    def client(self, vault_url: str) -> SecretClient:
        """Return the client of a vault."""
        if vault_url not in self._clients:
            self._clients[vault_url] = SecretClient(
                vault_url,
                self._credential,
                verify_challenge_resource=self._is_in_the_cloud(vault_url),
                **self._pipeline.client_options(),
            )
        return self._clients[vault_url]

    async def close(self) -> None:
        """Close the clients."""
        for client in self._clients.values():
            await client.close()
        self._clients.clear()

    def _is_in_the_cloud(self, vault_url: str) -> bool:
        """Say whether the vault's host is in the cloud's own domain.

        If so, the SDK checks that a challenge asks for a token for that domain. An operator who
        configures another host, such as a private name or the sandbox, has chosen to trust it.
        """
        host = urlsplit(vault_url).hostname or ""
        return host.endswith(f".{self._vault_suffix}")


def vault_faults(
    *, codes_only: bool = False, changes: bool = False, known: Known | None = None
) -> AbstractContextManager[None]:
    """Raise a Fault of Key Vault instead of the SDK's exceptions inside the block."""

    def known_of_vaults(error: Exception) -> Fault | None:
        if type(error) is ValueError:
            # The SDK raises it if a challenge asks for a token for something other than a vault.
            return Rejected(SERVICE, "the challenge doesn't match the requested domain")
        return known(error) if known else None

    return translated(SERVICE, codes_only=codes_only, changes=changes, known=known_of_vaults)
