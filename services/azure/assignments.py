"""Role assignments in Azure Resource Manager, each under an id that follows from its triple."""

import re

from azure.core.credentials_async import AsyncTokenCredential
from azure.core.exceptions import HttpResponseError, ResourceNotFoundError
from azure.mgmt.authorization.v2022_04_01.aio import AuthorizationManagementClient
from azure.mgmt.authorization.v2022_04_01.models import (
    PrincipalType,
    RoleAssignment,
    RoleAssignmentCreateParameters,
)

from domain.access.assignment import Assignment, is_within
from domain.access.revocable import describe_place
from services.azure.errors import cause_of, code_of, status_of, translated
from services.azure.pipeline import Pipeline
from services.faults import Fault, LimitReached, Locked, Rejected, StandingAccess, Unavailable
from services.ports import AssignmentFacts

SERVICE = "Azure role assignments"

# What ARM answers with 404 when there is nothing under the id, or nothing that it could be on.
# Other codes, such as SubscriptionNotFound, are said of what the bot merely cannot see.
_GONE = frozenset({"RoleAssignmentNotFound", "ResourceNotFound", "ResourceGroupNotFound"})

_LOCKED = re.compile(r"scope\(s\) are locked: '(?P<scopes>[^']+)'", re.IGNORECASE)

_FULL = frozenset({"RoleAssignmentLimitExceeded", "RoleDefinitionLimitExceeded"})

_BY_POLICY = "RequestDisallowedByPolicy"
"""Said with 403, though no right is missing: it stays so until somebody changes Azure Policy."""


class ArmAssignments:
    """Role assignments at resources and secrets, behind ``services.ports.Assignments``."""

    def __init__(
        self,
        credential: AsyncTokenCredential,
        pipeline: Pipeline,
        *,
        endpoint: str,
        token_scope: str,
    ) -> None:
        """Take the bot's identity, its connections, and the cloud's resource manager."""
        self._client = AuthorizationManagementClient(
            credential,
            subscription_id="",  # only listings of a whole subscription would use it
            base_url=endpoint,
            credential_scopes=[token_scope],
            **pipeline.client_options(),
        )

    async def create(self, assignment: Assignment, description: str) -> None:
        """Make the assignment; one that exists under our id is left as it is.

        Raises StandingAccess where the triple is assigned under another id, and Unavailable where
        the principal has not been replicated to Azure yet.
        """
        parameters = RoleAssignmentCreateParameters(
            role_definition_id=_role_definition_id(assignment),
            principal_id=assignment.principal_id,
            principal_type=PrincipalType.USER,  # spares Azure a look-up that replication delays
            description=description,
        )
        with translated(SERVICE, changes=True, known=_known):
            try:
                await self._client.role_assignments.create(
                    _path(assignment), assignment.id, parameters
                )
            except HttpResponseError as error:
                await self._accept(error, assignment)

    async def read(self, assignment: Assignment) -> AssignmentFacts | None:
        """Read the assignment under our id; None where there is none."""
        with translated(SERVICE):
            try:
                found = await self._client.role_assignments.get(_path(assignment), assignment.id)
            except ResourceNotFoundError as error:
                if code_of(error) in _GONE:
                    return None
                raise
        return AssignmentFacts(
            _assignment(found, assignment), found.description or "", found.created_on
        )

    async def standing(self, assignment: Assignment) -> AssignmentFacts | None:
        """Read the assignment of the same triple under another id; None where none is shown."""
        with translated(SERVICE):
            listing = self._client.role_assignments.list_for_scope(
                _path(assignment), filter=f"principalId eq '{assignment.principal_id}'"
            )
            found = [_facts(one) async for one in listing]
        others = (
            facts
            for name, facts in found
            if facts.assignment.id == assignment.id and name != assignment.id
        )
        return next(others, None)

    async def delete(self, assignment: Assignment) -> bool:
        """Delete the assignment under our id; False where there was none.

        Also False where the answer to a first attempt was lost and the SDK's second found nothing.
        """
        with translated(SERVICE, changes=True, known=_known):
            try:
                deleted = await self._client.role_assignments.delete(
                    _path(assignment), assignment.id
                )
            except ResourceNotFoundError as error:
                if code_of(error) in _GONE:
                    return False
                raise
        return deleted is not None

    async def list_ours(self, scope: str) -> list[AssignmentFacts]:
        """List the assignments at a scope and below it that lie under our ids.

        Without a filter Azure lists what is at, above and below a scope; ``atScope()`` would leave
        those of single secrets out (Microsoft Learn, "List Azure role assignments using the REST
        API"). No id of somebody else's follows from its own triple.
        """
        with translated(SERVICE):
            listing = self._client.role_assignments.list_for_scope(scope.lstrip("/"))
            found = [_facts(one) async for one in listing]
        return [
            facts
            for name, facts in found
            if name == facts.assignment.id and is_within(facts.assignment.scope, scope)
        ]

    async def close(self) -> None:
        """Close the client."""
        await self._client.close()

    async def _accept(self, error: HttpResponseError, assignment: Assignment) -> None:
        """Return where a refused creation left what was wanted; raise what it means otherwise."""
        match code_of(error):
            case "RoleAssignmentExists":
                if await self.read(assignment) is None:
                    raise StandingAccess(SERVICE, cause_of(error))
            case "RoleAssignmentUpdateNotPermitted":
                # Ours, with the description of an earlier grant; or deleted since.
                facts = await self.read(assignment)
                if facts is None:
                    raise Unavailable(SERVICE, cause_of(error), outcome_unknown=False)
                if facts.assignment != assignment:
                    raise error
            case "PrincipalNotFound":
                raise Unavailable(SERVICE, cause_of(error), outcome_unknown=False)
            case _:
                raise error


