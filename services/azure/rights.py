"""The permissions of the bot's own identity, from Azure Resource Manager."""

from http import HTTPStatus
from typing import Any

from azure.core.credentials_async import AsyncTokenCredential
from azure.core.exceptions import HttpResponseError

from services.azure.assignments import PUBLIC_ENDPOINT, SERVICE
from services.azure.errors import translated
from services.azure.pipeline import Pipeline
from services.azure.rest import RestClient
from services.ports import Permission

_AUTHORIZATION = "/providers/Microsoft.Authorization"
_API_VERSION = {"api-version": "2022-04-01"}


class ArmRights:
    """The bot's permissions, behind ``services.ports.Rights``.

    Without the SDK: it builds a double slash into the ID of a resource that has no parent.
    """

    def __init__(
        self,
        credential: AsyncTokenCredential,
        pipeline: Pipeline,
        *,
        endpoint: str = PUBLIC_ENDPOINT,
        token_scope: str = f"{PUBLIC_ENDPOINT}/.default",
    ) -> None:
        """Take the bot's identity, its connections, and the cloud's resource manager."""
        self._client = RestClient(credential, pipeline, endpoint=endpoint, token_scope=token_scope)

    async def held(self, scope: str) -> list[Permission]:
        """List the bot's permissions at a scope, including inherited ones.

        Source: "Permissions - List For Resource" in Microsoft's reference of the Authorization API.
        """
        path = f"{scope}{_AUTHORIZATION}/permissions"
        with translated(SERVICE):
            answer = await self._client.get(path, _API_VERSION)
            permissions = [_permission(one) for one in answer.get("value", ())]
            while following := answer.get("nextLink"):
                answer = await self._client.get(str(following), {})
                permissions += [_permission(one) for one in answer.get("value", ())]
        return permissions

    async def role_name(self, scope: str, role: str) -> str | None:
        """Return the name of the role definition with a GUID; None if there is none."""
        path = f"{scope}{_AUTHORIZATION}/roleDefinitions/{role}"
        with translated(SERVICE):
            try:
                answer = await self._client.get(path, _API_VERSION)
            except HttpResponseError as error:
                if error.status_code == HTTPStatus.NOT_FOUND:
                    return None
                raise
        return str(answer.get("properties", {}).get("roleName") or role)

    async def close(self) -> None:
        """Close the client."""
        await self._client.close()


def _permission(shown: dict[str, Any]) -> Permission:
    return Permission(
        actions=tuple(shown.get("actions") or ()),
        not_actions=tuple(shown.get("notActions") or ()),
        data_actions=tuple(shown.get("dataActions") or ()),
        not_data_actions=tuple(shown.get("notDataActions") or ()),
    )
