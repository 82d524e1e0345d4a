"""Key Vault's data plane for secrets."""

import re
from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import urlencode

from sandbox import roles
from sandbox.calls import Call, Json, Reply, route
from sandbox.errors import Refused, key_vault_refusal
from sandbox.state import State
from sandbox.vaults import Secret, Vault, Version

RESOURCE = "https://vault.azure.net"
PAGE = 25
RETENTION_DAYS = 90
MAX_VALUE_BYTES = 25 * 1024
MAX_TAGS = 15
MAX_TAG_LENGTH = 256
MAX_CONTENT_TYPE_LENGTH = 255

_NAME = re.compile(r"[0-9a-zA-Z-]{1,127}")


def set_secret(state: State, call: Call, name: str) -> Reply:
    """Add a version, which becomes the current one."""
    vault = _permitted(state, call, roles.SET_SECRET, name)
    given = _checked_body(call)
    value = given.get("value")
    if not isinstance(value, str):
        raise _bad_parameter("Property 'value' is required and has to be a string.")
    if len(value.encode()) > MAX_VALUE_BYTES:
        raise _bad_parameter(f"Property 'value' exceeds the maximum of {MAX_VALUE_BYTES} bytes.")
    _refuse_name_of_deleted(state, call, vault, name)
    attributes = _given_attributes(given)
    version = vault.add_version(
        name,
        value,
        call.now,
        enabled=attributes.get("enabled", True),
        tags=given.get("tags"),
        content_type=given.get("contentType"),
        not_before=attributes.get("nbf"),
        expires=attributes.get("exp"),
    )
    return Reply(200, _bundle(vault, name, version))


def get_secret(state: State, call: Call, name: str, version: str | None = None) -> Reply:
    """Return a value: that of a version, or of the newest one even if that is disabled."""
    vault = _permitted(state, call, roles.GET_SECRET, name)
    found = _find_version(vault, name, version)
    if not found.enabled:
        raise key_vault_refusal(
            403,
            "Forbidden",
            "Operation get is not allowed on a disabled secret.",
            inner="SecretDisabled",
        )
    return Reply(200, _bundle(vault, name, found))


def update_secret(state: State, call: Call, name: str, version: str | None = None) -> Reply:
    """Change attributes, tags or content type of a version; what is not given stays."""
    vault = _permitted(state, call, roles.UPDATE_SECRET, name)
    given = _checked_body(call)
    found = _find_version(vault, name, version)
    attributes = _given_attributes(given)
    found.enabled = attributes.get("enabled", found.enabled)
    found.not_before = attributes.get("nbf", found.not_before)
    found.expires = attributes.get("exp", found.expires)
    found.content_type = given.get("contentType", found.content_type)
    found.tags = dict(given["tags"]) if given.get("tags") is not None else found.tags
    found.updated = call.now
    return Reply(200, _item(vault, name, found, with_version=True))


def list_versions(state: State, call: Call, name: str) -> Reply:
    """List a secret's versions without values, in no order of time; unknown names have none."""
    vault = _permitted(state, call, roles.READ_METADATA, name)
    secret = vault.secret(name)
    versions = sorted(secret.versions, key=lambda one: one.id) if secret else []
    return _page(vault, call, [_item(vault, name, one, with_version=True) for one in versions])


def list_secrets(state: State, call: Call) -> Reply:
    """List the vault's secrets without values."""
    vault = _permitted(state, call, roles.READ_METADATA)
    items = [
        _item(vault, one.name, one.current, with_version=False)
        for one in vault.secrets.values()
        if one.deleted_at is None
    ]
    return _page(vault, call, items)


def delete_secret(state: State, call: Call, name: str) -> Reply:
    """Delete a secret with all its versions; it can be recovered until it is purged."""
    vault = _permitted(state, call, roles.DELETE_SECRET, name)
    secret = vault.secret(name)
    if secret is None:
        raise _not_found(name)
    secret.deleted_at = call.now
    return Reply(200, _deleted(vault, secret, call.now))


def get_deleted_secret(state: State, call: Call, name: str) -> Reply:
    """Return a deleted secret, once its deletion is complete."""
    vault = _permitted(state, call, roles.READ_METADATA, name)
    secret, deleted_at = _find_deleted(state, call, vault, name)
    return Reply(200, _deleted(vault, secret, deleted_at))


def list_deleted_secrets(state: State, call: Call) -> Reply:
    """List the deleted secrets."""
    vault = _permitted(state, call, roles.READ_METADATA)
    items = [
        _deleted(vault, one, one.deleted_at)
        for one in vault.secrets.values()
        if one.deleted_at is not None and one.deleted_at + state.knobs.deletion <= call.now
    ]
    return _page(vault, call, items)


