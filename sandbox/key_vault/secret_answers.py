"""How Key Vault returns secrets: bundles with the value, items without it."""

from datetime import datetime, timedelta
from urllib.parse import urlencode

from sandbox.calls import Call, Json, Reply
from sandbox.key_vault.access import bad_parameter
from sandbox.stored.vaults import StoredSecret, StoredVault, StoredVersion

PAGE = 25
RETENTION_DAYS = 90


def page(vault: StoredVault, call: Call, items: list[Json]) -> Reply:
    """Return the requested page of a listing, with a link to the next."""
    size = _whole_number(call.query.get("maxresults"), PAGE)
    if not 1 <= size <= PAGE:
        raise bad_parameter(f"maxresults has to be between 1 and {PAGE}.")
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
        raise bad_parameter(f"{text} is not a whole number.")
    return int(text)


def bundle(vault: StoredVault, name: str, version: StoredVersion) -> Json:
    """Show a version with its value."""
    shown: Json = {"value": version.value, **item(vault, name, version, with_version=True)}
    if "managed" in shown:
        shown["kid"] = f"{vault.url}/keys/{name}/{version.id}"
    return shown


def item(vault: StoredVault, name: str, version: StoredVersion, *, with_version: bool) -> Json:
    """Show a version without its value; a listing of secrets leaves out its ID too."""
    identifier = f"{vault.url}/secrets/{name}"
    shown: Json = {
        "id": f"{identifier}/{version.id}" if with_version else identifier,
        "attributes": _attributes(version),
        "tags": dict(version.tags),
    }
    if version.content_type is not None:
        shown["contentType"] = version.content_type
    secret = vault.secrets.get(name.lower())
    if secret and secret.is_managed:
        shown["managed"] = True
    return shown


def _attributes(version: StoredVersion) -> Json:
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


def deleted_item(vault: StoredVault, secret: StoredSecret, deleted_at: datetime) -> Json:
    """Show a deleted secret, with the time of its scheduled purge."""
    purged_at = deleted_at + timedelta(days=RETENTION_DAYS)
    return {
        **item(vault, secret.name, secret.current, with_version=True),
        "recoveryId": f"{vault.url}/deletedsecrets/{secret.name}",
        "deletedDate": int(deleted_at.timestamp()),
        "scheduledPurgeDate": int(purged_at.timestamp()),
    }
