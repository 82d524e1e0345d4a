"""App Service: the settings of apps and slots, and their Key Vault references."""

from collections.abc import Mapping

from sandbox import roles
from sandbox.app_service.references import refresh, refresh_what_is_old
from sandbox.calls import Call, Json, Reply, route
from sandbox.errors import app_service_refusal, arm_refusal
from sandbox.resource_manager.checks import Authorized, authenticated, authorized
from sandbox.state import State
from sandbox.stored.sites import Resolution, StoredSite, spelling_of


def get_site(state: State, call: Call, scope: str, site: str, slot: str | None = None) -> Reply:
    """Return an app or a slot."""
    allowed, found = permitted(state, call, roles.READ_SITE, scope, site, slot)
    kind = "Microsoft.Web/sites/slots" if found.slot else "Microsoft.Web/sites"
    host = f"{found.name}-{found.slot}" if found.slot else found.name
    body: Json = {
        "id": found.scope,
        "name": f"{found.name}/{found.slot}" if found.slot else found.name,
        "type": kind,
        "kind": "app,linux",
        "location": "West Europe",
        "identity": {
            "type": "SystemAssigned" if found.identity else "None",
            "tenantId": state.seed.tenant_id,
            "principalId": found.identity,
        },
        "properties": {
            "state": "Running",
            "enabled": True,
            "defaultHostName": f"{host}.azurewebsites.net",
        },
    }
    return Reply(200, body, allowed.headers)


def list_settings(
    state: State, call: Call, scope: str, site: str, slot: str | None = None
) -> Reply:
    """Return all settings with their values."""
    allowed, found = permitted(state, call, roles.LIST_SETTINGS, scope, site, slot)
    return Reply(200, _settings(found), allowed.headers)


def replace_settings(
    state: State, call: Call, scope: str, site: str, slot: str | None = None
) -> Reply:
    """Replace all settings with the given ones and restart the app.

    A different spelling of a name renames the setting; two spellings of one name conflict.
    """
    allowed, found = permitted(state, call, roles.WRITE_SETTINGS, scope, site, slot)
    given = (call.json() or {}).get("properties")
    if not isinstance(given, dict) or not all(isinstance(one, str) for one in given.values()):
        raise arm_refusal(
            400, "BadRequest", "The request has to have 'properties', an object of strings."
        )
    require_idle(found, call, allowed)
    require_one_spelling(given, allowed)
    found.settings = dict(given)
    found.restarts += 1
    refresh(state, found, call.now)
    return Reply(200, _settings(found), allowed.headers)


def list_references(
    state: State, call: Call, scope: str, site: str, slot: str | None = None
) -> Reply:
    """Return the status of every Key Vault reference."""
    allowed, found = permitted(state, call, roles.READ_CONFIG, scope, site, slot)
    refresh_what_is_old(state, found, call.now)
    return Reply(200, _references(found), allowed.headers)


def get_reference(
    state: State, call: Call, scope: str, site: str, key: str, slot: str | None = None
) -> Reply:
    """Return the status of one Key Vault reference."""
    allowed, found = permitted(state, call, roles.READ_CONFIG, scope, site, slot)
    refresh_what_is_old(state, found, call.now)
    key = spelling_of(key, found.settings)
    resolution = found.resolutions.get(key)
    if resolution is None:
        raise arm_refusal(
            404, "NotFound", f"Cannot find a Key Vault reference for the app setting '{key}'."
        )
    return Reply(200, _reference(found, key, resolution), allowed.headers)


def refresh_references(
    state: State, call: Call, scope: str, site: str, slot: str | None = None
) -> Reply:
    """Re-resolve all references, without a restart."""
    allowed, found = permitted(state, call, roles.WRITE_SETTINGS, scope, site, slot)
    refresh(state, found, call.now)
    return Reply(200, _references(found), allowed.headers)


def require_idle(site: StoredSite, call: Call, allowed: Authorized) -> None:
    """Refuse a change while another operation is at work on the app."""
    if site.busy_until and call.now < site.busy_until:
        raise app_service_refusal(
            409,
            "Conflict",
            "Cannot modify this site because another operation is in progress. "
            f"Details: OperationName: SwapSiteSlots, SiteName: {site.name}",
            headers=allowed.headers,
        )


def require_one_spelling(given: Json, allowed: Authorized) -> None:
    """Refuse two names that differ in case alone."""
    seen: set[str] = set()
    for name in given:
        if name.lower() in seen:
            raise app_service_refusal(
                409,
                "Conflict",
                f"Parameter with name {name} already exists.",
                headers=allowed.headers,
            )
        seen.add(name.lower())


def permitted(
    state: State, call: Call, action: str, scope: str, name: str, slot: str | None
) -> tuple[Authorized, StoredSite]:
    """Find an app that the caller may do this to."""
    allowed = authorized(state, call, authenticated(state, call), action, scope)
    site = state.sites.get((name.lower(), (slot or "").lower()))
    if site is None or site.scope.lower() != scope.lower():
        raise arm_refusal(
            404,
            "ResourceNotFound",
            f"The resource '{scope}' was not found.",
            headers=allowed.headers,
        )
    return allowed, site


def _settings(site: StoredSite) -> Json:
    return {**config(site, "appsettings"), "properties": dict(site.settings)}


def _references(site: StoredSite) -> Json:
    return references_of(site, "appsettings", site.resolutions)


def _reference(site: StoredSite, key: str, resolution: Resolution) -> Json:
    return reference_of(site, "appsettings", key, resolution)


def references_of(site: StoredSite, what: str, resolutions: Mapping[str, Resolution]) -> Json:
    """Describe the state of the references among settings or connection strings."""
    return {
        "value": [reference_of(site, what, key, one) for key, one in resolutions.items()],
        "nextLink": None,
    }


def reference_of(site: StoredSite, what: str, key: str, resolution: Resolution) -> Json:
    """Describe the state of one reference."""
    reference = resolution.reference
    active = {"activeVersion": resolution.active_version} if site.says_active_versions else {}
    return {
        **config(site, f"configreferences/{what}/{key}"),
        "properties": {
            "reference": reference.text,
            "status": resolution.status,
            "vaultName": resolution.vault_name,
            "secretName": reference.secret,
            "secretVersion": reference.version,
            "identityType": {"type": "SystemAssigned"},
            "details": resolution.details,
            "source": "KeyVault",
            **active,
        },
    }


def config(site: StoredSite, path: str) -> Json:
    """Return what every resource under an app's configuration has."""
    kind = "Microsoft.Web/sites/slots/config" if site.slot else "Microsoft.Web/sites/config"
    return {
        "id": f"{site.scope}/config/{path}",
        "name": path.rsplit("/", 1)[-1],
        "type": kind,
        "location": "West Europe",
    }


SITE_PATH = (
    r"(?P<scope>/subscriptions/[^/]+/resourceGroups/[^/]+/providers/Microsoft\.Web"
    r"/sites/(?P<site>[^/]+)(?:/slots/(?P<slot>[^/]+))?)"
)
_REFERENCES = f"{SITE_PATH}/config/configreferences/appsettings"

ROUTES = (
    route("GET", SITE_PATH, get_site),
    route("POST", f"{SITE_PATH}/config/appsettings/list", list_settings),
    route("PUT", f"{SITE_PATH}/config/appsettings", replace_settings),
    route("GET", _REFERENCES, list_references),
    route("POST", f"{_REFERENCES}/refresh", refresh_references),
    route("GET", f"{_REFERENCES}/(?P<key>[^/]+)", get_reference),
)
