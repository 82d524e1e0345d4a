"""Metadata of Key Vault secrets. Nothing here reads a value or needs permission to read one."""

from collections.abc import Mapping
from datetime import UTC, datetime

from azure.core.credentials_async import AsyncTokenCredential
from azure.core.exceptions import ResourceNotFoundError
from azure.keyvault.secrets import SecretProperties

from domain.secrets import Vault
from services.azure.calls.pipeline import Pipeline
from services.azure.key_vault.vaults import PUBLIC_SUFFIX, VaultClients, vault_faults
from services.ports import SecretState

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
        self._clients = VaultClients(credential, pipeline, vault_suffix)

    async def state(self, vault: Vault, name: str) -> SecretState:
        """Say whether a secret exists and its newest version is enabled.

        For a name that never existed Key Vault lists nothing or answers 404. Expiry and ``nbf``
        don't count: Key Vault returns the value before and after them too (Microsoft Learn, "About
        Azure Key Vault secrets").
        """
        versions = await self._versions(vault, name)
        if not versions:
            return SecretState.UNKNOWN
        enabled = any(version.enabled is not False for version in _newest(versions))
        return SecretState.ENABLED if enabled else SecretState.DISABLED

    async def tags(self, vault: Vault, name: str) -> Mapping[str, str]:
        """Return the tags of a secret's newest version; none if there is no such secret."""
        newest = _newest(await self._versions(vault, name))
        return {key: value for version in newest for key, value in (version.tags or {}).items()}

    async def names(self, vault: Vault) -> list[str]:
        """List the names of the vault's secrets."""
        with vault_faults():
            listing = self._clients.client(vault.url).list_properties_of_secrets()
            return [each.name or "" async for each in listing]

    async def close(self) -> None:
        """Close the clients."""
        await self._clients.close()

    async def _versions(self, vault: Vault, name: str) -> list[SecretProperties]:
        with vault_faults():
            try:
                client = self._clients.client(vault.url)
                listing = client.list_properties_of_secret_versions(name)
                return [version async for version in listing]
            except ResourceNotFoundError:
                return []


def _newest(versions: list[SecretProperties]) -> list[SecretProperties]:
    """Return the versions created in the newest second; listings aren't sorted by time.

    Usually that is one. If there are several, nothing shows which one is current, so one that is
    enabled is enough: two versions in one second come from a retried write, or from a roll-back
    that disables one, and either way the secret can be read. If that is wrong, a request is
    approved that its requester can't use. The opposite rule would refuse a request that they need.
    """
    newest = max((_created(version) for version in versions), default=_LONG_AGO)
    return [version for version in versions if _created(version) == newest]


def _created(version: SecretProperties) -> datetime:
    return version.created_on or _LONG_AGO
