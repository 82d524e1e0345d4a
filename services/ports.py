"""What the use cases need from Azure and Entra, as protocols; the adapters raise ``Fault``s."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import Enum, auto
from fnmatch import fnmatchcase
from typing import Protocol

from domain.access.assignment import Assignment
from domain.access.revocable import ResourceLock
from domain.people import Person
from domain.secrets import Vault


class SecretState(Enum):
    """What may be known of a secret without a right to its value."""

    UNKNOWN = auto()
    DISABLED = auto()
    ENABLED = auto()


class Secrets(Protocol):
    """A key vault's metadata."""

    async def state(self, vault: Vault, name: str) -> SecretState:
        """Say whether a secret exists and its newest version is enabled."""

    async def names(self, vault: Vault) -> Sequence[str]:
        """List the names of the vault's secrets."""

    async def tags(self, vault: Vault, name: str) -> Mapping[str, str]:
        """Return the tags of a secret's newest version; none where there is no such secret."""


@dataclass(frozen=True, slots=True)
class AssignmentFacts:
    """A role assignment as Azure shows it."""

    assignment: Assignment
    description: str
    created_at: datetime | None


class Assignments(Protocol):
    """Azure role assignments, each under the id that follows from its triple."""

    async def create(self, assignment: Assignment, description: str) -> None:
        """Make the assignment; one that exists under our id is left as it is.

        Raises StandingAccess where Azure says that the triple is assigned under another id:
        whoever draws conclusions from that reads it first (``standing``).
        """

    async def read(self, assignment: Assignment) -> AssignmentFacts | None:
        """Read the assignment under our id; None where there is none."""

    async def standing(self, assignment: Assignment) -> AssignmentFacts | None:
        """Read the assignment of the same triple under another id; None where none is shown."""

    async def delete(self, assignment: Assignment) -> bool:
        """Delete the assignment under our id; False where there was none."""

    async def list_ours(self, scope: str) -> list[AssignmentFacts]:
        """List the assignments at a scope and below it that lie under our ids."""


class VaultControls(Protocol):
    """What Azure Resource Manager says of a vault: who may change what, and by which model."""

    async def locks(self, vault_id: str) -> tuple[ResourceLock, ...]:
        """List the locks at a vault, above it and below it, by the vault's resource id."""

    async def uses_rbac(self, vault_id: str) -> bool:
        """Say whether role assignments count for the vault's secrets."""


class People(Protocol):
    """A source of people."""

    async def find(self, who: str) -> Person | None:
        """Find an enabled person by email, user principal name or Entra object id.

        Raises AccountDisabled where the account is there and disabled.
        """


@dataclass(frozen=True, slots=True)
class StandingRole:
    """A role that reads secrets, which somebody has without Latchkey."""

    role: str
    scope: str
    by_group: bool


class StandingRoles(Protocol):
    """What people can read without Latchkey."""

    async def of(self, person_id: str, vault_id: str) -> Sequence[StandingRole]:
        """List a person's reading roles at a vault, above it and at its secrets.

        Those of their groups are included; what Latchkey assigned, or has a condition, is not.
        """


@dataclass(frozen=True, slots=True)
class Permission:
    """What one of the bot's roles allows, as patterns of actions; ARM compares without case."""

    actions: tuple[str, ...] = ()
    not_actions: tuple[str, ...] = ()
    data_actions: tuple[str, ...] = ()
    not_data_actions: tuple[str, ...] = ()

    def allows(self, action: str) -> bool:
        return _any(self.actions, action) and not _any(self.not_actions, action)

    def allows_data(self, action: str) -> bool:
        return _any(self.data_actions, action) and not _any(self.not_data_actions, action)


def missing(held: Sequence[Permission], actions: Sequence[str]) -> list[str]:
    """Name the control-plane actions that none of these permissions allows."""
    return [action for action in actions if not any(one.allows(action) for one in held)]


def missing_data(held: Sequence[Permission], actions: Sequence[str]) -> list[str]:
    """Name the data-plane actions that none of these permissions allows."""
    return [action for action in actions if not any(one.allows_data(action) for one in held)]


def _any(patterns: Sequence[str], action: str) -> bool:
    return any(fnmatchcase(action.lower(), pattern.lower()) for pattern in patterns)


class Rights(Protocol):
    """What the bot's own identity may do, by Azure's own word; nothing is tried out."""

    async def held(self, scope: str) -> list[Permission]:
        """List the permissions that the bot has at a scope, inherited ones included.

        Azure does not tell the conditions of the assignments that they come from.
        """

    async def role_name(self, scope: str, role: str) -> str | None:
        """Name the role definition of a GUID; None where there is none."""


class AccountState(Enum):
    """How somebody's account stands in the directory."""

    ENABLED = auto()
    DISABLED = auto()
    UNKNOWN = auto()
    AMBIGUOUS = auto()


class Accounts(Protocol):
    """The directory of accounts, disabled ones too."""

    async def account(self, who: str) -> AccountState:
        """Say how the account of an email or an Entra object id stands."""


@dataclass(frozen=True, slots=True)
class ChannelTeam:
    """The team that a channel is in: its name, and the id of its group in Entra."""

    name: str
    group_id: str


class AuditChannel(Protocol):
    """The channel that everything is announced in."""

    async def reach(self) -> None:
        """Ask the channel something; raises Unavailable where it does not answer."""

    async def team(self) -> ChannelTeam | None:
        """Return the team that it is in; None where that is not known."""


class AzureTime(Protocol):
    """Azure's clock."""

    async def now(self) -> datetime:
        """Say what time it is in Azure, to the second."""
