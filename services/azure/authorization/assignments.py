"""Role assignments in Azure Resource Manager, each with an ID derived from its triple."""

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
from domain.access.request import NO_ROOM
from domain.access.revocable import describe_place
from services.azure.calls.errors import cause_of, code_of, status_of, translated
from services.azure.calls.pipeline import Pipeline
from services.faults import Fault, LimitReached, Locked, Rejected, StandingAccess, Unavailable
from services.ports import AssignmentFacts

SERVICE = "Azure role assignments"

# ARM's 404 codes for an assignment, a resource or a resource group that doesn't exist. It answers
# other codes, such as SubscriptionNotFound, for things that the bot just can't see.
_GONE = frozenset({"RoleAssignmentNotFound", "ResourceNotFound", "ResourceGroupNotFound"})

_LOCKED = re.compile(r"scope\(s\) are locked: '(?P<scopes>[^']+)'", re.IGNORECASE)


_BY_POLICY = "RequestDisallowedByPolicy"
"""Comes with a 403 although no permission is missing; it lasts until someone changes the policy."""


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
            subscription_id="",  # only used to list a whole subscription
            base_url=endpoint,
            credential_scopes=[token_scope],
            **pipeline.client_options(),
        )

    async def create(self, assignment: Assignment, description: str) -> None:
        """Create the assignment; one that exists under our ID is left as it is.

        Raises StandingAccess if the triple is assigned under another ID, and Unavailable if the
        principal isn't replicated to Azure yet.
        """
        parameters = RoleAssignmentCreateParameters(
            role_definition_id=_role_definition_id(assignment),
            principal_id=assignment.principal_id,
            principal_type=PrincipalType.USER,  # saves Azure a lookup that replication delays
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
        """Read the assignment under our ID; None if there is none."""
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
        """Find an assignment of the same triple under another ID; None if Azure lists none."""
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
        """Delete the assignment under our ID; False if there was none.

        Also False if the answer to the first attempt was lost and the SDK's retry found nothing.
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
        """List the assignments at a scope and below it that have our IDs.

        Without a filter Azure lists what is at, above and below a scope; ``atScope()`` would leave
        out those of single secrets (Microsoft Learn, "List Azure role assignments using the REST
        API"). Nobody else derives an assignment's ID from its triple.
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
        """Return if the assignment exists although its creation was refused; raise otherwise."""
        match code_of(error):
            case "RoleAssignmentExists":
                if await self.read(assignment) is None:
                    raise StandingAccess(SERVICE, cause_of(error))
            case "RoleAssignmentUpdateNotPermitted":
                # It is ours, with the description of an earlier grant, or it was deleted since.
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
    """Return a fault for the refusals that Azure explains with a code; None for the rest."""
    if not isinstance(error, HttpResponseError):
        return None
    status, code = status_of(error), code_of(error) or ""
    if code == "ScopeLocked":
        scopes = _locked_scopes(error)
        where = " and ".join(f"the {describe_place(scope)}" for scope in scopes)
        cause = f"{status} {code}: {where} is locked" if where else cause_of(error)
        return Locked(SERVICE, cause, scopes, status=status or 409, code=code)
    if code == NO_ROOM:
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
    """Return the scope without its slash; the SDK adds one."""
    return assignment.scope.lstrip("/")


def _role_definition_id(assignment: Assignment) -> str:
    _, _, subscription_id, *_ = assignment.scope.split("/")
    return (
        f"/subscriptions/{subscription_id}/providers/Microsoft.Authorization"
        f"/roleDefinitions/{assignment.role}"
    )


def _assignment(found: RoleAssignment, wanted: Assignment) -> Assignment:
    """Return the triple that was found, in our spelling if only the case differs."""
    seen = _triple(found)
    return wanted if seen.id == wanted.id else seen


def _triple(found: RoleAssignment) -> Assignment:
    return Assignment(
        scope=str(found.scope),
        principal_id=str(found.principal_id),
        role=str(found.role_definition_id).rpartition("/")[2],
    )


def _facts(found: RoleAssignment) -> tuple[str, AssignmentFacts]:
    """Return an assignment's name and facts."""
    facts = AssignmentFacts(_triple(found), found.description or "", found.created_on)
    return str(found.name).lower(), facts
