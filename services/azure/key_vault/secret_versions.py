"""Versions of Key Vault secrets, with their values; needs permissions on each secret."""

from contextlib import AbstractContextManager

from azure.core.credentials_async import AsyncTokenCredential
from azure.core.exceptions import HttpResponseError, ResourceNotFoundError
from azure.keyvault.secrets import KeyVaultSecret, SecretProperties

from domain.secrets import SecretValue
from services.azure.calls.errors import code_of, codes_of
from services.azure.calls.pipeline import Pipeline
from services.azure.key_vault.vaults import PUBLIC_SUFFIX, SERVICE, VaultClients, vault_faults
from services.faults import Fault, Rejected, Unavailable
from services.rotation.secret_versions import Version
from services.rotation.step import NotYet

_DISABLED = "SecretDisabled"

# A recovery goes on for seconds after the request for it was answered; until then, a set is refused
# (azure-sdk-for-net#31581).
_RECOVERING = "ObjectIsBeingRecovered"


class KeyVaultSecretVersions:
    """Secrets of any number of vaults, behind ``services.rotation.secret_versions.SecretVersions``.

    Its faults name codes and never the service's message, which could quote a value.
    """

    def __init__(
        self,
        credential: AsyncTokenCredential,
        pipeline: Pipeline,
        *,
        vault_suffix: str = PUBLIC_SUFFIX,
    ) -> None:
        """Take the bot's identity, its connections, and the domain of the cloud's vaults."""
        self._clients = VaultClients(credential, pipeline, vault_suffix)

    async def current(self, vault_url: str, name: str) -> tuple[Version, SecretValue]:
        """Read the newest version; if it is disabled, Key Vault doesn't return an older one."""
        with _faults():
            return _read(await self._clients.client(vault_url).get_secret(name))

    async def read(self, vault_url: str, name: str, version: str) -> tuple[Version, SecretValue]:
        """Read one version; raises Rejected if it doesn't exist or is disabled."""
        with _faults():
            return _read(await self._clients.client(vault_url).get_secret(name, version))

    async def list(self, vault_url: str, name: str) -> list[Version]:
        """List all versions; for a name that never existed Key Vault lists none or answers 404."""
        with _faults():
            try:
                listing = self._clients.client(vault_url).list_properties_of_secret_versions(name)
                return [_version(properties) async for properties in listing]
            except ResourceNotFoundError:
                return []

    async def write(self, vault_url: str, name: str, value: SecretValue, version: Version) -> str:
        """Create a version with this one's tags, content type, nbf and expiry; return its ID.

        Without the SDK's retries, since each PUT that arrives creates another version. Below the
        SDK, ``services.azure.calls.pipeline`` prevents retries.
        """
        with _faults(changes=True):
            made = await self._clients.client(vault_url).set_secret(
                name,
                value.reveal(),
                tags=dict(version.tags),
                content_type=version.content_type,
                not_before=version.not_before,
                expires_on=version.expires_at,
                retry_total=0,
            )
        return _version(made.properties).id

    async def is_deleted(self, vault_url: str, name: str) -> bool:
        """Say whether a secret is deleted and can be recovered."""
        with _faults():
            try:
                await self._clients.client(vault_url).get_deleted_secret(name)
            except ResourceNotFoundError:
                return False
        return True

    async def disable(self, vault_url: str, name: str, version: str) -> None:
        """Disable a version and read that back; raises Rejected if there is no such version."""
        if not await self._is_enabled(vault_url, name, version):
            return
        with _faults(changes=True):
            client = self._clients.client(vault_url)
            await client.update_secret_properties(name, version, enabled=False)
        if await self._is_enabled(vault_url, name, version):
            raise Unavailable(
                SERVICE, f"version {version} is still shown as enabled", outcome_unknown=False
            )

    async def close(self) -> None:
        """Close the clients."""
        await self._clients.close()

    async def _is_enabled(self, vault_url: str, name: str, version: str) -> bool:
        """Try to read it: Key Vault refuses that if it is disabled.

        A listing would take a call for each 25 versions, and some secrets have hundreds.
        """
        try:
            await self.read(vault_url, name, version)
        except Rejected as fault:
            if fault.code == _DISABLED:
                return False
            raise
        return True


def _read(secret: KeyVaultSecret) -> tuple[Version, SecretValue]:
    return _version(secret.properties), SecretValue(secret.value or "")


def _version(properties: SecretProperties) -> Version:
    return Version(
        id=properties.version or "",
        enabled=properties.enabled is not False,
        created_at=properties.created_on,
        not_before=properties.not_before,
        expires_at=properties.expires_on,
        content_type=properties.content_type,
        # A listing says that it is managed; a single version also has the certificate's key ID.
        managed=bool(properties.managed or properties.key_id),
        tags=dict(properties.tags or {}),
    )


def _faults(*, changes: bool = False) -> AbstractContextManager[None]:
    return vault_faults(codes_only=True, changes=changes, known=_known)


def _known(error: Exception) -> Fault | None:
    """Recognize a disabled secret, whose 403 is no missing permission, and a recovery."""
    if not isinstance(error, HttpResponseError):
        return None
    code = code_of(error)
    if code == _RECOVERING:
        return NotYet(SERVICE, codes_of(error))
    if code == _DISABLED:
        return Rejected(SERVICE, codes_of(error), status=error.status_code, code=_DISABLED)
    return None
