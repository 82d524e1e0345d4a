"""Azure Resource Manager: role assignments."""

import re
from collections.abc import Iterable
from typing import Any
from urllib.parse import urlencode

from sandbox import roles
from sandbox.calls import Call, Json, Reply, route
from sandbox.errors import ApiError, arm_refusal
from sandbox.resource_manager.checks import Authorized, authenticated, authorized
from sandbox.resource_manager.role_definitions import role_id
from sandbox.roles import RoleDefinition, find_role
from sandbox.state import State
from sandbox.stored.assignments import (
    StoredAssignment,
    is_guid,
    is_within,
    subscription_of,
)
from sandbox.stored.locks import require_deletable, require_writable

_FILTERS = {
    "at_scope": re.compile(r"atScope\(\)", re.IGNORECASE),
    "principal": re.compile(
        r"(?:principalId\s+eq\s+|assignedTo\(\s*)'(?P<id>[^']+)'\s*\)?", re.IGNORECASE
    ),
}
_AND = re.compile(r"\s+and\s+", re.IGNORECASE)
PAGE = 100
"""How many assignments fit in one answer."""


def put_assignment(state: State, call: Call, scope: str, name: str) -> Reply:
    """Create an assignment under a GUID chosen by the caller; repeating it changes nothing."""
    caller = authenticated(state, call)
    if not is_guid(name):
        raise arm_refusal(
            400,
            "InvalidRoleAssignmentId",
            f"The role assignment ID '{name}' is not valid. The role assignment ID must be a GUID.",
        )
    wanted = _properties(call)
    role = find_role(str(wanted.get("roleDefinitionId", "")))
    allowed = authorized(state, call, caller, roles.WRITE_ASSIGNMENT, scope, about_role=role)
    require_writable(state.locks, scope)
    if not state.known_scope(scope):
        raise _resource_not_found(scope)
    if role is None:
        raise arm_refusal(
            400,
            "RoleDefinitionDoesNotExist",
            "The specified role definition with ID"
            f" '{wanted.get('roleDefinitionId')}' does not exist.",
        )
    principal_id = str(wanted.get("principalId", ""))
    existing = state.assignments.get(scope, name)
    if existing is not None:
        return _put_again(existing, role, principal_id, wanted, allowed)
    _check_principal(state, principal_id, wanted.get("principalType"))
    if state.assignments.same_access(scope, principal_id, role) is not None:
        raise arm_refusal(409, "RoleAssignmentExists", "The role assignment already exists.")
    subscription = subscription_of(scope)
    if state.assignments.count(subscription) >= state.knobs.assignment_limit:
        raise arm_refusal(
            400,
            "RoleAssignmentLimitExceeded",
            "No more role assignments can be created. The limit of role assignments for the"
            " subscription has been reached.",
        )
    assignment = StoredAssignment(
        name,
        scope,
        principal_id,
        str(state.directory.type_of(principal_id)),
        role,
        wanted.get("description"),
        wanted.get("condition"),
        call.now,
        caller.principal_id,
    )
    state.assignments.add(assignment)
    return Reply(201, _shown(assignment), allowed.headers)


def get_assignment(state: State, call: Call, scope: str, name: str) -> Reply:
    """Return an assignment."""
    allowed = _allowed(state, call, roles.READ_ASSIGNMENT, scope)
    assignment = state.assignments.get(scope, name)
    if assignment is None:
        raise arm_refusal(
            404, "RoleAssignmentNotFound", f"The role assignment '{name}' is not found."
        )
    return Reply(200, _shown(assignment), allowed.headers)


def delete_assignment(state: State, call: Call, scope: str, name: str) -> Reply:
    """Delete an assignment and return it; 204 if there is none."""
    caller = authenticated(state, call)
    assignment = state.assignments.get(scope, name)
    if assignment is None:
        allowed = authorized(state, call, caller, roles.READ_ASSIGNMENT, scope)
        require_deletable(state.locks, scope)
        return Reply(204, None, allowed.headers)
    allowed = authorized(
        state, call, caller, roles.DELETE_ASSIGNMENT, scope, about_role=assignment.role
    )
    require_deletable(state.locks, scope)
    state.assignments.remove(assignment, call.now)
    return Reply(200, _shown(assignment), allowed.headers)


def list_assignments(state: State, call: Call, scope: str) -> Reply:
    """List the assignments at, above and below a scope; only at and above with `atScope()`."""
    allowed = _allowed(state, call, roles.READ_ASSIGNMENT, scope)
    found = [
        one
        for one in state.assignments.live.values()
        if is_within(scope, one.scope) or is_within(one.scope, scope)
    ]
    for clause in _clauses(call.query.get("$filter", "")):
        found = list(_filtered(found, clause, scope))
    return Reply(200, _page(found, call), allowed.headers)


def get_usage(state: State, call: Call, scope: str) -> Reply:
    """Return how many assignments a subscription holds, and how many it can hold."""
    allowed = _allowed(state, call, roles.READ_ASSIGNMENT, scope)
    count, limit = state.assignments.count(scope), state.knobs.assignment_limit
    usage = {
        "subscriptionId": scope.rpartition("/")[2],
        "roleAssignmentsLimit": limit,
        "roleAssignmentsCurrentCount": count,
        "roleAssignmentsRemainingCount": max(limit - count, 0),
    }
    return Reply(200, usage, allowed.headers)


