"""Whether access at a scope could be given, and taken away again: resource locks, and RBAC.

Under a lock of either level a role assignment cannot be deleted, though under ``CanNotDelete`` one
can be made (MicrosoftDocs/azure-docs#110791). A vault that is not in the RBAC permission model
ignores role assignments on its secrets.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

from domain.access.assignment import is_within

_VAULT = re.compile(r".+?/providers/Microsoft\.KeyVault/vaults/[^/]+", re.IGNORECASE)
_KINDS = {
    "subscriptions": "subscription",
    "resourcegroups": "resource group",
    "vaults": "vault",
    "secrets": "secret",
}


class LockLevel(StrEnum):
    CAN_NOT_DELETE = "CanNotDelete"
    READ_ONLY = "ReadOnly"


@dataclass(frozen=True, slots=True)
class ResourceLock:
    """A lock in Azure; it holds at its scope, an ARM resource id, and at everything below."""

    name: str
    level: LockLevel
    scope: str

    @property
    def said(self) -> str:
        """Say where it is, its name and its level, as the beginning of a sentence."""
        return f"The {describe_place(self.scope)} has the lock '{self.name}' ({self.level})"


@dataclass(frozen=True, slots=True)
class VaultSettings:
    """What could be read of a vault's settings; None where the bot may not know.

    ``locks`` are those at the vault, above it and below it.
    """

    locks: tuple[ResourceLock, ...] | None = ()
    uses_rbac: bool | None = True


def why_not_give(scope: str, settings: VaultSettings, *, allow_locked: bool) -> str | None:
    """Say in a sentence why no access is to be given at a scope; None where nothing is known.

    ``allow_locked`` is the policy's word for locks under which access can still be given.
    """
    if settings.uses_rbac is False:
        return (
            f"The {describe_place(vault_of(scope))} does not use Azure RBAC, so a role assignment "
            "would give no access to its secrets."
        )
    for lock in holding(settings.locks or (), scope):
        if lock.level is LockLevel.READ_ONLY:
            return f"{lock.said}, so access can be neither given nor taken away."
        if not allow_locked:
            return f"{lock.said}, so access could not be taken away again."
    return None


def holding(locks: Sequence[ResourceLock], scope: str) -> list[ResourceLock]:
    """Return the locks that hold at a scope, those that forbid most first."""
    found = [lock for lock in locks if is_within(scope, lock.scope)]
    return sorted(found, key=lambda lock: lock.level is not LockLevel.READ_ONLY)


def vault_of(scope: str) -> str:
    """Return the resource id of the vault that a scope is, or lies in; else the scope itself."""
    found = _VAULT.match(scope)
    return found[0] if found else scope


def describe_place(scope: str) -> str:
    """Name an ARM scope by its kind and its last part: ``resource group demo-rg``."""
    *_, kind, name = ["", "", *scope.strip("/").split("/")]
    return f"{_KINDS.get(kind.lower(), 'scope')} {name}"
