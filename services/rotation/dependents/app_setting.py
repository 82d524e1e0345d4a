"""App settings of App Services."""

from collections.abc import Mapping
from typing import Protocol

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

Settings = Mapping[str, SecretValue]
"""App settings by name; all are masked, since any of them can be a secret."""


class AppSettings(Protocol):
    """The settings of App Services and their slots; every method raises AppGone if there's no app.

    App Service treats ``API_KEY`` and ``api_key`` as one name. ``read`` returns the app's spelling.
    """

    async def read(self, app: AppSlot) -> Settings:
        """Read all settings."""

    async def replace(self, app: AppSlot, settings: Settings) -> None:
        """Replace all settings with these; the app restarts.

        A name in another spelling renames the setting; two spellings of one name are Rejected.
        Raises AppBusy while another operation changes the app.
        """

    async def reference(self, app: AppSlot, setting: str) -> ReferenceState | None:
        """Return the state of one setting's Key Vault reference; None if it isn't a reference."""

    async def refresh(self, app: AppSlot) -> None:
        """Make the app re-resolve its Key Vault references."""


class AppSettingTable(AppServiceTable):
    setting: SettingName

    def dependent(self, home: Home) -> Dependent:
        return self.at(home, self.setting, KIND.name)


KIND = DependentKind(
    name="app_setting",
    subject=mark("Setting {app} {name}"),
    absent=mark("the app's settings are readable, but this one isn't among them"),
    key="setting",
    table=AppSettingTable,
    role=ROLE,
    actions=ACTIONS,
)


class AppSettingDependents(Dependents):
    """The dependents that are app settings."""

    kind = KIND

    def __init__(self, settings: AppSettings) -> None:
        self._settings = settings

    async def read(self, app: AppSlot) -> Entries:
        found = await self._settings.read(app)
        return {name: DependentEntry(value) for name, value in found.items()}

    async def replace(self, app: AppSlot, entries: Entries) -> None:
        await self._settings.replace(app, {name: one.value for name, one in entries.items()})

    async def reference(self, app: AppSlot, name: str) -> ReferenceState | None:
        return await self._settings.reference(app, name)

    async def refresh(self, app: AppSlot) -> None:
        await self._settings.refresh(app)
