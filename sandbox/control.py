"""The sandbox's own API, for tests and for its page; loopback needs no authentication."""

from dataclasses import asdict, fields, replace
from datetime import timedelta
from pathlib import Path

from sandbox.calls import Call, Json, Reply, route
from sandbox.errors import ApiError
from sandbox.faults import FaultError, fault_from_json
from sandbox.planting import plant
from sandbox.prepared import BY_KEY, Prepared
from sandbox.seed import DirectoryGroup, User
from sandbox.snapshot import snapshot
from sandbox.state import Knobs, State
from sandbox.stored.locks import Level, StoredLock

_PAGE = Path(__file__).parent / "page"


def show_page(state: State, call: Call) -> Reply:  # noqa: ARG001 - a handler's shape
    """Return the page that shows the sandbox's contents live."""
    return _file("page.html", "text/html")


def show_style(state: State, call: Call) -> Reply:  # noqa: ARG001 - a handler's shape
    """Return the page's style sheet."""
    return _file("page.css", "text/css")


def show_script(state: State, call: Call) -> Reply:  # noqa: ARG001 - a handler's shape
    """Return the page's script."""
    return _file("page.js", "text/javascript")


def show_sign_in_style(state: State, call: Call) -> Reply:  # noqa: ARG001 - a handler's shape
    """Return the style sheet of the sign-in page."""
    return _file("sign-in.css", "text/css")


def get_state(state: State, call: Call) -> Reply:
    """Return a snapshot of everything that exists, without any value."""
    return Reply(200, snapshot(state, call.now))


def reset(state: State, call: Call) -> Reply:
    """Recreate everything from the seed."""
    plant(state, {vault.name: vault.url for vault in state.vaults.values()}, call.now)
    return Reply(204)


def get_requests(state: State, call: Call) -> Reply:  # noqa: ARG001 - a handler's shape
    """Return the requests made so far, oldest first."""
    return Reply(
        200, {"requests": [{**asdict(one), "at": one.at.isoformat()} for one in state.log]}
    )


def forget_requests(state: State, call: Call) -> Reply:  # noqa: ARG001 - a handler's shape
    """Clear the log."""
    state.log.clear()
    return Reply(204)


def add_fault(state: State, call: Call) -> Reply:
    """Order a fault, using the fields of `faults.Fault`."""
    try:
        fault = fault_from_json(_object(call))
    except FaultError as error:
        raise _bad_request(str(error)) from error
    state.faults.add(fault)
    return Reply(201, {"id": fault.id})


def clear_faults(state: State, call: Call) -> Reply:  # noqa: ARG001 - a handler's shape
    """Clear all faults and release the requests that hang."""
    state.faults.clear()
    return Reply(204)


def switch_on(state: State, call: Call, key: str) -> Reply:  # noqa: ARG001 - a handler's shape
    """Switch a prepared fault on."""
    _prepared(key).switch_on(state)
    return Reply(204)


def switch_off(state: State, call: Call, key: str) -> Reply:  # noqa: ARG001 - a handler's shape
    """Switch a prepared fault off."""
    _prepared(key).switch_off(state)
    return Reply(204)


def turn_knobs(state: State, call: Call) -> Reply:
    """Set the given knobs and return all of them."""
    given = _object(call)
    kinds = {one.name: one.type for one in fields(Knobs)}
    for name, value in given.items():
        is_number = isinstance(value, int | float) and not isinstance(value, bool)
        if name not in kinds or not (isinstance(value, bool) if kinds[name] is bool else is_number):
            raise _bad_request(f"{name}: no such knob, or the wrong type of value")
    state.knobs = replace(state.knobs, **given)
    return Reply(200, asdict(state.knobs))


def add_lock(state: State, call: Call) -> Reply:
    """Put a lock on a scope; `level` defaults to `CanNotDelete`."""
    given = _object(call)
    try:
        level = Level(given.pop("level", Level.CAN_NOT_DELETE))
        lock = StoredLock(level=level, **given)
    except (TypeError, ValueError) as error:
        raise _bad_request(str(error)) from error
    state.locks.append(lock)
    return Reply(201, {"id": lock.id})


def clear_locks(state: State, call: Call) -> Reply:  # noqa: ARG001 - a handler's shape
    """Remove all locks."""
    state.locks.clear()
    return Reply(204)


def set_permission_model(state: State, call: Call, key: str) -> Reply:
    """Switch a vault's RBAC permission model on or off (`rbac`)."""
    vault = state.vaults.get(key.lower())
    rbac = _object(call).get("rbac")
    if vault is None or not isinstance(rbac, bool):
        raise _bad_request("an existing vault, and 'rbac' as true or false, are required")
    vault.rbac = rbac
    return Reply(204)


def put_user(state: State, call: Call, key: str) -> Reply:
    """Add a person, or change the given fields of one (such as `account_enabled`)."""
    given = {**_object(call), "id": key}
    known = state.directory.users.get(key.lower())
    try:
        user = replace(known, **given) if known else User(**given)
    except TypeError as error:
        raise _bad_request(str(error)) from error
    state.directory.users[key.lower()] = user
    return Reply(200, asdict(user))


