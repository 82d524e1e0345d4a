"""In-memory fakes of what checks use."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from domain.access.role_conditions import RoleAction
from domain.diagnosis import CheckStatus
from services.operations.checks.check import Check
from services.ports import AccountState, AssignmentUsage, Delegation, Permission
from tests.services.operations.checks.untranslated import untranslated
from tests.support.fault_queue import FaultQueue

SECRETS_USER = "4633458b-17de-408a-b874-0445c86b69e6"
ADMINISTRATOR = Permission(
    actions=(
        "Microsoft.Authorization/roleAssignments/write",
        "Microsoft.Authorization/roleAssignments/delete",
        "*/read",
    )
)
OFFICER = Permission(data_actions=("Microsoft.KeyVault/vaults/secrets/*",))
CONTRIBUTOR = Permission(actions=("Microsoft.Web/sites/*",))


def naming(*roles: str) -> str:
    """Return a condition that lets these roles be assigned and removed, and no others."""
    of_role = "[Microsoft.Authorization/roleAssignments:RoleDefinitionId]"
    is_named = f"{of_role} ForAnyOfAnyValues:GuidEquals {{{', '.join(roles)}}}"
    return " AND ".join(
        f"(!(ActionMatches{{'{action}'}}) OR @{source}{is_named})"
        for action, source in ((RoleAction.ASSIGN, "Request"), (RoleAction.REMOVE, "Resource"))
    )


class FakeRights:
    """``services.ports.Rights`` with all permissions by default."""

    def __init__(self) -> None:
        self.permissions = [ADMINISTRATOR, OFFICER, CONTRIBUTOR]
        self.delegated = [Delegation(frozenset(RoleAction), naming(SECRETS_USER))]
        self.role: str | None = "Key Vault Secrets User"
        self.used = AssignmentUsage(100, 4_000)
        self.faults = FaultQueue()

    async def held(self, _: str) -> list[Permission]:
        with self.faults.around("held"):
            return self.permissions

    async def delegations(self, _: str) -> list[Delegation]:
        with self.faults.around("delegations"):
            return self.delegated

    async def role_name(self, _: str, __: str) -> str | None:
        return self.role

    async def usage(self, _: str) -> AssignmentUsage:
        with self.faults.around("usage"):
            return self.used


class FakeOwners:
    """``services.ports.AppOwners`` where the bot owns every application, or none."""

    def __init__(self) -> None:
        self.is_owner = True
        self.faults = FaultQueue()

    async def may_change(self, _: str) -> bool:
        with self.faults.around("may_change"):
            return self.is_owner


class FakeAccounts:
    """``services.ports.Accounts`` where everyone is enabled by default."""

    def __init__(self) -> None:
        self.states: dict[str, AccountState] = {}
        self.faults = FaultQueue()

    async def account(self, who: str) -> AccountState:
        with self.faults.around("account"):
            return self.states.get(who, AccountState.ENABLED)


class FakeTime:
    """``services.ports.AzureTime``."""

    def __init__(self, at: datetime) -> None:
        self.at = at

    async def now(self) -> datetime:
        return self.at


@dataclass(frozen=True, slots=True)
class InEnglish:
    """A finding as English readers see it."""

    health: CheckStatus
    seen: str
    remedy: str


async def look(checks: Iterable[Check], subject: str) -> InEnglish:
    """Run the check with this subject; what it finds can be read in any language."""
    [check] = [one for one in checks if str(one.subject) == subject]
    found = await check.look()
    assert untranslated(found) == []
    return InEnglish(found.health, str(found.seen), str(found.remedy or ""))