def recover_secret(state: State, call: Call, name: str) -> Reply:
    """Bring a deleted secret back."""
    vault = _permitted(state, call, roles.RECOVER_SECRET, name)
    secret, _ = _find_deleted(state, call, vault, name)
    secret.deleted_at = None
    return Reply(200, _item(vault, secret.name, secret.current, with_version=True))


def purge_secret(state: State, call: Call, name: str) -> Reply:
    """Destroy a deleted secret."""
    vault = _permitted(state, call, roles.PURGE_SECRET, name)
    _find_deleted(state, call, vault, name)
    del vault.secrets[name.lower()]
    return Reply(204)


def challenge(tenant_id: str, origin: str) -> Refused:
    """Build the answer that tells a client where to get a token, and for what."""
    return key_vault_refusal(
        401,
        "Unauthorized",
        "AKV10000: Request is missing a Bearer or PoP token.",
        headers={
            "WWW-Authenticate": f'Bearer authorization="{origin}/{tenant_id}",'
            f' resource="{RESOURCE}"'
        },
    )


def _permitted(state: State, call: Call, action: str, name: str | None = None) -> Vault:
    caller = state.tokens.read(call.bearer(), (RESOURCE,))
    if caller is None:
        raise challenge(state.seed.tenant_id, call.origin)
    if not call.query.get("api-version"):
        raise _bad_parameter("api-version must be specified.")
    if name is not None and _NAME.fullmatch(name) is None:
        raise _bad_parameter(
            f"The request URI contains an invalid name: {name}", "InvalidObjectName"
        )
    vault = state.vaults[call.vault.lower()]
    scope = vault.scope if name is None else vault.secret_scope(name)
    if not state.may(caller.principal_id, action, scope, call.now):
        raise key_vault_refusal(
            403,
            "Forbidden",
            "Caller is not authorized to perform action on resource.\r\n"
            "If role assignments, deny assignments or role definitions were changed recently,"
            " please observe propagation time.\r\n"
            f"Caller: appid={caller.app_id};oid={caller.principal_id}\r\n"
            f"Action: '{action}'\r\nResource: '{scope}'\r\nAssignment: (not found)\r\n"
            f"Vault: {vault.name}",
            inner="ForbiddenByRbac",
        )
    return vault


def _find_version(vault: Vault, name: str, version_id: str | None) -> Version:
    secret = vault.secret(name)
    if secret is None:
        raise _not_found(name)
    version = secret.version(version_id) if version_id else secret.current
    if version is None:
        raise _not_found(f"{name}/{version_id}")
    return version


def _find_deleted(state: State, call: Call, vault: Vault, name: str) -> tuple[Secret, datetime]:
    secret = vault.deleted_secret(name)
    if secret is None or secret.deleted_at is None:
        raise key_vault_refusal(404, "SecretNotFound", f"Deleted Secret not found: {name}")
    if secret.deleted_at + state.knobs.deletion > call.now:
        if call.method == "GET":
            raise key_vault_refusal(404, "SecretNotFound", f"Deleted Secret not found: {name}")
        raise _conflict(f"Secret {name} is currently being deleted.", "ObjectIsBeingDeleted")
    return secret, secret.deleted_at


def _refuse_name_of_deleted(state: State, call: Call, vault: Vault, name: str) -> None:
    secret = vault.deleted_secret(name)
    if secret is None or secret.deleted_at is None:
        return
    if secret.deleted_at + state.knobs.deletion > call.now:
        raise _conflict(
            f"Secret {name} is currently being deleted and cannot be re-created; retry later.",
            "ObjectIsBeingDeleted",
        )
    raise _conflict(
        f"Secret {name} is currently in a deleted but recoverable state, and its name cannot be"
        " reused; in this state, the secret can only be recovered or purged.",
        "ObjectIsDeletedButRecoverable",
    )


def _checked_body(call: Call) -> Json:
    given = call.json()
    if given is None:
        raise _bad_parameter("The request body is not a valid JSON object.")
    tags = given.get("tags") or {}
    if not isinstance(tags, dict) or len(tags) > MAX_TAGS:
        raise _bad_parameter(f"Property 'tags' takes at most {MAX_TAGS} tags.")
    if any(_too_long(text, MAX_TAG_LENGTH) for pair in tags.items() for text in pair):
        raise _bad_parameter(f"A tag's name and value have at most {MAX_TAG_LENGTH} characters.")
    content_type = given.get("contentType")
    if content_type is not None and _too_long(content_type, MAX_CONTENT_TYPE_LENGTH):
        raise _bad_parameter(
            f"Property 'contentType' has at most {MAX_CONTENT_TYPE_LENGTH} characters."
        )
    _check_attributes(given.get("attributes") or {})
    return given


