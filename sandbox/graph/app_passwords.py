"""Microsoft Graph: the client secrets of app registrations."""

from datetime import UTC, datetime, timedelta
from typing import Any

from sandbox.calls import Call, Json, Reply, route
from sandbox.errors import graph_refusal
from sandbox.graph.people import RESOURCE
from sandbox.state import State
from sandbox.stored.applications import Password, StoredApplication

ALL = {"Application.ReadWrite.All", "Directory.ReadWrite.All"}
OWN = "Application.ReadWrite.OwnedBy"
_SERVICE_PRINCIPAL = "#microsoft.graph.servicePrincipal"
VALID_FOR = timedelta(days=730)
"""How long a client secret is valid by default."""


def get_application(state: State, call: Call, key: str) -> Reply:
    """Return an app registration; its client secrets come without their values."""
    application = _permitted(state, call, key, only_reads=True)
    known: Json = {
        "id": application.id,
        "appId": application.client_id,
        "displayName": application.display_name,
        "passwordCredentials": [_shown(one) for one in application.passwords],
    }
    names = [name.strip() for name in call.query.get("$select", "").split(",") if name.strip()]
    return Reply(200, {name: known[name] for name in names or known if name in known})


def list_owners(state: State, call: Call, key: str) -> Reply:
    """List the owners of an app registration."""
    application = _permitted(state, call, key, only_reads=True)
    owners = [{"@odata.type": _SERVICE_PRINCIPAL, "id": owner} for owner in application.owners]
    return Reply(200, {"value": owners})


def add_password(state: State, call: Call, key: str) -> Reply:
    """Create a client secret and return its value, the only time it is shown."""
    application = _permitted(state, call, key)
    wanted = (call.json() or {}).get("passwordCredential") or {}
    start = _time(wanted.get("startDateTime")) or call.now
    end = _time(wanted.get("endDateTime")) or start + VALID_FOR
    if end <= start:
        raise graph_refusal(
            400, "Request_BadRequest", "Property endDateTime has to be later than startDateTime."
        )
    password = application.add_password(wanted.get("displayName"), start, end)
    return Reply(200, {**_shown(password), "secretText": password.value})


def remove_password(state: State, call: Call, key: str) -> Reply:
    """Remove a client secret."""
    application = _permitted(state, call, key)
    key_id = str((call.json() or {}).get("keyId", ""))
    if not application.remove_password(key_id):
        raise graph_refusal(
            400, "Request_BadRequest", f"No password credential found with keyId {key_id}."
        )
    return Reply(204)


def _permitted(
    state: State, call: Call, key: str, *, only_reads: bool = False
) -> StoredApplication:
    """Return the application if the caller can manage all of them or owns this one.

    Whoever can manage those that they own can read all others, as in Graph.
    """
    caller = state.tokens.read(call.bearer(), (RESOURCE, call.origin))
    if caller is None:
        raise graph_refusal(401, "InvalidAuthenticationToken", "Access token is empty or invalid.")
    principal = state.directory.service_principals.get(caller.principal_id.lower())
    held = set(principal.graph_permissions) if principal else set()
    application = state.applications.get(key.lower())
    owned = application is not None and caller.principal_id in application.owners
    if not held & ALL and not (OWN in held and (owned or only_reads or application is None)):
        raise graph_refusal(
            403,
            "Authorization_RequestDenied",
            "Insufficient privileges to complete the operation.",
        )
    if application is None:
        raise graph_refusal(
            404,
            "Request_ResourceNotFound",
            f"Resource '{key}' does not exist or one of its queried reference-property objects are"
            " not present.",
        )
    return application


def _shown(password: Password) -> Json:
    return {
        "customKeyIdentifier": None,
        "displayName": password.display_name,
        "startDateTime": _text(password.start),
        "endDateTime": _text(password.end),
        "hint": password.hint,
        "keyId": password.key_id,
        "secretText": None,
    }


def _time(text: Any) -> datetime | None:
    if text is None:
        return None
    try:
        time = datetime.fromisoformat(text)
    except (TypeError, ValueError):
        raise graph_refusal(400, "Request_BadRequest", f"{text} is not a time.") from None
    return time.replace(tzinfo=UTC) if time.tzinfo is None else time


def _text(time: datetime) -> str:
    return time.astimezone(UTC).isoformat().replace("+00:00", "Z")


_APPLICATION = "/v1.0/applications/(?P<key>[^/]+)"

ROUTES = (
    route("GET", _APPLICATION, get_application),
    route("GET", f"{_APPLICATION}/owners", list_owners),
    route("POST", f"{_APPLICATION}/addPassword", add_password),
    route("POST", f"{_APPLICATION}/removePassword", remove_password),
)
