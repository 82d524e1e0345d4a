"""Resource locks and a vault's permission model, from Azure Resource Manager."""

from typing import Any

from domain.access.revocable import LockLevel, ResourceLock
from services.azure.calls.errors import translated
from services.azure.calls.rest import RestAdapter

SERVICE = "Azure Resource Manager"

_LOCKS = "/providers/Microsoft.Authorization/locks"
_LOCKS_VERSION = {"api-version": "2016-09-01"}
_VAULT_VERSION = {"api-version": "2023-07-01"}


class ArmVaultControls(RestAdapter):
    """Locks and the permission model, behind ``services.ports.VaultControls``."""

    async def locks(self, vault_id: str) -> tuple[ResourceLock, ...]:
        """List the locks at a vault, above it and below it.

        Without a filter Azure lists them all (Microsoft Learn, "Management Locks - List By Scope");
        needs ``Microsoft.Authorization/locks/read``.
        """
        with translated(SERVICE):
            found = await self._list(f"{vault_id}{_LOCKS}", _LOCKS_VERSION)
            locks = [_lock(one) for one in found]
        return tuple(lock for lock in locks if lock)

    async def uses_rbac(self, vault_id: str) -> bool:
        """Say whether role assignments count for the vault's secrets.

        If the property is missing, the vault uses access policies (Microsoft Learn, "Vaults - Get":
        ``enableRbacAuthorization``). Needs ``Microsoft.KeyVault/vaults/read``.
        """
        with translated(SERVICE):
            answer = await self._get(vault_id, _VAULT_VERSION)
            properties: dict[str, Any] = answer.get("properties") or {}
            return properties.get("enableRbacAuthorization") is True


def _lock(shown: dict[str, Any]) -> ResourceLock | None:
    """Return a lock; None if its level (``NotSpecified``) blocks nothing."""
    level = str((shown.get("properties") or {}).get("level", "")).lower()
    known = {one.lower(): one for one in LockLevel}
    if level not in known:
        return None
    lock_id = str(shown.get("id", ""))
    at = lock_id.lower().rfind(_LOCKS.lower())
    return ResourceLock(str(shown.get("name", "")), known[level], lock_id[: max(at, 0)])
