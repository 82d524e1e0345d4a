"""The owners of Entra app registrations, in Microsoft Graph."""

from urllib.parse import quote

from services.azure.errors import translated
from services.azure.graph import SERVICE
from services.azure.rest import RestAdapter


class GraphAppOwners(RestAdapter):
    """Owners, behind ``services.ports.AppOwners``; needs Application.ReadWrite.OwnedBy.

    Source: "List owners of an application" in Microsoft Graph's reference. A page has 100, and no
    application has more (Microsoft Learn, "Microsoft Entra service limits and restrictions").
    """

    async def has_bot(self, application: str) -> bool:
        """Return whether the bot's identity owns the application with this object ID."""
        path = f"/v1.0/applications/{quote(application, safe='')}/owners"
        with translated(SERVICE, codes_only=True):
            me = (await self._own_object_id()).lower()
            found = await self._get(path, {"$select": "id"})
            return any(str(one["id"]).lower() == me for one in found["value"])
