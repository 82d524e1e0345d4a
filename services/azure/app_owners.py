"""The owners of Entra app registrations, in Microsoft Graph."""

from urllib.parse import quote

from services.azure.errors import translated
from services.azure.graph import SERVICE
from services.azure.rest import RestAdapter

_OF_ALL = ("Application.ReadWrite.All", "Directory.ReadWrite.All")


class GraphAppOwners(RestAdapter):
    """Owners, behind ``services.ports.AppOwners``; needs Application.ReadWrite.OwnedBy.

    Source: "List owners of an application" in Microsoft Graph's reference. A page has 100, and no
    application has more (Microsoft Learn, "Microsoft Entra service limits and restrictions").
    """

    async def may_change(self, application: str) -> bool:
        """Return whether the bot owns the application, or may change all applications."""
        path = f"/v1.0/applications/{quote(application, safe='')}/owners"
        with translated(SERVICE, codes_only=True):
            me = await self._own_identity()
            found = await self._get(path, {"$select": "id"})
            is_owner = any(str(one["id"]).lower() == me.object_id.lower() for one in found["value"])
            return is_owner or not me.permissions.isdisjoint(_OF_ALL)
