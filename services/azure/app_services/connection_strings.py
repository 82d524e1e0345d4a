"""The connection strings of App Services and their slots, in Azure Resource Manager."""

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
from services.rotation.dependents.kind import DependentEntry, Entries, ReferenceState

if TYPE_CHECKING:
    from azure.mgmt.web import models, types


class AppServiceConnectionStrings(AppServiceConfig):
    """Connection strings, behind ``dependents.connection_string.ConnectionStrings``."""

    async def read(self, app: AppSlot) -> Entries:
        """Read all connection strings."""
        with faults(app):
            web = await self._web(app)
            if app.slot:
                return _masked(
                    await web.list_connection_strings_slot(app.resource_group, app.name, app.slot)
                )
            return _masked(await web.list_connection_strings(app.resource_group, app.name))

    async def replace(self, app: AppSlot, strings: Entries) -> None:
        """Replace all connection strings with these; the app restarts. Sent only once."""
        with faults(app, changes=True):
            web = await self._web(app)
            if app.slot:
                await web.update_connection_strings_slot(
                    app.resource_group, app.name, app.slot, _revealed(strings), retry_total=0
                )
            else:
                await web.update_connection_strings(
                    app.resource_group, app.name, _revealed(strings), retry_total=0
                )

    async def reference(self, app: AppSlot, name: str) -> ReferenceState | None:
        """Return the state of a connection string's Key Vault reference; None if it isn't one."""
        with faults(app):
            try:
                return state_of(await self._found_reference(app, name))
            except ResourceNotFoundError as error:
                if is_no_reference(error):
                    return None
                raise

    async def _found_reference(self, app: AppSlot, name: str) -> "models.ApiKVReference":
        web = await self._web(app)
        if app.slot:
            return await web.get_site_connection_string_key_vault_reference_slot(
                app.resource_group, app.name, name, app.slot
            )
        return await web.get_site_connection_string_key_vault_reference(
            app.resource_group, app.name, name
        )


def _masked(found: "models.ConnectionStringDictionary") -> Entries:
    return {
        name: DependentEntry(SecretValue(one.value), str(getattr(one.type, "value", one.type)))
        for name, one in (found.properties or {}).items()
    }


def _revealed(strings: Entries) -> "types.ConnectionStringDictionary":
    return {
        "properties": {
            name: {"value": one.value.reveal(), "type": one.type} for name, one in strings.items()
        }
    }
