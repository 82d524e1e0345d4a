"""Azure Resource Manager: the resource locks at a scope."""

import re

from sandbox import roles
from sandbox.calls import Call, Json, Reply, route
from sandbox.errors import arm_refusal
from sandbox.resource_manager.checks import authenticated, authorized
from sandbox.state import State
from sandbox.stored.assignments import is_within
from sandbox.stored.locks import StoredLock

_AT_SCOPE = re.compile(r"atScope\(\)", re.IGNORECASE)


def list_locks(state: State, call: Call, scope: str) -> Reply:
    """List the locks at, above and below a scope; only at and above it with `atScope()`."""
    allowed = authorized(state, call, authenticated(state, call), roles.READ_LOCKS, scope)
    wanted = call.query.get("$filter", "").strip()
    if wanted and not _AT_SCOPE.fullmatch(wanted):
        raise arm_refusal(400, "InvalidFilterInQueryString", f"Invalid $filter '{wanted}'.")
    found = [
        one
        for one in state.locks
        if is_within(scope, one.scope) or (not wanted and is_within(one.scope, scope))
    ]
    return Reply(200, {"value": [_shown(one) for one in found]}, allowed.headers)


def _shown(lock: StoredLock) -> Json:
    return {
        "id": lock.id,
        "name": lock.name,
        "type": "Microsoft.Authorization/locks",
        "properties": {"level": str(lock.level), "notes": lock.notes},
    }


ROUTES = (
    route(
        "GET",
        r"(?P<scope>/subscriptions/.+?)/providers/Microsoft\.Authorization/locks",
        list_locks,
    ),
)
