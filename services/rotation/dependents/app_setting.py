"""App settings of App Services."""

from collections.abc import Mapping
from typing import Protocol

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
"""App settings by name: any of them can be a secret, so all of them are masked."""


class AppSettings(Protocol):
    """The settings of App Services and their slots; each method raises AppGone where it is.

    App Service does not tell ``API_KEY`` from ``api_key``. ``read`` gives names as they are spelt.
    """

    async def read(self, app: AppSlot) -> Settings:
        """Read all settings."""

    async def replace(self, app: AppSlot, settings: Settings) -> None:
        """Put these settings in the place of all that there are; the app restarts.

        A name in another spelling renames the setting; two spellings of one name are Rejected.
        Raises AppBusy while another operation changes the app.
        """

    async def reference(self, app: AppSlot, setting: str) -> ReferenceState | None:
        """Say how one setting's Key Vault reference stands; None where it is none."""

    async def refresh(self, app: AppSlot) -> None:
        """Have the app resolve its Key Vault references again."""


class AppSettingTable(AppServiceTable):
    setting: SettingName

    def dependent(self, home: Home) -> Dependent:
        return self.at(home, self.setting, KIND.name)


KIND = DependentKind(
    name="app_setting",
    noun="setting",
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
