"""Key Vault's data plane for secrets."""

from sandbox import roles
from sandbox.calls import Call, Reply, route
from sandbox.errors import key_vault_refusal
from sandbox.key_vault.access import not_found, permitted
from sandbox.key_vault.deleted_secrets import delete_secret, refuse_name_of_deleted
from sandbox.key_vault.secret_answers import bundle, item, page
from sandbox.key_vault.secret_bodies import checked_body, checked_value, given_attributes
from sandbox.state import State
from sandbox.stored.vaults import StoredVault, StoredVersion


def set_secret(state: State, call: Call, name: str) -> Reply:
    """Add a version and make it the current one."""
    vault = permitted(state, call, roles.SET_SECRET, name)
    given = checked_body(call)
    value = checked_value(given)
    refuse_name_of_deleted(state, call, vault, name)
    _refuse_managed(vault, name)
    attributes = given_attributes(given)
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
    return Reply(200, bundle(vault, name, version))


def get_secret(state: State, call: Call, name: str, version: str | None = None) -> Reply:
    """Return the value of a version, or of the newest one even if it is disabled."""
    vault = permitted(state, call, roles.GET_SECRET, name)
    found = _find_version(vault, name, version)
    if not found.enabled:
        raise key_vault_refusal(
            403,
            "Forbidden",
            "Operation get is not allowed on a disabled secret.",
            inner="SecretDisabled",
        )
    return Reply(200, bundle(vault, name, found))


def update_secret(state: State, call: Call, name: str, version: str | None = None) -> Reply:
    """Change a version's attributes, tags or content type; omitted fields stay as they are."""
    vault = permitted(state, call, roles.UPDATE_SECRET, name)
    given = checked_body(call)
    found = _find_version(vault, name, version)
    attributes = given_attributes(given)
    found.enabled = attributes.get("enabled", found.enabled)
    found.not_before = attributes.get("nbf", found.not_before)
    found.expires = attributes.get("exp", found.expires)
    found.content_type = given.get("contentType", found.content_type)
    found.tags = dict(given["tags"]) if given.get("tags") is not None else found.tags
    found.updated = call.now
    return Reply(200, item(vault, name, found, with_version=True))


def back_up_secret(state: State, call: Call, name: str) -> Reply:
    """Return all versions of a secret, encrypted by Key Vault: nothing here can be decrypted."""
    vault = permitted(state, call, roles.BACK_UP_SECRET, name)
    _find_version(vault, name, None)
    return Reply(200, {"value": f"KEY-VAULT-BACKUP-{name}"})


def list_versions(state: State, call: Call, name: str) -> Reply:
    """List a secret's versions without values, in no particular order; unknown names have none."""
    vault = permitted(state, call, roles.READ_METADATA, name)
    secret = vault.secret(name)
    versions = sorted(secret.versions, key=lambda one: one.id) if secret else []
    return page(vault, call, [item(vault, name, one, with_version=True) for one in versions])


def list_secrets(state: State, call: Call) -> Reply:
    """List the vault's secrets without values."""
    vault = permitted(state, call, roles.READ_METADATA)
    items = [
        item(vault, one.name, one.current, with_version=False)
        for one in vault.secrets.values()
        if one.deleted_at is None
    ]
    return page(vault, call, items)


def _refuse_managed(vault: StoredVault, name: str) -> None:
    """Refuse to set a secret managed by a certificate (MicrosoftDocs/azure-docs#78238)."""
    secret = vault.secret(name)
    if secret and secret.is_managed:
        raise key_vault_refusal(
            409, "Conflict", f"Secret {name} is managed by a certificate and cannot be set."
        )


def _find_version(vault: StoredVault, name: str, version_id: str | None) -> StoredVersion:
    secret = vault.secret(name)
    if secret is None:
        raise not_found(name)
    version = secret.version(version_id) if version_id else secret.current
    if version is None:
        raise not_found(f"{name}/{version_id}")
    return version


_SECRET = r"/secrets/(?P<name>[^/]+)"  # noqa: S105 - a path
_VERSION = r"/(?P<version>[^/]+)"

ROUTES = (
    route("GET", "/secrets", list_secrets),
    route("GET", f"{_SECRET}/versions", list_versions),
    route("POST", f"{_SECRET}/backup", back_up_secret),
    route("PUT", _SECRET, set_secret),
    route("GET", _SECRET, get_secret),
    route("PATCH", _SECRET, update_secret),
    route("DELETE", _SECRET, delete_secret),
    route("GET", _SECRET + _VERSION, get_secret),
    route("PATCH", _SECRET + _VERSION, update_secret),
)
