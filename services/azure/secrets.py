"""Key Vault's metadata of secrets. Nothing here reads a value, and no right to one is needed."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from urllib.parse import urlsplit

from azure.core.credentials_async import AsyncTokenCredential
from azure.core.exceptions import ResourceNotFoundError
from azure.keyvault.secrets import SecretProperties
from azure.keyvault.secrets.aio import SecretClient

from domain.secrets import Vault
from services.azure.errors import translated
from services.azure.pipeline import Pipeline
from services.faults import Rejected
from services.ports import SecretState

SERVICE = "Key Vault"
PUBLIC_SUFFIX = "vault.azure.net"

_LONG_AGO = datetime.min.replace(tzinfo=UTC)


class KeyVaultSecrets:
    """Secrets of any number of vaults, behind ``services.ports.Secrets``."""

    def __init__(
        self,
        credential: AsyncTokenCredential,
        pipeline: Pipeline,
        *,
        vault_suffix: str = PUBLIC_SUFFIX,
    ) -> None:
        """Take the bot's identity, its connections, and the domain of the cloud's vaults."""
        self._credential = credential
        self._pipeline = pipeline
        self._vault_suffix = vault_suffix
        self._clients: dict[str, SecretClient] = {}

    async def state(self, vault: Vault, name: str) -> SecretState:
        """Say whether a secret exists and its newest version is enabled.

        A name that never existed is an empty listing or a 404. Expiry and ``nbf`` do not count:
        Key Vault hands out the value outside of them all the same (Microsoft Learn, "About Azure
        Key Vault secrets").
        """
        with _translated():
            try:
                listing = self._client(vault).list_properties_of_secret_versions(name)
                versions = [version async for version in listing]
            except ResourceNotFoundError:
                return SecretState.UNKNOWN
        if not versions:
            return SecretState.UNKNOWN
        enabled = any(version.enabled is not False for version in _newest(versions))
        return SecretState.ENABLED if enabled else SecretState.DISABLED

    async def count(self, vault: Vault) -> int:
        """Count the vault's secrets."""
        with _translated():
            return len([each async for each in self._client(vault).list_properties_of_secrets()])

    async def close(self) -> None:
        """Close the clients."""
        for client in self._clients.values():
            await client.close()
        self._clients.clear()

    def _client(self, vault: Vault) -> SecretClient:
        if vault.url not in self._clients:
            self._clients[vault.url] = SecretClient(
                vault.url,
                self._credential,
                verify_challenge_resource=self._is_in_the_cloud(vault),
                **self._pipeline.client_options(),
            )
        return self._clients[vault.url]

    def _is_in_the_cloud(self, vault: Vault) -> bool:
        """Say whether the vault's name lies in the cloud's own domain.

        There the SDK checks that a challenge asks for a token for that domain. An operator who
        names an address elsewhere, such as a private name or the sandbox, has chosen to trust it.
        """
        host = urlsplit(vault.url).hostname or ""
        return host.endswith(f".{self._vault_suffix}")


def _newest(versions: list[SecretProperties]) -> list[SecretProperties]:
    """Return the versions of the newest second; listings are in no order of time.

    Usually that is one. Of several, which one is current cannot be known from outside, so one
    that is enabled has to do: whoever writes two versions at once retries a write, or rolls one
    back and disables it, and in both cases the secret can be read. Should it be otherwise, a
    request is approved that its requester cannot use; the other way round, one that they need
    could never be made.
    """
    newest = max(_created(version) for version in versions)
    return [version for version in versions if _created(version) == newest]


def _created(version: SecretProperties) -> datetime:
    return version.created_on or _LONG_AGO


@contextmanager
def _translated() -> Iterator[None]:
    with translated(SERVICE):
        try:
            yield
        except ValueError as error:
            if type(error) is not ValueError:
                raise
            # The SDK's word for a challenge that wants a token for something else than a vault.
            raise Rejected(SERVICE, str(error)) from None
