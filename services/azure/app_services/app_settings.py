"""The settings of App Services and their slots, in Azure Resource Manager."""

from typing import TYPE_CHECKING

from azure.core.exceptions import ResourceNotFoundError

from domain.rotation.rotation import AppSlot
from domain.secrets import SecretValue
from services.azure.app_services.app_service import (
    AppServiceConfig,
    faults,
    is_no_reference,
    state_of,
)
from services.rotation.dependents.app_setting import Settings
from services.rotation.dependents.kind import ReferenceState

if TYPE_CHECKING:
    from azure.mgmt.web import models, types


class AppServiceSettings(AppServiceConfig):
    """App settings, behind ``services.rotation.dependents.app_setting.AppSettings``."""

    async def read(self, app: AppSlot) -> Settings:
        """Read all settings."""
        with faults(app):
            web = await self._web(app)
            if app.slot:
                return _masked(
                    await web.list_application_settings_slot(app.resource_group, app.name, app.slot)
                )
            return _masked(await web.list_application_settings(app.resource_group, app.name))

    async def replace(self, app: AppSlot, settings: Settings) -> None:
        """Replace all settings with these; the app restarts.

        Without the SDK's retries: settings have no ETag, so anyone who retries should read them
        again first.
        """
        with faults(app, changes=True):
            web = await self._web(app)
            if app.slot:
                await web.update_application_settings_slot(
                    app.resource_group, app.name, app.slot, _revealed(settings), retry_total=0
                )
            else:
                await web.update_application_settings(
                    app.resource_group, app.name, _revealed(settings), retry_total=0
                )

    async def reference(self, app: AppSlot, setting: str) -> ReferenceState | None:
        """Return the state of a setting's Key Vault reference; None if it isn't one.

        App Service resolves it some seconds after a change or a refresh; this is the state so far.
        """
        with faults(app):
            try:
                return state_of(await self._found_reference(app, setting))
            except ResourceNotFoundError as error:
                if is_no_reference(error):
                    return None
                raise

    async def _found_reference(self, app: AppSlot, setting: str) -> "models.ApiKVReference":
        web = await self._web(app)
        if app.slot:
            return await web.get_app_setting_key_vault_reference_slot(
                app.resource_group, app.name, setting, app.slot
            )
        return await web.get_app_setting_key_vault_reference(app.resource_group, app.name, setting)


def _masked(found: "models.StringDictionary") -> Settings:
    return {name: SecretValue(value) for name, value in (found.properties or {}).items()}


def _revealed(settings: Settings) -> "types.StringDictionary":
    return {"properties": {name: value.reveal() for name, value in settings.items()}}
