"""Azure Resource Manager: a caller's permissions at a scope."""

from sandbox import roles
from sandbox.calls import Call, Json, Reply, route
from sandbox.resource_manager.checks import authenticated, authorized
from sandbox.roles import RoleDefinition
from sandbox.state import State


def list_permissions(state: State, call: Call, scope: str) -> Reply:
    """List the permissions of each of the caller's roles at a scope.

    As in Azure, the assignments' conditions aren't included.
    """
    scope = scope.replace("//", "/")  # how the SDK writes a resource that has no parent
    caller = authenticated(state, call)
    allowed = authorized(state, call, caller, roles.READ_PERMISSIONS, scope)
    held = state.assignments.held_by(caller.principal_id, scope)
    return Reply(200, {"value": [_shown(one.role) for one in held]}, allowed.headers)


def _shown(role: RoleDefinition) -> Json:
    return {
        "actions": list(role.actions),
        "notActions": list(role.not_actions),
        "dataActions": list(role.data_actions),
        "notDataActions": [],
    }


ROUTES = (
    route(
        "GET",
        r"(?P<scope>/subscriptions/.+?)/providers/Microsoft\.Authorization/permissions",
        list_permissions,
    ),
)
