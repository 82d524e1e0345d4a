"""App Service: the connection strings of apps and slots, and their Key Vault references.

Refreshing an app's settings refreshes these too: App Service documents no separate refresh.
"""

from typing import Any

from sandbox import roles
from sandbox.app_service.references import refresh, refresh_what_is_old
from sandbox.app_service.settings import (
    SITE_PATH,
    config,
    permitted,
    reference_of,
    references_of,
    require_idle,
    require_one_spelling,
)
from sandbox.calls import Call, Json, Reply, route
from sandbox.errors import arm_refusal
from sandbox.state import State
from sandbox.stored.sites import ConnectionString, StoredSite, spelling_of

TYPES = frozenset(
    {
        "MySql", "SQLServer", "SQLAzure", "Custom", "NotificationHub", "ServiceBus", "EventHub",
        "ApiHub", "DocDb", "RedisCache", "PostgreSQL",
    }
)  # fmt: skip
"""App Service's `ConnectionStringType`."""


def list_connection_strings(
    state: State, call: Call, scope: str, site: str, slot: str | None = None
) -> Reply:
    """Return all connection strings with their values."""
    allowed, found = permitted(state, call, roles.LIST_SETTINGS, scope, site, slot)
    return Reply(200, _strings(found), allowed.headers)


def replace_connection_strings(
    state: State, call: Call, scope: str, site: str, slot: str | None = None
) -> Reply:
    """Replace all connection strings with the given ones, and restart the app."""
    allowed, found = permitted(state, call, roles.WRITE_SETTINGS, scope, site, slot)
    given = (call.json() or {}).get("properties")
    if not isinstance(given, dict) or not all(map(_is_connection_string, given.values())):
        raise arm_refusal(
            400, "BadRequest", "The request has to have 'properties', with a value and a type each."
        )
    require_idle(found, call, allowed)
    require_one_spelling(given, allowed)
    found.connection_strings = {
        name: ConnectionString(one["value"], one["type"]) for name, one in given.items()
    }
    found.restarts += 1
    refresh(state, found, call.now)
    return Reply(200, _strings(found), allowed.headers)


def list_references(
    state: State, call: Call, scope: str, site: str, slot: str | None = None
) -> Reply:
    """Return the state of every Key Vault reference among the connection strings."""
    allowed, found = permitted(state, call, roles.READ_CONFIG, scope, site, slot)
    refresh_what_is_old(state, found, call.now)
    listed = references_of(found, "connectionstrings", found.string_resolutions)
    return Reply(200, listed, allowed.headers)


def get_reference(
    state: State, call: Call, scope: str, site: str, key: str, slot: str | None = None
) -> Reply:
    """Return the state of one Key Vault reference."""
    allowed, found = permitted(state, call, roles.READ_CONFIG, scope, site, slot)
    refresh_what_is_old(state, found, call.now)
    key = spelling_of(key, found.connection_strings)
    resolution = found.string_resolutions.get(key)
    if resolution is None:
        raise arm_refusal(
            404, "NotFound", f"Cannot find a Key Vault reference for the connection string '{key}'."
        )
    return Reply(200, reference_of(found, "connectionstrings", key, resolution), allowed.headers)


def _is_connection_string(given: Any) -> bool:
    return (
        isinstance(given, dict)
        and isinstance(given.get("value"), str)
        and given.get("type") in TYPES
    )


def _strings(site: StoredSite) -> Json:
    strings = {
        name: {"value": one.value, "type": one.type}
        for name, one in site.connection_strings.items()
    }
    return {**config(site, "connectionstrings"), "properties": strings}


_REFERENCES = f"{SITE_PATH}/config/configreferences/connectionstrings"

ROUTES = (
    route("POST", f"{SITE_PATH}/config/connectionstrings/list", list_connection_strings),
    route("PUT", f"{SITE_PATH}/config/connectionstrings", replace_connection_strings),
    route("GET", _REFERENCES, list_references),
    route("GET", f"{_REFERENCES}/(?P<key>[^/]+)", get_reference),
)