def _check_attributes(attributes: Any) -> None:
    if not isinstance(attributes, dict) or not isinstance(attributes.get("enabled"), bool | None):
        raise _bad_parameter("Property 'attributes' is not valid.")
    not_before, expires = attributes.get("nbf"), attributes.get("exp")
    if not isinstance(not_before, int | None) or not isinstance(expires, int | None):
        raise _bad_parameter("Properties 'nbf' and 'exp' are whole seconds since the epoch.")
    if not_before is not None and expires is not None and not_before >= expires:
        raise _bad_parameter("Property 'exp' has to be later than 'nbf'.")


def _given_attributes(given: Json) -> Json:
    """Return the attributes that a body sets; null sets nothing."""
    return {name: one for name, one in (given.get("attributes") or {}).items() if one is not None}


def _too_long(text: Any, limit: int) -> bool:
    return not isinstance(text, str) or len(text) > limit


def _page(vault: Vault, call: Call, items: list[Json]) -> Reply:
    size = _whole_number(call.query.get("maxresults"), PAGE)
    if not 1 <= size <= PAGE:
        raise _bad_parameter(f"maxresults has to be between 1 and {PAGE}.")
    start = _whole_number(call.query.get("$skiptoken"), 0)
    following: str | None = None
    if start + size < len(items):
        query = {
            "api-version": call.query["api-version"],
            "$skiptoken": str(start + size),
            "maxresults": str(size),
        }
        following = f"{vault.url}{call.path}?{urlencode(query)}"
    return Reply(200, {"value": items[start : start + size], "nextLink": following})


def _whole_number(text: str | None, default: int) -> int:
    if text is None:
        return default
    if not text.isdecimal():
        raise _bad_parameter(f"{text} is not a whole number.")
    return int(text)


def _bundle(vault: Vault, name: str, version: Version) -> Json:
    return {"value": version.value, **_item(vault, name, version, with_version=True)}


def _item(vault: Vault, name: str, version: Version, *, with_version: bool) -> Json:
    identifier = f"{vault.url}/secrets/{name}"
    item: Json = {
        "id": f"{identifier}/{version.id}" if with_version else identifier,
        "attributes": _attributes(version),
        "tags": dict(version.tags),
    }
    if version.content_type is not None:
        item["contentType"] = version.content_type
    return item


def _attributes(version: Version) -> Mapping[str, Any]:
    attributes: Json = {
        "enabled": version.enabled,
        "created": int(version.created.timestamp()),
        "updated": int(version.updated.timestamp()),
        "recoveryLevel": "Recoverable+Purgeable",
        "recoverableDays": RETENTION_DAYS,
    }
    if version.not_before is not None:
        attributes["nbf"] = version.not_before
    if version.expires is not None:
        attributes["exp"] = version.expires
    return attributes


def _deleted(vault: Vault, secret: Secret, deleted_at: datetime) -> Json:
    purged_at = deleted_at + timedelta(days=RETENTION_DAYS)
    return {
        **_item(vault, secret.name, secret.current, with_version=True),
        "recoveryId": f"{vault.url}/deletedsecrets/{secret.name}",
        "deletedDate": int(deleted_at.timestamp()),
        "scheduledPurgeDate": int(purged_at.timestamp()),
    }


def _not_found(what: str) -> Refused:
    return key_vault_refusal(
        404,
        "SecretNotFound",
        f"A secret with (name/id) {what} was not found in this key vault. If you recently deleted"
        " this secret you may be able to recover it using the correct recovery command.",
    )


def _bad_parameter(message: str, inner: str | None = None) -> Refused:
    return key_vault_refusal(400, "BadParameter", message, inner=inner)


def _conflict(message: str, inner: str) -> Refused:
    return key_vault_refusal(409, "Conflict", message, inner=inner)


_SECRET = r"/secrets/(?P<name>[^/]+)"  # noqa: S105 - a path
_DELETED = r"/deletedsecrets/(?P<name>[^/]+)"
_VERSION = r"/(?P<version>[^/]+)"

ROUTES = (
    route("GET", "/secrets", list_secrets),
    route("GET", f"{_SECRET}/versions", list_versions),
    route("PUT", _SECRET, set_secret),
    route("GET", _SECRET, get_secret),
    route("PATCH", _SECRET, update_secret),
    route("DELETE", _SECRET, delete_secret),
    route("GET", _SECRET + _VERSION, get_secret),
    route("PATCH", _SECRET + _VERSION, update_secret),
    route("GET", "/deletedsecrets", list_deleted_secrets),
    route("GET", _DELETED, get_deleted_secret),
    route("DELETE", _DELETED, purge_secret),
    route("POST", f"{_DELETED}/recover", recover_secret),
)
