"""What each part needs from Azure, as protocols that adapters, and fakes in tests, implement."""

from collections.abc import Mapping
from dataclasses import dataclass

from services.access.reads.read_log import ReadLog
from services.ports import (
    Accounts,
    AppOwners,
    Assignments,
    AzureTime,
    Groups,
    People,
    Rights,
    Secrets,
    StandingRoles,
    VaultControls,
)
from services.rotation.dependents.kind import Dependents
from services.rotation.issuers.issuer import Issuer
from services.rotation.secret_versions import SecretVersions
from services.rotation.steps.health_checks import HealthChecks


@dataclass(frozen=True, slots=True, kw_only=True)
class AccessPorts:
    """What access requests need."""

    secrets: Secrets
    assignments: Assignments
    controls: VaultControls
    standing: StandingRoles
    reads: ReadLog | None = None
    """The vaults' log, if a workspace is configured that they send it to."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RotationPorts:
    """What rotations need."""

    versions: SecretVersions
    dependents: Mapping[str, Dependents]
    health: HealthChecks
    issuers: Mapping[str, Issuer]


@dataclass(frozen=True, slots=True, kw_only=True)
class CheckPorts:
    """What `doctor` needs in addition."""

    rights: Rights
    accounts: Accounts
    owners: AppOwners
    time: AzureTime


@dataclass(frozen=True, slots=True, kw_only=True)
class AzurePorts:
    """Everything that the bot needs from Azure."""

    people: People
    groups: Groups
    access: AccessPorts
    rotation: RotationPorts
    checks: CheckPorts
