"""In-memory fakes of what checks use."""

from collections.abc import Iterable
from datetime import datetime

from domain.diagnosis import Finding
from services.operations.checks.check import Check
from services.ports import AccountState, Permission
from tests.support.fault_queue import FaultQueue

ADMINISTRATOR = Permission(
    actions=(
        "Microsoft.Authorization/roleAssignments/write",
        "Microsoft.Authorization/roleAssignments/delete",
        "*/read",
    )
)
OFFICER = Permission(data_actions=("Microsoft.KeyVault/vaults/secrets/*",))
CONTRIBUTOR = Permission(actions=("Microsoft.Web/sites/*",))


class FakeRights:
    """``services.ports.Rights`` with all permissions by default."""

    def __init__(self) -> None:
        self.permissions = [ADMINISTRATOR, OFFICER, CONTRIBUTOR]
        self.role: str | None = "Key Vault Secrets User"
        self.faults = FaultQueue()

    async def held(self, _: str) -> list[Permission]:
        with self.faults.around("held"):
            return self.permissions

    async def role_name(self, _: str, __: str) -> str | None:
        return self.role


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


async def look(checks: Iterable[Check], subject: str) -> Finding:
    """Run the check with this subject."""
    [check] = [one for one in checks if one.subject == subject]
    return await check.look()
