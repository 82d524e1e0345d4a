"""The stored vaults and their secrets."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from secrets import token_hex


@dataclass(slots=True)
class StoredVersion:
    """Hold one version; its value never changes."""

    id: str
    value: str = field(repr=False)
    created: datetime
    updated: datetime
    enabled: bool = True
    tags: dict[str, str] = field(default_factory=dict)
    content_type: str | None = None
    not_before: int | None = None
    """Seconds since the epoch, as Key Vault counts."""
    expires: int | None = None
    """Seconds since the epoch; informational, as in Key Vault: expired values can still be read."""


@dataclass(slots=True)
class StoredSecret:
    """Hold a secret with its versions, oldest first."""

    name: str
    versions: list[StoredVersion] = field(default_factory=list)
    deleted_at: datetime | None = None
    is_managed: bool = False
    """Whether it belongs to a certificate, so that only Key Vault writes it."""

    @property
    def current(self) -> StoredVersion:
        """Return the newest version, which an unversioned read returns."""
        return self.versions[-1]

    def version(self, version_id: str) -> StoredVersion | None:
        """Return a version by its ID."""
        wanted = version_id.lower()
        return next((one for one in self.versions if one.id == wanted), None)


@dataclass(slots=True)
class StoredVault:
    """Hold a vault; secret names ignore case."""

    name: str
    scope: str
    url: str
    secrets: dict[str, StoredSecret] = field(default_factory=dict)
    rbac: bool = True
    """Whether it uses the RBAC permission model, in which role assignments count."""
    access_policies: dict[str, tuple[str, ...]] = field(default_factory=dict)
    """The access policies that count otherwise: data actions by object ID."""

    def secret(self, name: str) -> StoredSecret | None:
        """Return a secret that isn't deleted."""
        secret = self.secrets.get(name.lower())
        return secret if secret is not None and secret.deleted_at is None else None

    def deleted_secret(self, name: str) -> StoredSecret | None:
        """Return a secret that is deleted and recoverable."""
        secret = self.secrets.get(name.lower())
        return secret if secret is not None and secret.deleted_at is not None else None

    def secret_scope(self, name: str) -> str:
        """Return a secret's resource ID, at which roles can be assigned."""
        return f"{self.scope}/secrets/{name}"

    def add_version(
        self,
        name: str,
        value: str,
        created: datetime,
        *,
        enabled: bool = True,
        tags: Mapping[str, str] | None = None,
        content_type: str | None = None,
        not_before: int | None = None,
        expires: int | None = None,
    ) -> StoredVersion:
        """Add a version, make it the current one, and create the secret if it is new."""
        version = StoredVersion(
            token_hex(16),
            value,
            created,
            created,
            enabled,
            dict(tags or {}),
            content_type,
            not_before,
            expires,
        )
        self.secrets.setdefault(name.lower(), StoredSecret(name)).versions.append(version)
        return version
