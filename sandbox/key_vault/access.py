"""Key Vault's access checks: the challenge, names, and data-plane roles."""

import re

from sandbox.calls import Call
from sandbox.errors import ApiError, key_vault_refusal
from sandbox.state import State
from sandbox.stored.vaults import StoredVault

RESOURCE = "https://vault.azure.net"

_NAME = re.compile(r"[0-9a-zA-Z-]{1,127}")


def challenge(tenant_id: str, origin: str) -> ApiError:
    """Build the challenge that says where to get a token, and for which resource."""
    return key_vault_refusal(
        401,
        "Unauthorized",
        "AKV10000: Request is missing a Bearer or PoP token.",
        headers={
            "WWW-Authenticate": f'Bearer authorization="{origin}/{tenant_id}",'
            f' resource="{RESOURCE}"'
        },
    )


def permitted(state: State, call: Call, action: str, name: str | None = None) -> StoredVault:
    """Return the called vault if the caller can do this to a secret, or to all of them.

    Checks run in Key Vault's order: token, version, name, role.
    """
    caller = state.tokens.read(call.bearer(), (RESOURCE,))
    if caller is None:
        raise challenge(state.seed.tenant_id, call.origin)
    if not call.query.get("api-version"):
        raise bad_parameter("api-version must be specified.")
    if name is not None and _NAME.fullmatch(name) is None:
        raise bad_parameter(
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
            inner="ForbiddenByRbac" if vault.rbac else "ForbiddenByPolicy",
        )
    return vault


def not_found(what: str) -> ApiError:
    """Build the answer for a secret or version that does not exist."""
    return key_vault_refusal(
        404,
        "SecretNotFound",
        f"A secret with (name/id) {what} was not found in this key vault. If you recently deleted"
        " this secret you may be able to recover it using the correct recovery command.",
    )


def bad_parameter(message: str, inner: str | None = None) -> ApiError:
    """Build the answer to an invalid parameter or an exceeded limit."""
    return key_vault_refusal(400, "BadParameter", message, inner=inner)