def _page(found: list[StoredAssignment], call: Call) -> Json:
    """Return one page, with a link to the next."""
    token = call.query.get("$skipToken", "")
    if token and not token.isdecimal():
        raise arm_refusal(400, "InvalidSkipToken", f"The skip token '{token}' is not valid.")
    start = int(token or 0)
    end = start + PAGE
    page: Json = {"value": [_shown(one) for one in found[start:end]]}
    if end < len(found):
        kept = {name: text for name, text in call.query.items() if name != "$skipToken"}
        query = urlencode({**kept, "$skipToken": str(end)})
        page["nextLink"] = f"{call.origin}{call.path}?{query}"
    return page


def _allowed(state: State, call: Call, action: str, scope: str) -> Authorized:
    return authorized(state, call, authenticated(state, call), action, scope)


def _properties(call: Call) -> Json:
    properties = (call.json() or {}).get("properties")
    if not isinstance(properties, dict):
        raise arm_refusal(
            400, "InvalidRequestContent", "The request content is not valid: 'properties' missing."
        )
    return properties


def _put_again(
    existing: StoredAssignment,
    role: RoleDefinition,
    principal_id: str,
    wanted: Json,
    allowed: Authorized,
) -> Reply:
    same = (
        existing.role is role
        and existing.principal_id.lower() == principal_id.lower()
        and existing.description == wanted.get("description")
        and existing.condition == wanted.get("condition")
    )
    if not same:
        raise arm_refusal(
            400,
            "RoleAssignmentUpdateNotPermitted",
            "Tenant ID, application ID, principal ID, and scope are not allowed to be updated.",
        )
    return Reply(200, _shown(existing), allowed.headers)


def _check_principal(state: State, principal_id: str, given_type: Any) -> None:
    actual_type = state.directory.type_of(principal_id)
    if actual_type is None or not state.directory.has_reached_azure(principal_id):
        raise arm_refusal(
            400,
            "PrincipalNotFound",
            f"Principal {principal_id.replace('-', '')} does not exist in the directory"
            f" {state.seed.tenant_id}. Check that you have the correct principal ID. If you are"
            " creating this principal and then immediately assigning a role, this error might be"
            " related to a replication delay.",
        )
    if given_type is not None and given_type != actual_type:
        raise arm_refusal(
            400,
            "UnmatchedPrincipalType",
            f"The PrincipalId '{principal_id}' has type '{actual_type}', which is different from"
            f" the specified PrincipalType '{given_type}'.",
        )


def _clauses(text: str) -> list[str]:
    return [clause.strip() for clause in _AND.split(text.strip()) if clause.strip()]


def _filtered(
    found: Iterable[StoredAssignment], clause: str, scope: str
) -> Iterable[StoredAssignment]:
    if _FILTERS["at_scope"].fullmatch(clause):
        return (one for one in found if is_within(scope, one.scope))
    principal = _FILTERS["principal"].fullmatch(clause)
    if principal is None:
        raise arm_refusal(400, "UnsupportedQuery", f"The filter '{clause}' is not supported.")
    wanted = principal["id"].lower()
    return (one for one in found if one.principal_id.lower() == wanted)


def _resource_not_found(scope: str) -> ApiError:
    return arm_refusal(404, "ResourceNotFound", f"The resource '{scope}' was not found.")


def _shown(assignment: StoredAssignment) -> Json:
    created_on = assignment.created_on.isoformat()
    return {
        "id": assignment.id,
        "name": assignment.name,
        "type": "Microsoft.Authorization/roleAssignments",
        "properties": {
            "scope": assignment.scope,
            "roleDefinitionId": role_id(assignment.role, assignment.scope),
            "principalId": assignment.principal_id,
            "principalType": assignment.principal_type,
            "description": assignment.description,
            "condition": assignment.condition,
            "conditionVersion": "2.0" if assignment.condition else None,
            "createdOn": created_on,
            "updatedOn": created_on,
            "createdBy": assignment.created_by,
            "updatedBy": assignment.created_by,
            "delegatedManagedIdentityResourceId": None,
        },
    }


_SCOPE = r"(?P<scope>/subscriptions/.+?)"
_AUTHORIZATION = "/providers/Microsoft.Authorization"
_NAME = "/(?P<name>[^/]+)"

ROUTES = (
    route(
        "GET",
        f"(?P<scope>/subscriptions/[^/]+){_AUTHORIZATION}/roleAssignmentsUsageMetrics",
        get_usage,
    ),
    route("PUT", f"{_SCOPE}{_AUTHORIZATION}/roleAssignments{_NAME}", put_assignment),
    route("GET", f"{_SCOPE}{_AUTHORIZATION}/roleAssignments{_NAME}", get_assignment),
    route("DELETE", f"{_SCOPE}{_AUTHORIZATION}/roleAssignments{_NAME}", delete_assignment),
    route("GET", f"{_SCOPE}{_AUTHORIZATION}/roleAssignments", list_assignments),
)
