"""The rights that the bot needs in Azure and Entra, according to the rules."""

from dataclasses import dataclass

from domain.rotation.rotation import AppSlot
from domain.secrets import Vault
from services.policies import Policies
from services.rotation.issuers.issuer import NO_RIGHTS, IssuerRights
from services.rotation.kinds import RotationKinds


@dataclass(frozen=True, slots=True)
class VaultRoles:
    """A vault in which access is granted, and the GUIDs of the roles, in order."""

    vault: Vault
    roles: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class NeededRights:
    """All of them; ``dependents`` are apps with the names of the roles on them."""

    vaults: tuple[VaultRoles, ...]
    rotated: tuple[tuple[Vault, str], ...]
    dependents: tuple[tuple[AppSlot, str], ...]
    issuers: tuple[IssuerRights, ...]


def vault_roles(policies: Policies) -> tuple[VaultRoles, ...]:
    """List the vaults in which access can be granted; the deployment's own vault comes first."""
    vaults: dict[str, Vault] = {}
    roles: dict[str, set[str]] = {}
    for policy in (policies.defaults, *policies.all()):
        key = policy.vault.resource_id.lower()
        vaults.setdefault(key, policy.vault)
        roles.setdefault(key, set()).add(policy.role)
    return tuple(VaultRoles(vault, tuple(sorted(roles[key]))) for key, vault in vaults.items())


def needed_rights(policies: Policies, kinds: RotationKinds) -> NeededRights:
    """List what the rules need, each once."""
    rotations = list(policies.rotated())
    dependents = {
        (app.id.lower(), role): (app, role)
        for rotation in rotations
        for one in rotation.dependents
        for app, role in [(_whole(one.app), kinds.dependents[one.kind].role)]
    }
    issuers = (kinds.issuers[one.issuer].needs(one.options) for one in rotations)
    return NeededRights(
        vaults=vault_roles(policies),
        rotated=tuple((one.vault, one.secret) for one in rotations),
        dependents=tuple(dependents.values()),
        issuers=tuple(dict.fromkeys(one for one in issuers if one != NO_RIGHTS)),
    )


def _whole(app: AppSlot) -> AppSlot:
    """Return the app of a slot: roles are given on the app, and hold for its slots."""
    return AppSlot(app.subscription, app.resource_group, app.name)
