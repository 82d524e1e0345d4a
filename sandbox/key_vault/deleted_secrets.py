"""Deleted secrets: they can be recovered or purged, and their names stay taken until then."""

from datetime import datetime

from sandbox import roles
from sandbox.calls import Call, Reply, route
from sandbox.errors import ApiError, key_vault_refusal
from sandbox.key_vault.access import not_found, permitted
from sandbox.key_vault.secret_answers import deleted_item, item, page
from sandbox.state import State
from sandbox.stored.vaults import StoredSecret, StoredVault


def delete_secret(state: State, call: Call, name: str) -> Reply:
    """Delete a secret with all its versions; it can be recovered until it is purged."""
    vault = permitted(state, call, roles.DELETE_SECRET, name)
    secret = vault.secret(name)
    if secret is None:
        raise not_found(name)
    secret.deleted_at = call.now
    return Reply(200, deleted_item(vault, secret, call.now))


def get_deleted_secret(state: State, call: Call, name: str) -> Reply:
    """Return a deleted secret, once its deletion is complete."""
    vault = permitted(state, call, roles.READ_METADATA, name)
    secret, deleted_at = _find_deleted(state, call, vault, name)
    return Reply(200, deleted_item(vault, secret, deleted_at))


def list_deleted_secrets(state: State, call: Call) -> Reply:
    """List the deleted secrets."""
    vault = permitted(state, call, roles.READ_METADATA)
    items = [
        deleted_item(vault, one, one.deleted_at)
        for one in vault.secrets.values()
        if one.deleted_at is not None and one.deleted_at + state.knobs.deletion <= call.now
    ]
    return page(vault, call, items)


def recover_secret(state: State, call: Call, name: str) -> Reply:
    """Recover a deleted secret."""
    vault = permitted(state, call, roles.RECOVER_SECRET, name)
    secret, _ = _find_deleted(state, call, vault, name)
    secret.deleted_at = None
    return Reply(200, item(vault, secret.name, secret.current, with_version=True))


def purge_secret(state: State, call: Call, name: str) -> Reply:
    """Purge a deleted secret."""
    vault = permitted(state, call, roles.PURGE_SECRET, name)
    _find_deleted(state, call, vault, name)
    del vault.secrets[name.lower()]
    return Reply(204)


def _find_deleted(
    state: State, call: Call, vault: StoredVault, name: str
) -> tuple[StoredSecret, datetime]:
    secret = vault.deleted_secret(name)
    if secret is None or secret.deleted_at is None:
        raise key_vault_refusal(404, "SecretNotFound", f"Deleted Secret not found: {name}")
    if secret.deleted_at + state.knobs.deletion > call.now:
        if call.method == "GET":
            raise key_vault_refusal(404, "SecretNotFound", f"Deleted Secret not found: {name}")
        raise _conflict(f"Secret {name} is currently being deleted.", "ObjectIsBeingDeleted")
    return secret, secret.deleted_at


def refuse_name_of_deleted(state: State, call: Call, vault: StoredVault, name: str) -> None:
    """Refuse to create a secret with the name of one that is deleted but not purged."""
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


def _conflict(message: str, inner: str) -> ApiError:
    return key_vault_refusal(409, "Conflict", message, inner=inner)


_DELETED = r"/deletedsecrets/(?P<name>[^/]+)"

ROUTES = (
    route("GET", "/deletedsecrets", list_deleted_secrets),
    route("GET", _DELETED, get_deleted_secret),
    route("DELETE", _DELETED, purge_secret),
    route("POST", f"{_DELETED}/recover", recover_secret),
)
