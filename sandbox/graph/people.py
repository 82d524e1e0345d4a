"""Microsoft Graph: looking people up."""

import re
from typing import Any

from sandbox.calls import Call, Json, Reply, route
from sandbox.errors import ApiError, graph_refusal
from sandbox.seed import User
from sandbox.state import State
from sandbox.tokens import GRAPH

RESOURCE = GRAPH
PERMISSIONS = {"User.Read.All", "Directory.Read.All"}
DEFAULT_FIELDS = ("id", "displayName", "mail", "userPrincipalName")
"""What Graph returns without `$select`: `accountEnabled` and `userType` aren't included."""

_EQUALS = re.compile(r"(?P<field>\w+)\s+eq\s+'(?P<text>(?:[^']|'')*)'", re.IGNORECASE)
_STARTS = re.compile(r"startswith\((?P<field>\w+)\s*,\s*'(?P<text>(?:[^']|'')*)'\)", re.IGNORECASE)
_OR = re.compile(r"\s+or\s+(?=(?:[^']*'[^']*')*[^']*$)", re.IGNORECASE)
"""Outside quotes: an even number of them follows."""


def get_user(state: State, call: Call, key: str) -> Reply:
    """Return a user by object ID or user principal name."""
    require(state, call, PERMISSIONS)
    wanted = key.lower()
    for user in state.directory.users.values():
        if wanted in (user.id.lower(), user.user_principal_name.lower()):
            return Reply(200, selected(user_fields(user), call, DEFAULT_FIELDS))
    raise not_found(key)


def list_users(state: State, call: Call) -> Reply:
    """List all users, or those matching a filter of `eq` and `startswith` joined by `or`."""
    require(state, call, PERMISSIONS)
    users = filtered([user_fields(one) for one in state.directory.users.values()], call)
    return Reply(200, {"value": [selected(one, call, DEFAULT_FIELDS) for one in users]})


def get_organization(state: State, call: Call) -> Reply:
    """Return the tenant."""
    require(state, call, PERMISSIONS)
    tenant = {"id": state.seed.tenant_id, "displayName": state.seed.organization}
    return Reply(200, {"value": [tenant]})


def require(state: State, call: Call, *permissions: set[str]) -> set[str]:
    """Return the caller's permissions; refuse a caller without one of each of these sets."""
    caller = state.tokens.read(call.bearer(), (RESOURCE, call.origin))
    if caller is None:
        raise graph_refusal(401, "InvalidAuthenticationToken", "Access token is empty or invalid.")
    principal = state.directory.service_principals.get(caller.principal_id.lower())
    held = set(principal.graph_permissions) if principal else set()
    if not state.knobs.graph_permitted or not all(held & each for each in permissions):
        raise graph_refusal(
            403,
            "Authorization_RequestDenied",
            "Insufficient privileges to complete the operation.",
        )
    return held


def not_found(key: str) -> ApiError:
    """Build the answer to a request about an object that doesn't exist."""
    return graph_refusal(
        404,
        "Request_ResourceNotFound",
        f"Resource '{key}' does not exist or one of its queried reference-property objects are"
        " not present.",
    )


def selected(known: Json, call: Call, default: tuple[str, ...]) -> Json:
    """Return the fields that `$select` names, or the default ones."""
    asked = call.query.get("$select", "")
    names = [name.strip() for name in asked.split(",")] if asked else default
    return {name: known[name] for name in names if name in known}


def filtered(objects: list[Json], call: Call) -> list[Json]:
    """Return the objects that match a filter of `eq` and `startswith` joined by `or`."""
    text = call.query.get("$filter", "").strip()
    clauses = _OR.split(text) if text else []
    return [one for one in objects if not text or any(_matches(one, each) for each in clauses)]


def user_fields(user: User) -> Json:
    """Return all that Graph knows about a user."""
    return {
        "id": user.id,
        "displayName": user.display_name,
        "mail": user.mail or None,
        "userPrincipalName": user.user_principal_name,
        "accountEnabled": user.account_enabled,
        "userType": user.user_type,
    }


def _matches(fields: dict[str, Any], clause: str) -> bool:
    equals, starts = _EQUALS.fullmatch(clause.strip()), _STARTS.fullmatch(clause.strip())
    match = equals or starts
    if match is None or match["field"] not in fields:
        raise _unsupported(clause)
    actual = str(fields[match["field"]] or "").lower()
    wanted = match["text"].replace("''", "'").lower()
    return actual == wanted if equals else actual.startswith(wanted)


def _unsupported(clause: str) -> ApiError:
    return graph_refusal(
        400, "Request_UnsupportedQuery", f"Unsupported or invalid query filter clause: {clause}"
    )


ROUTES = (
    route("GET", "/v1.0/users/(?P<key>[^/]+)", get_user),
    route("GET", "/v1.0/users", list_users),
    route("GET", "/v1.0/organization", get_organization),
)
