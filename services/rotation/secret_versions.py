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
    """The ``nbf`` of Key Vault: from when on it is meant to be used."""
    expires_at: datetime | None = None
    content_type: str | None = None
    managed: bool = False
    """Whether Key Vault writes it itself, for a certificate: nobody else can set it."""
    tags: Mapping[str, str] = field(default_factory=dict)


class SecretVersions(Protocol):
    """The versions of a vault's secrets. ``vault_url`` is the vault's data-plane address."""

    async def current(self, vault_url: str, name: str) -> tuple[Version, SecretValue]:
        """Read what the unversioned name gives; raises Rejected where it is unknown or disabled."""

    async def read(self, vault_url: str, name: str, version: str) -> tuple[Version, SecretValue]:
        """Read one version; raises Rejected where it is unknown or disabled."""

    async def list(self, vault_url: str, name: str) -> list[Version]:
        """List all versions, in no order; an unknown secret has none."""

    async def write(self, vault_url: str, name: str, value: SecretValue, version: Version) -> str:
        """Make a version with this one's tags, content type, nbf and expiry; return its id.

        After Unavailable it may have been made, or even made twice: its tags tell.
        """

    async def is_deleted(self, vault_url: str, name: str) -> bool:
        """Say whether a secret was deleted and can be recovered: its name is taken until then."""

    async def disable(self, vault_url: str, name: str, version: str) -> None:
        """Disable one version and read that back; one that is disabled already is left so."""
