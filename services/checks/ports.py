"""What checks need to see, as protocols; the adapters raise ``Fault``s."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import Enum, auto
from fnmatch import fnmatchcase
from typing import Protocol


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
