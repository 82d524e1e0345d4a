"""In-memory fakes of what checks use."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from domain.diagnosis import CheckStatus
from services.operations.checks.check import Check
from services.ports import AccountState, AssignmentUsage, Permission
from tests.services.operations.checks.untranslated import untranslated
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
        self.used = AssignmentUsage(100, 4_000)
        self.faults = FaultQueue()

    async def held(self, _: str) -> list[Permission]:
        with self.faults.around("held"):
            return self.permissions

    async def role_name(self, _: str, __: str) -> str | None:
        return self.role

    async def usage(self, _: str) -> AssignmentUsage:
        with self.faults.around("usage"):
            return self.used


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