def _known(error: Exception) -> Fault | None:
    """Return what Azure names as the reason of a refusal; None for what is not particular."""
    if not isinstance(error, HttpResponseError):
        return None
    status, code = status_of(error), code_of(error) or ""
    if code == "ScopeLocked":
        scopes = _locked_scopes(error)
        where = " and ".join(f"the {describe_place(scope)}" for scope in scopes)
        cause = f"{status} {code}: {where} is locked" if where else cause_of(error)
        return Locked(SERVICE, cause, scopes, status=status or 409, code=code)
    if code in _FULL:
        return LimitReached(SERVICE, cause_of(error), status=status, code=code)
    if code == _BY_POLICY:
        return Rejected(SERVICE, cause_of(error), status=status, code=code)
    return None


def _locked_scopes(error: HttpResponseError) -> tuple[str, ...]:
    """Read the locked scopes from Azure's message; empty if it doesn't name them."""
    message = error.error.message if error.error else None
    found = _LOCKED.search(message or "")
    return tuple(found["scopes"].split(",")) if found else ()


def _path(assignment: Assignment) -> str:
    """Return the scope as the SDK puts it after a slash."""
    return assignment.scope.lstrip("/")


def _role_definition_id(assignment: Assignment) -> str:
    _, _, subscription_id, *_ = assignment.scope.split("/")
    return (
        f"/subscriptions/{subscription_id}/providers/Microsoft.Authorization"
        f"/roleDefinitions/{assignment.role}"
    )


def _assignment(found: RoleAssignment, wanted: Assignment) -> Assignment:
    """Return the triple that was found: as we spell it where only the case differs."""
    seen = _triple(found)
    return wanted if seen.id == wanted.id else seen


def _triple(found: RoleAssignment) -> Assignment:
    return Assignment(
        scope=str(found.scope),
        principal_id=str(found.principal_id),
        role=str(found.role_definition_id).rpartition("/")[2],
    )


def _facts(found: RoleAssignment) -> tuple[str, AssignmentFacts]:
    """Return the name under which an assignment lies, and what it is."""
    facts = AssignmentFacts(_triple(found), found.description or "", found.created_on)
    return str(found.name).lower(), facts
