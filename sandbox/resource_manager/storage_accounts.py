"""The storage provider's access keys."""

from sandbox import roles
from sandbox.calls import Call, Json, Reply, route
from sandbox.errors import arm_refusal
from sandbox.resource_manager.checks import Authorized, authenticated, authorized
from sandbox.state import State
from sandbox.stored.storage import StoredStorageAccount


def list_keys(state: State, call: Call, scope: str, account: str) -> Reply:
    """Return both keys with their values."""
    allowed, found = _permitted(state, call, roles.LIST_KEYS, scope, account)
    return Reply(200, _keys(found), allowed.headers)


def regenerate_key(state: State, call: Call, scope: str, account: str) -> Reply:
    """Regenerate one key and return both."""
    allowed, found = _permitted(state, call, roles.REGENERATE_KEY, scope, account)
    slot = (call.json() or {}).get("keyName")
    if slot not in found.keys:
        raise arm_refusal(
            400,
            "InvalidValuesForRequestParameters",
            "Values for request parameters are invalid: keyName.",
            headers=allowed.headers,
        )
    found.regenerate(slot, call.now)
    return Reply(200, _keys(found), allowed.headers)


def _permitted(
    state: State, call: Call, action: str, scope: str, name: str
) -> tuple[Authorized, StoredStorageAccount]:
    allowed = authorized(state, call, authenticated(state, call), action, scope)
    account = state.storage_accounts.get(name.lower())
    if account is None or account.scope.lower() != scope.lower():
        raise arm_refusal(
            404,
            "ResourceNotFound",
            f"The resource '{scope}' was not found.",
            headers=allowed.headers,
        )
    return allowed, account


def _keys(account: StoredStorageAccount) -> Json:
    return {
        "keys": [
            {
                "keyName": slot,
                "value": key.value,
                "permissions": "FULL",
                "creationTime": key.created.isoformat(),
            }
            for slot, key in account.keys.items()
        ]
    }


_ACCOUNT = (
    r"(?P<scope>/subscriptions/[^/]+/resourceGroups/[^/]+/providers/Microsoft\.Storage"
    r"/storageAccounts/(?P<account>[^/]+))"
)

ROUTES = (
    route("POST", f"{_ACCOUNT}/listKeys", list_keys),
    route("POST", f"{_ACCOUNT}/regenerateKey", regenerate_key),
)
