"""What the use cases need from Azure and Entra, as protocols; adapters raise ``Fault``s."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import Enum, auto
from fnmatch import fnmatchcase
from typing import Protocol

from domain.access.assignment import Assignment
from domain.access.revocable import ResourceLock
from domain.access.role_conditions import RoleAction
from domain.people import Group, Person
from domain.secrets import Vault


class SecretState(Enum):
    """What can be known about a secret without permission to read its value."""

    UNKNOWN = auto()
    DISABLED = auto()
    ENABLED = auto()


class Secrets(Protocol):
    """A key vault's metadata."""

    async def state(self, vault: Vault, name: str) -> SecretState:
        """Return whether a secret exists and its newest version is enabled."""

    async def names(self, vault: Vault) -> Sequence[str]:
        """List the names of the vault's secrets."""

    async def tags(self, vault: Vault, name: str) -> Mapping[str, str]:
        """Return the tags of a secret's newest version; empty if the secret doesn't exist."""


@dataclass(frozen=True, slots=True)
class AssignmentFacts:
    """A role assignment as Azure shows it."""

    assignment: Assignment
    description: str
    created_at: datetime | None


class Assignments(Protocol):
    """Azure role assignments, each with an ID derived from its triple."""

    async def create(self, assignment: Assignment, description: str) -> None:
        """Create the assignment; an existing one under our ID is left unchanged.

        Raises StandingAccess if Azure reports the triple under another ID. Read it with
        ``standing`` before relying on that.
        """

    async def read(self, assignment: Assignment) -> AssignmentFacts | None:
        """Read the assignment under our ID, or None."""

    async def standing(self, assignment: Assignment) -> AssignmentFacts | None:
        """Read the assignment of the same triple under another ID, or None if not shown."""

    async def delete(self, assignment: Assignment) -> bool:
        """Delete the assignment under our ID; False if there was none."""

    async def list_ours(self, scope: str) -> list[AssignmentFacts]:
        """List the assignments at and below a scope that have our IDs."""


class VaultControls(Protocol):
    """A vault's locks and permission model in Azure Resource Manager."""

    async def locks(self, vault_id: str) -> tuple[ResourceLock, ...]:
        """List the locks at, above and below a vault, by its resource ID."""

    async def uses_rbac(self, vault_id: str) -> bool:
        """Return whether role assignments apply to the vault's secrets."""


class People(Protocol):
    """A source of people."""

    async def find(self, who: str) -> Person | None:
        """Find an enabled person by email, user principal name or Entra object ID.

        Raises AccountDisabled if the account exists but is disabled.
        """


class Groups(Protocol):
    """The directory's groups; members of nested groups count as members."""

    async def find(self, who: str) -> Group | None:
        """Find a group by object ID or display name; None if unknown.

        Raises Rejected if several groups have this name.
        """

    async def memberships(self, person_id: str, group_ids: Sequence[str]) -> frozenset[str]:
        """Return the groups among these object IDs that a person belongs to, nested or not."""

    async def members(self, group_id: str, most: int) -> tuple[Person, ...]:
        """List up to ``most`` enabled people in a group, ordered by object ID."""


@dataclass(frozen=True, slots=True)
class StandingRole:
    """A role with access to secrets that someone has without Latchkey."""

    role: str
    scope: str
    by_group: bool


class StandingRoles(Protocol):
    """Access to secrets that people have without Latchkey."""

    async def of(self, person_id: str, vault_id: str) -> Sequence[StandingRole]:
        """List a person's roles with read access at a vault, above it and at its secrets.

        Roles of their groups are included; Latchkey's own and conditional ones aren't.
        """


@dataclass(frozen=True, slots=True)
class Permission:
    """What one of the bot's roles allows, as action patterns; ARM ignores case."""

    actions: tuple[str, ...] = ()
    not_actions: tuple[str, ...] = ()
    data_actions: tuple[str, ...] = ()
    not_data_actions: tuple[str, ...] = ()

    def allows(self, action: str) -> bool:
        return _any(self.actions, action) and not _any(self.not_actions, action)

    def allows_data(self, action: str) -> bool:
        return _any(self.data_actions, action) and not _any(self.not_data_actions, action)


def missing(held: Sequence[Permission], actions: Sequence[str]) -> list[str]:
    """List the control-plane actions that none of these permissions allows."""
    return [action for action in actions if not any(one.allows(action) for one in held)]


def missing_data(held: Sequence[Permission], actions: Sequence[str]) -> list[str]:
    """List the data-plane actions that none of these permissions allows."""
    return [action for action in actions if not any(one.allows_data(action) for one in held)]


def _any(patterns: Sequence[str], action: str) -> bool:
    return any(fnmatchcase(action.lower(), pattern.lower()) for pattern in patterns)


@dataclass(frozen=True, slots=True)
class AssignmentUsage:
    """How many role assignments a subscription has, and how many Azure allows it."""

    count: int
    limit: int


@dataclass(frozen=True, slots=True)
class Delegation:
    """One of the bot's rights to assign or remove roles, with its condition, if any."""

    actions: frozenset[RoleAction]
    condition: str = ""


class Rights(Protocol):
    """The permissions of the bot's identity according to Azure; nothing is tried out."""

    async def held(self, scope: str) -> list[Permission]:
        """List the bot's permissions at a scope, including inherited ones.

        Azure doesn't return the conditions of the role assignments behind them: see
        ``delegations``.
        """

    async def delegations(self, scope: str) -> list[Delegation]:
        """List what lets the bot assign or remove roles at a scope, including what is inherited."""

    async def role_name(self, scope: str, role: str) -> str | None:
        """Return the name of a role definition by GUID, or None if it doesn't exist."""

    async def usage(self, subscription: str) -> AssignmentUsage:
        """Count the role assignments in a subscription, by its ARM scope."""


class AppOwners(Protocol):
    """The owners of app registrations."""

    async def may_change(self, application: str) -> bool:
        """Return whether the bot's identity owns the application with this object ID.

        Also True if it may change all applications. Raises Rejected if there is no such one.
        """


class AccountState(Enum):
    """The state of an account in the directory."""

    ENABLED = auto()
    DISABLED = auto()
    UNKNOWN = auto()
    AMBIGUOUS = auto()


class Accounts(Protocol):
    """The directory of accounts, including disabled ones."""

    async def account(self, who: str) -> AccountState:
        """Return the state of the account with this email or Entra object ID."""


@dataclass(frozen=True, slots=True)
class ChannelTeam:
    """A channel's team: its name and the ID of its Entra group."""

    name: str
    group_id: str


class AuditChannel(Protocol):
    """The channel that gets all audit messages."""

    async def reach(self) -> None:
        """Send a request to the channel; raises Unavailable if it doesn't answer."""

    async def team(self) -> ChannelTeam | None:
        """Return the channel's team, or None if it isn't known."""


class AzureTime(Protocol):
    """Azure's clock."""

    async def now(self) -> datetime:
        """Return Azure's current time, to the second."""
