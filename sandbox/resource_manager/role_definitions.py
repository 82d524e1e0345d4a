"""Azure Resource Manager: role definitions."""

import re

from sandbox import roles
from sandbox.calls import Call, Json, Reply, route
from sandbox.errors import arm_refusal
from sandbox.resource_manager.checks import authenticated
from sandbox.roles import RoleDefinition, find_role
from sandbox.state import State


def get_role_definition(state: State, call: Call, name: str, scope: str = "") -> Reply:
    """Return a role definition by its GUID."""
    caller = authenticated(state, call)
    role = find_role(name)
    if role is None:
        raise arm_refusal(
            404,
            "RoleDefinitionDoesNotExist",
            f"The specified role definition with ID '{name}' does not exist.",
        )
    headers = state.throttle.spend(call.method, caller.principal_id, call.now)
    return Reply(200, _shown_role(role, scope), headers)


def list_role_definitions(state: State, call: Call, scope: str = "") -> Reply:
    """List all role definitions, or those with one name (`roleName eq '…'`)."""
    caller = authenticated(state, call)
    wanted = re.search(r"roleName\s+eq\s+'(?P<name>[^']*)'", call.query.get("$filter", ""))
    found = [
        role for role in roles.BUILT_IN.values() if wanted is None or role.name == wanted["name"]
    ]
    headers = state.throttle.spend(call.method, caller.principal_id, call.now)
    return Reply(200, {"value": [_shown_role(role, scope) for role in found]}, headers)


def role_id(role: RoleDefinition, scope: str) -> str:
    """Return a role's ID under the scope's subscription, as shown by ARM."""
    subscription = re.match(r"/subscriptions/[^/]+", scope, re.IGNORECASE)
    return f"{subscription[0] if subscription else ''}{role.id}"


def _shown_role(role: RoleDefinition, scope: str) -> Json:
    return {
        "id": role_id(role, scope),
        "name": role.guid,
        "type": "Microsoft.Authorization/roleDefinitions",
        "properties": {
            "roleName": role.name,
            "type": "BuiltInRole",
            "description": role.description,
            "assignableScopes": ["/"],
            "permissions": [
                {
                    "actions": list(role.actions),
                    "notActions": list(role.not_actions),
                    "dataActions": list(role.data_actions),
                    "notDataActions": [],
                }
            ],
        },
    }


_PATH = "(?P<scope>/subscriptions/.+?)?/providers/Microsoft.Authorization/roleDefinitions"

ROUTES = (
    route("GET", _PATH, list_role_definitions),
    route("GET", f"{_PATH}/(?P<name>[^/]+)", get_role_definition),
)
