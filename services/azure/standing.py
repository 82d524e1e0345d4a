"""Role assignments that people have without Latchkey, from Azure Resource Manager."""

from collections.abc import Iterator
from typing import Any

from azure.core.credentials_async import AsyncTokenCredential

from domain.access.assignment import READING_ROLES, Assignment
from services.azure.assignments import PUBLIC_ENDPOINT, SERVICE
from services.azure.errors import translated
from services.azure.pipeline import Pipeline
from services.azure.rest import RestClient
from services.ports import StandingRole

_API_VERSION = "2022-04-01"


class ArmStandingRoles:
    """Standing access, behind ``services.ports.StandingRoles``."""

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

    async def of(self, person_id: str, vault_id: str) -> list[StandingRole]:
        """List a person's roles that can read secrets, at a vault, above it and at its secrets.

        ``assignedTo`` includes assignments through groups (Microsoft Learn, "List Azure role
        assignments using the REST API").
        """
        path = f"{vault_id}/providers/Microsoft.Authorization/roleAssignments"
        query = {"api-version": _API_VERSION, "$filter": f"assignedTo('{person_id}')"}
        with translated(SERVICE):
            answer = await self._client.get(path, query)
            found = list(_roles(answer, person_id))
            while following := answer.get("nextLink"):
                answer = await self._client.get(str(following), {})
                found += _roles(answer, person_id)
        return found

    async def close(self) -> None:
        """Close the client."""
        await self._client.close()


def _roles(answer: dict[str, Any], person_id: str) -> Iterator[StandingRole]:
    for shown in answer.get("value", ()):
        properties = shown.get("properties") or {}
        role = str(properties.get("roleDefinitionId")).rpartition("/")[2].lower()
        principal, scope = str(properties.get("principalId")), str(properties.get("scope"))
        is_ours = Assignment(scope, principal, role).id == str(shown.get("name")).lower()
        # A condition isn't evaluated here, so such an assignment is left out rather than guessed.
        if role in READING_ROLES and not is_ours and not properties.get("condition"):
            yield StandingRole(role, scope, by_group=principal.lower() != person_id.lower())
