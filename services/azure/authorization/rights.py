"""The permissions of the bot's own identity, from Azure Resource Manager."""

from http import HTTPStatus
from typing import Any

from azure.core.exceptions import HttpResponseError

from domain.access.role_conditions import RoleAction
from services.azure.authorization.assignments import SERVICE
from services.azure.calls.errors import translated
from services.azure.calls.rest import RestAdapter
from services.ports import AssignmentUsage, Delegation, Permission, missing

_AUTHORIZATION = "/providers/Microsoft.Authorization"
_API_VERSION = {"api-version": "2022-04-01"}
_USAGE_VERSION = {"api-version": "2019-08-01-preview"}
_ALL = tuple(RoleAction)


class ArmRights(RestAdapter):
    """The bot's permissions, behind ``services.ports.Rights``.

    Without the SDK: it builds a double slash into the ID of a resource that has no parent.
    """

    async def held(self, scope: str) -> list[Permission]:
        """List the bot's permissions at a scope, including inherited ones.

        Source: "Permissions - List For Resource" in Microsoft's reference of the Authorization API.
        """
        path = f"{scope}{_AUTHORIZATION}/permissions"
        with translated(SERVICE):
            return [_permission(one) for one in await self._list(path, _API_VERSION)]

    async def delegations(self, scope: str) -> list[Delegation]:
        """List what lets the bot assign or remove roles at a scope, including what is inherited.

        The bot's groups are included. Source: Microsoft Learn, "List Azure role assignments using
        the REST API": conditions come from 2022-04-01 on.
        """
        with translated(SERVICE):
            me = (await self._own_identity()).object_id
            mine = f"atScope() and assignedTo('{me}')"
            path, query = f"{scope}{_AUTHORIZATION}/roleAssignments", {**_API_VERSION}
            found = await self._list(path, query | {"$filter": mine})
            return [one for shown in found for one in await self._delegated(shown["properties"])]

    async def _delegated(self, assignment: dict[str, Any]) -> list[Delegation]:
        """Return what an assignment lets the bot do with others."""
        role = await self._get(str(assignment["roleDefinitionId"]), _API_VERSION)
        allowed = [_permission(one) for one in role["properties"]["permissions"]]
        actions = frozenset(set(RoleAction) - {RoleAction(one) for one in missing(allowed, _ALL)})
        return [Delegation(actions, assignment.get("condition") or "")] if actions else []

    async def role_name(self, scope: str, role: str) -> str | None:
        """Return the name of the role definition with a GUID; None if there is none."""
        path = f"{scope}{_AUTHORIZATION}/roleDefinitions/{role}"
        with translated(SERVICE):
            try:
                answer = await self._get(path, _API_VERSION)
            except HttpResponseError as error:
                if error.status_code == HTTPStatus.NOT_FOUND:
                    return None
                raise
        return str(answer.get("properties", {}).get("roleName") or role)

    async def usage(self, subscription: str) -> AssignmentUsage:
        """Count the role assignments in a subscription; needs to read them there.

        Source: "Role Assignment Metrics - Get Metrics For Subscription" in Microsoft's reference
        of the Authorization API.
        """
        path = f"{subscription}{_AUTHORIZATION}/roleAssignmentsUsageMetrics"
        with translated(SERVICE):
            answer = await self._get(path, _USAGE_VERSION)
            return AssignmentUsage(
                int(answer["roleAssignmentsCurrentCount"]), int(answer["roleAssignmentsLimit"])
            )


def _permission(shown: dict[str, Any]) -> Permission:
    return Permission(
        actions=tuple(shown.get("actions") or ()),
        not_actions=tuple(shown.get("notActions") or ()),
        data_actions=tuple(shown.get("dataActions") or ()),
        not_data_actions=tuple(shown.get("notDataActions") or ()),
    )
