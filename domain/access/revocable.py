"""Whether access at a scope can be granted and revoked again: resource locks and RBAC.

Under a lock of either level a role assignment can't be deleted, though under ``CanNotDelete`` one
can be created (MicrosoftDocs/azure-docs#110791). A vault that doesn't use the RBAC permission
model ignores role assignments on its secrets.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

from domain.access.assignment import is_within
from domain.reasons import Reason

_VAULT = re.compile(r".+?/providers/Microsoft\.KeyVault/vaults/[^/]+", re.IGNORECASE)
_KINDS = {
    "subscriptions": "subscription",
    "resourcegroups": "resource_group",
    "vaults": "vault",
    "secrets": "secret",
}


class LockLevel(StrEnum):
    CAN_NOT_DELETE = "CanNotDelete"
    READ_ONLY = "ReadOnly"


@dataclass(frozen=True, slots=True)
class ResourceLock:
    """A lock in Azure; it applies to its scope, an ARM resource ID, and everything below."""

    name: str
    level: LockLevel
    scope: str


@dataclass(frozen=True, slots=True)
class VaultSettings:
    """A vault's settings; None if the bot isn't permitted to read them.

    ``locks`` are those at, above and below the vault.
    """

    locks: tuple[ResourceLock, ...] | None = ()
    uses_rbac: bool | None = True


def why_not_give(scope: str, settings: VaultSettings, *, allow_locked: bool) -> Reason | None:
    """Explain why no access should be granted at a scope; None if nothing speaks against it.

    ``allow_locked``: the policy accepts locks under which access can be granted but not revoked.
    """
    if settings.uses_rbac is False:
        return Reason("vault_without_rbac", {"scope": vault_of(scope)})
    for lock in holding(settings.locks or (), scope):
        params = {"scope": lock.scope, "lock": lock.name, "level": str(lock.level)}
        if lock.level is LockLevel.READ_ONLY:
            return Reason("locked_read_only", params)
        if not allow_locked:
            return Reason("locked_against_deletion", params)
    return None


def holding(locks: Sequence[ResourceLock], scope: str) -> list[ResourceLock]:
    """Return the locks that apply to a scope, the strictest first."""
    found = [lock for lock in locks if is_within(scope, lock.scope)]
    return sorted(found, key=lambda lock: lock.level is not LockLevel.READ_ONLY)


def vault_of(scope: str) -> str:
    """Return the resource ID of the vault that a scope is or lies in; else the scope itself."""
    found = _VAULT.match(scope)
    return found[0] if found else scope


def place_of(scope: str) -> tuple[str, str]:
    """Describe an ARM scope by its kind and name: ``resource group demo-rg``."""
    above, _, name = scope.rstrip("/").rpartition("/")
    kind = above.rpartition("/")[2]
    return _KINDS.get(kind.lower(), "scope"), name


def describe_place(scope: str) -> str:
    """Describe an ARM scope for operators by its kind and name: ``resource group demo-rg``."""
    kind, name = place_of(scope)
    return f"{kind.replace('_', ' ')} {name}"
