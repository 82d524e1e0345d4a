"""Connection strings of App Services: each has a type, which says what it connects to."""

from typing import Annotated, Protocol

from domain.rotation.rotation import AppSlot, Dependent
from domain.secrets import SecretValue
from services.rotation.dependents.app_service import ACTIONS, ROLE, AppServiceTable, SettingName
from services.rotation.dependents.kind import (
    DependentEntry,
    DependentKind,
    Dependents,
    Entries,
    Home,
    ReferenceState,
)
from services.toml import text

TYPES = (
    "ApiHub", "Custom", "DocDb", "EventHub", "MySql", "NotificationHub", "PostgreSQL",
    "RedisCache", "SQLAzure", "SQLServer", "ServiceBus",
)  # fmt: skip
"""App Service's ``ConnectionStringType``."""

USUAL_TYPE = "Custom"


class ConnectionStrings(Protocol):
    """The connection strings of App Services and their slots, as ``AppSettings`` has settings.

    An entry's ``type`` is one of ``TYPES``. Each method raises AppGone where there is no app.
    """

    async def read(self, app: AppSlot) -> Entries:
        """Read all connection strings."""

    async def replace(self, app: AppSlot, strings: Entries) -> None:
        """Put these in the place of all that there are; the app restarts.

        Two spellings of one name are Rejected. Raises AppBusy while another operation changes the
        app.
        """

    async def reference(self, app: AppSlot, name: str) -> ReferenceState | None:
        """Say how one connection string's Key Vault reference stands; None where it is none."""

    async def refresh(self, app: AppSlot) -> None:
        """Have the app resolve its Key Vault references again."""


def _type(given: str) -> str:
    by_lower = {each.lower(): each for each in TYPES}
    if given.lower() not in by_lower:
        raise ValueError(f"one of {', '.join(TYPES)}")
    return by_lower[given.lower()]


class ConnectionStringTable(AppServiceTable):
    connection_string: SettingName
    type: Annotated[str, text(_type)] | None = None
    """What one that a rotation adds is; one that is there keeps its own."""

    def dependent(self, home: Home) -> Dependent:
        return self.at(home, self.connection_string, KIND.name, type=self.type or "")


KIND = DependentKind(
    name="connection_string",
    noun="connection string",
    key="connection_string",
    table=ConnectionStringTable,
    role=ROLE,
    actions=ACTIONS,
)


class ConnectionStringDependents(Dependents):
    """The dependents that are connection strings."""

    kind = KIND

    def __init__(self, strings: ConnectionStrings) -> None:
        self._strings = strings

    async def read(self, app: AppSlot) -> Entries:
        return await self._strings.read(app)

    async def replace(self, app: AppSlot, entries: Entries) -> None:
        await self._strings.replace(app, entries)

    async def reference(self, app: AppSlot, name: str) -> ReferenceState | None:
        return await self._strings.reference(app, name)

    async def refresh(self, app: AppSlot) -> None:
        await self._strings.refresh(app)

    def made(self, dependent: Dependent, value: SecretValue) -> DependentEntry:
        return DependentEntry(value, dict(dependent.options).get("type", USUAL_TYPE))
