"""Resolve Key Vault references, as App Service does for its apps."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from urllib.parse import urlsplit

from sandbox import roles
from sandbox.state import State
from sandbox.stored.sites import REFRESH_AFTER, Resolution, SiteReference, StoredSite
from sandbox.stored.vaults import StoredVault


def refresh(state: State, site: StoredSite, now: datetime) -> None:
    """Re-resolve all of an app's references, as a restart or a refresh does."""
    site.resolutions = _resolved(state, site, site.references(), now)
    site.string_resolutions = _resolved(state, site, site.string_references(), now)


def refresh_what_is_old(state: State, site: StoredSite, now: datetime) -> None:
    """Re-resolve the references that were last resolved a day or more ago."""
    for resolutions in (site.resolutions, site.string_resolutions):
        for key, resolution in resolutions.items():
            if now - resolution.at >= REFRESH_AFTER:
                resolutions[key] = resolve(state, site, resolution.reference, now)


def _resolved(
    state: State, site: StoredSite, references: Mapping[str, SiteReference], now: datetime
) -> dict[str, Resolution]:
    return {key: resolve(state, site, one, now) for key, one in references.items()}


def resolve(state: State, site: StoredSite, reference: SiteReference, now: datetime) -> Resolution:
    """Resolve one reference with the app's identity."""
    if reference.secret is None:
        return Resolution(reference, "InvalidSyntax", now)
    if site.identity is None:
        return Resolution(reference, "MSINotEnabled", now)
    vault = _find_vault(state, reference)
    if vault is None:
        return Resolution(reference, "VaultNotFound", now, reference.vault)
    look_up = _LookUp(vault, reference, reference.secret, now)
    if not state.may(site.identity, roles.GET_SECRET, vault.secret_scope(reference.secret), now):
        return look_up.failed("AccessToKeyVaultDenied")
    secret = vault.secret(reference.secret)
    if secret is None:
        return look_up.failed("SecretNotFound")
    version = secret.version(reference.version) if reference.version else secret.current
    if version is None:
        return look_up.failed("SecretVersionNotFound")
    if not version.enabled:
        # Key Vault answers 403 for a disabled version, the same as for a missing permission.
        return look_up.failed("AccessToKeyVaultDenied")
    return Resolution(
        reference,
        "Resolved",
        now,
        vault.name,
        "Reference has been successfully resolved.",
        version.id,
        version.value,
    )


@dataclass(frozen=True, slots=True)
class _LookUp:
    vault: StoredVault
    reference: SiteReference
    secret: str
    now: datetime

    def failed(self, status: str) -> Resolution:
        details = f"{status}: {self.vault.name}/{self.secret}"
        return Resolution(self.reference, status, self.now, self.vault.name, details)


def _find_vault(state: State, reference: SiteReference) -> StoredVault | None:
    if reference.vault:
        return state.vaults.get(reference.vault.lower())
    host = reference.host.replace("127.0.0.1", "localhost")
    return next((one for one in state.vaults.values() if urlsplit(one.url).netloc == host), None)
