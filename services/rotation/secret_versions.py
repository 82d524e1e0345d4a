"""The versions of secrets, as a protocol; the adapter raises ``Fault``s."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Protocol

from domain.secrets import SecretValue

ROTATION_TAG = "latchkey-rotation-id"
ROLE_TAG = "latchkey-role"
CREDENTIAL_TAG = "latchkey-credential"


@dataclass(frozen=True, slots=True, kw_only=True)
class Version:
    """One version of a secret, without its value."""

    id: str
    enabled: bool
    created_at: datetime | None
    not_before: datetime | None = None
    """Key Vault's ``nbf``: it's meant to be used from then on."""
    expires_at: datetime | None = None
    content_type: str | None = None
    managed: bool = False
    """Whether Key Vault writes it for a certificate: no one else can set it."""
    tags: Mapping[str, str] = field(default_factory=dict)


class SecretVersions(Protocol):
    """The versions of a vault's secrets. ``vault_url`` is the vault's data-plane address."""

    async def current(self, vault_url: str, name: str) -> tuple[Version, SecretValue]:
        """Read the current version; raises Rejected if it's unknown or disabled."""

    async def read(self, vault_url: str, name: str, version: str) -> tuple[Version, SecretValue]:
        """Read one version; raises Rejected if it's unknown or disabled."""

    async def list(self, vault_url: str, name: str) -> list[Version]:
        """List all versions, in no particular order; an unknown secret has none."""

    async def write(self, vault_url: str, name: str, value: SecretValue, version: Version) -> str:
        """Create a version with this one's tags, content type, nbf and expiry; return its ID.

        After Unavailable it may have been created, even twice; look for its tags.
        """

    async def is_deleted(self, vault_url: str, name: str) -> bool:
        """Say whether a secret is soft-deleted: it can be recovered, and its name is taken."""

    async def disable(self, vault_url: str, name: str, version: str) -> None:
        """Disable one version, and check that it is; a disabled one stays as it is."""
