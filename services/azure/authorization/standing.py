"""Role assignments that people have without Latchkey, from Azure Resource Manager."""

from collections.abc import Iterable, Iterator
from typing import Any

from domain.access.assignment import READING_ROLES, Assignment
from services.azure.authorization.assignments import SERVICE
from services.azure.calls.errors import translated
from services.azure.calls.rest import RestAdapter
from services.ports import StandingRole

_API_VERSION = "2022-04-01"


class ArmStandingRoles(RestAdapter):
    """Standing access, behind ``services.ports.StandingRoles``."""

    async def of(self, person_id: str, vault_id: str) -> list[StandingRole]:
        """List a person's roles that can read secrets, at a vault, above it and at its secrets.

        ``assignedTo`` includes assignments through groups (Microsoft Learn, "List Azure role
        assignments using the REST API").
        """
        path = f"{vault_id}/providers/Microsoft.Authorization/roleAssignments"
        query = {"api-version": _API_VERSION, "$filter": f"assignedTo('{person_id}')"}
        with translated(SERVICE):
            return list(_roles(await self._list(path, query), person_id))


def _roles(found: Iterable[dict[str, Any]], person_id: str) -> Iterator[StandingRole]:
    for shown in found:
        properties = shown.get("properties") or {}
        role = str(properties.get("roleDefinitionId")).rpartition("/")[2].lower()
        principal, scope = str(properties.get("principalId")), str(properties.get("scope"))
        is_ours = Assignment(scope, principal, role).id == str(shown.get("name")).lower()
        # A condition isn't evaluated here, so such an assignment is left out rather than guessed.
        if role in READING_ROLES and not is_ours and not properties.get("condition"):
            yield StandingRole(role, scope, by_group=principal.lower() != person_id.lower())
