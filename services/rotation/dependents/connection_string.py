"""Connection strings of App Services: each has a type, which says what it connects to."""

from typing import Annotated, Protocol

from domain.phrases import mark
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
    """The connection strings of App Services and their slots; see ``AppSettings``.

    An entry's ``type`` is one of ``TYPES``. Every method raises AppGone if there's no such app.
    """

    async def read(self, app: AppSlot) -> Entries:
        """Read all connection strings."""

    async def replace(self, app: AppSlot, strings: Entries) -> None:
        """Replace all connection strings with these; the app restarts.

        Two spellings of one name are Rejected. Raises AppBusy while another operation changes the
        app.
        """

    async def reference(self, app: AppSlot, name: str) -> ReferenceState | None:
        """Return the state of one string's Key Vault reference; None if it isn't a reference."""

    async def refresh(self, app: AppSlot) -> None:
        """Make the app re-resolve its Key Vault references."""


def _type(given: str) -> str:
    by_lower = {each.lower(): each for each in TYPES}
    if given.lower() not in by_lower:
        raise ValueError(f"one of {', '.join(TYPES)}")
    return by_lower[given.lower()]


class ConnectionStringTable(AppServiceTable):
    connection_string: SettingName
    type: Annotated[str, text(_type)] | None = None
    """The type of a connection string that a rotation adds; an existing one keeps its type."""

    def dependent(self, home: Home) -> Dependent:
        return self.at(home, self.connection_string, KIND.name, type=self.type or "")


KIND = DependentKind(
    name="connection_string",
    subject=mark("Connection string {app} {name}"),
    absent=mark("the app's connection strings are readable, but this one isn't among them"),
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
