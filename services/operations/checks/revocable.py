"""Checks that access to each vault can be granted and revoked."""

from collections.abc import Iterator, Sequence

from domain.access.policy import Policy
from domain.access.revocable import ResourceLock, VaultSettings, holding, why_not_give
from domain.diagnosis import Finding, broken, doubtful, good
from domain.names import listed
from domain.secrets import Vault
from services.faults import NotPermitted
from services.operations.checks.check import Check
from services.policies import Policies
from services.ports import VaultControls

_READS = "Reading locks needs */read, as in Role Based Access Control Administrator, on the vault."
_UNLOCK = (
    "Remove the lock, or set allow_locked = true in the policy file: access then stays until the "
    "lock is removed."
)
_SWITCH = "Set the vault's permission model to Azure role-based access control (RBAC)."


def revocability_checks(policies: Policies, controls: VaultControls) -> Iterator[Check]:
    """Check each vault's locks and permission model."""
    for found in by_vault(policies):
        yield _locks(found, controls)
        yield _model(found[0].vault, controls)


def by_vault(policies: Policies) -> list[list[Policy]]:
    """Group the policies of requestable secrets by vault; the default vault is always included.

    If nothing can be requested in the default vault, the default policy stands for it.
    """
    found: dict[str, list[Policy]] = {}
    for policy in policies.all():
        found.setdefault(policy.vault.resource_id.lower(), []).append(policy)
    usual = policies.defaults
    found.setdefault(usual.vault.resource_id.lower(), [usual])
    return list(found.values())


def _locks(found: Sequence[Policy], controls: VaultControls) -> Check:
    vault = found[0].vault
    subject = f"Locks of {vault.name}"

    async def look() -> Finding:
        try:
            locks = await controls.locks(vault.resource_id)
        except NotPermitted as fault:
            seen = f"unknown: {fault.cause}"
            return doubtful(subject, f"{seen}; access is granted anyway", _READS)
        held = {one.secret: holding(locks, one.scope) for one in found}
        meant = {secret: locks[0] for secret, locks in held.items() if locks}
        if not meant:
            return good(subject, "none that would block revocation")
        refused = [one for one in found if _is_refused(one, locks)]
        if refused:
            lock = meant[refused[0].secret]
            return broken(subject, f"the {lock}: no access is granted{_to(refused)}", _UNLOCK)
        lock = next(iter(meant.values()))
        seen = f"the {lock}; allow_locked still allows access to be granted"
        return doubtful(subject, seen, "Access can only be revoked once the lock is removed.")

    return Check(subject, look, _READS)


def _model(vault: Vault, controls: VaultControls) -> Check:
    subject = f"Permission model of {vault.name}"

    async def look() -> Finding:
        try:
            uses_rbac = await controls.uses_rbac(vault.resource_id)
        except NotPermitted as fault:
            seen = f"unknown: {fault.cause}; access is granted anyway"
            return doubtful(subject, seen, f"Give the bot Key Vault Reader on {vault.name}.")
        if not uses_rbac:
            seen = (
                "not Azure RBAC: role assignments give no access to its secrets, so none is granted"
            )
            return broken(subject, seen, _SWITCH)
        return good(subject, "Azure RBAC")

    return Check(subject, look, f"Give the bot Key Vault Reader on {vault.name}.")


def _is_refused(policy: Policy, locks: tuple[ResourceLock, ...]) -> bool:
    settings = VaultSettings(locks)
    return why_not_give(policy.scope, settings, allow_locked=policy.allow_locked) is not None


def _to(refused: Sequence[Policy]) -> str:
    names = [one.secret for one in refused if one.secret]
    if not names:
        return ""
    shown = names if len(names) <= _NAMED_AT_MOST else [f"{len(names)} secrets"]
    return f" to {listed(shown)}"


_NAMED_AT_MOST = 10