def put_group(state: State, call: Call, key: str) -> Reply:
    """Add a group, or change the given fields of one; `members` are object IDs."""
    given = {**_object(call), "id": key}
    if "members" in given:
        given["members"] = tuple(given["members"])
    known = state.directory.groups.get(key.lower())
    try:
        group = replace(known, **given) if known else DirectoryGroup(**given)
    except TypeError as error:
        raise _bad_request(str(error)) from error
    state.directory.groups[key.lower()] = group
    return Reply(200, asdict(group))


def delete_group(state: State, call: Call, key: str) -> Reply:  # noqa: ARG001 - a handler's shape
    """Delete a group; it is fine if there is none."""
    state.directory.groups.pop(key.lower(), None)
    return Reply(204)


def delay_replication(state: State, call: Call, key: str) -> Reply:
    """Let the next `attempts` role assignments for a principal fail with PrincipalNotFound."""
    attempts = _object(call).get("attempts", 1)
    if not isinstance(attempts, int):
        raise _bad_request("attempts must be a whole number")
    state.directory.not_replicated[key.lower()] = attempts
    return Reply(204)


def keep_busy(state: State, call: Call, key: str) -> Reply:
    """Keep an app busy with another operation for `seconds`; `slot` is one of its slots."""
    given = _object(call)
    site = state.sites.get((key.lower(), str(given.get("slot", "")).lower()))
    seconds = given.get("seconds")
    if site is None or isinstance(seconds, bool) or not isinstance(seconds, int | float):
        raise _bad_request("a known app, and a number of 'seconds', are required")
    site.busy_until = call.now + timedelta(seconds=seconds)
    return Reply(204)


def issue_token(state: State, call: Call) -> Reply:
    """Issue a token for any principal and resource: what a signed-in person would have.

    `principal` is an object ID, or a person's user principal name.
    """
    given = _object(call)
    key = str(given.get("principal", "")).lower()
    by_name = {one.user_principal_name.lower(): one for one in state.directory.users.values()}
    principal = (
        state.directory.users.get(key)
        or state.directory.service_principals.get(key)
        or by_name.get(key)
    )
    if principal is None or not given.get("resource"):
        raise _bad_request("a known 'principal' and a 'resource' are required")
    token = state.tokens.issue(principal, str(given["resource"]))
    return Reply(200, {"access_token": token.access_token, "expires_on": token.expires_on})


def alter_id_tokens(state: State, call: Call) -> Reply:
    """Replace these claims in every ID token from now on, and leave out those that are null.

    An empty object restores them. To break the token endpoint itself, add a fault.
    """
    state.sign_ins.altered_claims = _object(call)
    return Reply(204)


def change_application(state: State, call: Call, key: str) -> Reply:
    """Change the given lists of an app registration, such as `redirect_uris`."""
    application = state.applications.get(key.lower())
    given = _object(call)
    lists = ("redirect_uris", "optional_claims", "certificates", "federated")
    if application is None or not set(given) <= set(lists):
        raise _bad_request(f"a known app registration is required, and no more than {lists}")
    for name, values in given.items():
        setattr(application, name, tuple(str(one) for one in values))
    return Reply(204)


def _object(call: Call) -> Json:
    given = call.json()
    if given is None:
        raise _bad_request("expected a JSON object")
    return given


def _prepared(key: str) -> Prepared:
    found = BY_KEY.get(key)
    if found is None:
        raise _bad_request(f"expected one of {', '.join(BY_KEY)}")
    return found


def _bad_request(message: str) -> ApiError:
    return ApiError(Reply(400, {"error": {"code": "BadRequest", "message": message}}))


def _file(name: str, content_type: str) -> Reply:
    return Reply(200, (_PAGE / name).read_text(encoding="utf-8"), content_type=content_type)


_KEY = "(?P<key>[^/]+)"

ROUTES = (
    route("GET", "/", show_page),
    route("GET", "/sandbox/page.css", show_style),
    route("GET", "/sandbox/page.js", show_script),
    route("GET", "/sandbox/sign-in.css", show_sign_in_style),
    route("GET", "/sandbox/state", get_state),
    route("POST", "/sandbox/reset", reset),
    route("GET", "/sandbox/requests", get_requests),
    route("DELETE", "/sandbox/requests", forget_requests),
    route("POST", "/sandbox/faults", add_fault),
    route("DELETE", "/sandbox/faults", clear_faults),
    route("POST", f"/sandbox/prepared/{_KEY}", switch_on),
    route("DELETE", f"/sandbox/prepared/{_KEY}", switch_off),
    route("PATCH", "/sandbox/knobs", turn_knobs),
    route("POST", "/sandbox/locks", add_lock),
    route("DELETE", "/sandbox/locks", clear_locks),
    route("PATCH", f"/sandbox/vaults/{_KEY}", set_permission_model),
    route("PUT", f"/sandbox/users/{_KEY}", put_user),
    route("PUT", f"/sandbox/groups/{_KEY}", put_group),
    route("DELETE", f"/sandbox/groups/{_KEY}", delete_group),
    route("PUT", f"/sandbox/replication/{_KEY}", delay_replication),
    route("PUT", f"/sandbox/busy/{_KEY}", keep_busy),
    route("PUT", "/sandbox/id-token-claims", alter_id_tokens),
    route("PATCH", f"/sandbox/applications/{_KEY}", change_application),
    route("POST", "/sandbox/token", issue_token),
)
