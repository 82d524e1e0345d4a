"""Microsoft Graph: looking people up."""

import re
from typing import Any

from sandbox.calls import Call, Json, Reply, route
from sandbox.errors import ApiError, graph_refusal
from sandbox.seed import User
from sandbox.state import State

RESOURCE = "https://graph.microsoft.com"
PERMISSIONS = {"User.Read.All", "Directory.Read.All"}
DEFAULT_FIELDS = ("id", "displayName", "mail", "userPrincipalName")
"""What Graph returns without `$select`: `accountEnabled` and `userType` aren't included."""

_EQUALS = re.compile(r"(?P<field>\w+)\s+eq\s+'(?P<text>(?:[^']|'')*)'", re.IGNORECASE)
_STARTS = re.compile(r"startswith\((?P<field>\w+)\s*,\s*'(?P<text>(?:[^']|'')*)'\)", re.IGNORECASE)
_OR = re.compile(r"\s+or\s+", re.IGNORECASE)


def get_user(state: State, call: Call, key: str) -> Reply:
    """Return a user by object ID or user principal name."""
    _permitted(state, call)
    wanted = key.lower()
    for user in state.directory.users.values():
        if wanted in (user.id.lower(), user.user_principal_name.lower()):
            return Reply(200, _selected(user, call))
    raise graph_refusal(
        404,
        "Request_ResourceNotFound",
        f"Resource '{key}' does not exist or one of its queried reference-property objects are"
        " not present.",
    )


def list_users(state: State, call: Call) -> Reply:
    """List all users, or those matching a filter of `eq` and `startswith` joined by `or`."""
    _permitted(state, call)
    users = list(state.directory.users.values())
    text = call.query.get("$filter", "").strip()
    if text:
        clauses = _OR.split(text)
        users = [one for one in users if any(_matches(_fields(one), each) for each in clauses)]
    return Reply(200, {"value": [_selected(one, call) for one in users]})


def get_organization(state: State, call: Call) -> Reply:
    """Return the tenant."""
    _permitted(state, call)
    tenant = {"id": state.seed.tenant_id, "displayName": state.seed.organization}
    return Reply(200, {"value": [tenant]})


def _permitted(state: State, call: Call) -> None:
    caller = state.tokens.read(call.bearer(), (RESOURCE, call.origin))
    if caller is None:
        raise graph_refusal(401, "InvalidAuthenticationToken", "Access token is empty or invalid.")
    principal = state.directory.service_principals.get(caller.principal_id.lower())
    held = set(principal.graph_permissions) if principal else set()
    if not state.knobs.graph_permitted or not held & PERMISSIONS:
        raise graph_refusal(
            403,
            "Authorization_RequestDenied",
            "Insufficient privileges to complete the operation.",
        )


def _fields(user: User) -> Json:
    return {
        "id": user.id,
        "displayName": user.display_name,
        "mail": user.mail or None,
        "userPrincipalName": user.user_principal_name,
        "accountEnabled": user.account_enabled,
        "userType": user.user_type,
    }


def _selected(user: User, call: Call) -> Json:
    known = _fields(user)
    asked = call.query.get("$select", "")
    names = [name.strip() for name in asked.split(",")] if asked else list(DEFAULT_FIELDS)
    return {name: known[name] for name in names if name in known}


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
