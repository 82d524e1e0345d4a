"""What the bot's own identity may do in Azure, by Azure Resource Manager's word."""

from http import HTTPStatus
from typing import Any

from azure.core.exceptions import HttpResponseError

from services.azure.assignments import SERVICE
from services.azure.errors import translated
from services.azure.rest import RestAdapter
from services.ports import Permission

_AUTHORIZATION = "/providers/Microsoft.Authorization"
_API_VERSION = {"api-version": "2022-04-01"}


class ArmRights(RestAdapter):
    """The bot's rights, behind ``services.ports.Rights``.

    Not by the SDK: it writes the id of a resource that has no parent with a double slash.
    """

    async def held(self, scope: str) -> list[Permission]:
        """List the permissions that the bot has at a scope, inherited ones included.

        Source: "Permissions - List For Resource" in Microsoft's reference of the Authorization API.
        """
        path = f"{scope}{_AUTHORIZATION}/permissions"
        with translated(SERVICE):
            return [_permission(one) for one in await self._list(path, _API_VERSION)]

    async def role_name(self, scope: str, role: str) -> str | None:
        """Name the role definition of a GUID; None where there is none."""
        path = f"{scope}{_AUTHORIZATION}/roleDefinitions/{role}"
        with translated(SERVICE):
            try:
                answer = await self._get(path, _API_VERSION)
            except HttpResponseError as error:
                if error.status_code == HTTPStatus.NOT_FOUND:
                    return None
                raise
        return str(answer.get("properties", {}).get("roleName") or role)


def _permission(shown: dict[str, Any]) -> Permission:
    return Permission(
        actions=tuple(shown.get("actions") or ()),
        not_actions=tuple(shown.get("notActions") or ()),
        data_actions=tuple(shown.get("dataActions") or ()),
        not_data_actions=tuple(shown.get("notDataActions") or ()),
    )
