"""What the vaults write into Log Analytics: who did what with which secret, and when."""

import re
from datetime import datetime

from sandbox import roles
from sandbox.calls import Call, Reply
from sandbox.seed import User
from sandbox.state import State
from sandbox.stored.logged_operation import LoggedOperation

# Key Vault's names for its operations. Source: Microsoft Learn, "Azure Key Vault logging".
_OPERATIONS = (
    ("GET", re.compile(r"/secrets/?"), "SecretList"),
    ("GET", re.compile(r"/secrets/[^/]+/versions/?"), "SecretListVersions"),
    ("GET", re.compile(r"/secrets/[^/]+(?:/[^/]+)?/?"), "SecretGet"),
    ("POST", re.compile(r"/secrets/[^/]+/backup/?"), "SecretBackup"),
    ("PUT", re.compile(r"/secrets/[^/]+/?"), "SecretSet"),
    ("PATCH", re.compile(r"/secrets/[^/]+(?:/[^/]+)?/?"), "SecretUpdate"),
    ("DELETE", re.compile(r"/secrets/[^/]+/?"), "SecretDelete"),
)

_READS = {"SecretGet": roles.GET_SECRET, "SecretBackup": roles.BACK_UP_SECRET}


def note(state: State, call: Call, reply: Reply) -> None:
    """Write a line about a request to a vault, unless nobody was signed in or it sends no log."""
    if not call.path.startswith("/secrets") or not state.knobs.vaults_logged:
        return
    operation = next((name for method, path, name in _OPERATIONS if _is(call, method, path)), None)
    caller = state.tokens.principal_of(call.bearer())
    if operation is None or caller is None:
        return
    vault = state.vaults[call.vault.lower()]
    item = str(reply.body.get("id", "")) if isinstance(reply.body, dict) else ""
    if operation == "SecretBackup":
        item = f"{vault.url}{call.path}".removesuffix("/backup")
    action = _READS.get(operation)
    known = state.directory.users.get(caller.lower())
    principal = state.directory.service_principals.get(caller.lower())
    state.vault_log.append(
        LoggedOperation(
            call.now,
            vault.scope.lower(),
            operation,
            reply.status,
            item.lower(),
            caller.lower(),
            isinstance(known, User),
            "" if principal is None else principal.client_id.lower(),
            _allowing(state, caller, call.path, vault.scope, action) if action else "",
        )
    )


def visible(state: State, now: datetime) -> list[LoggedOperation]:
    """Return the lines that have reached Log Analytics."""
    return [line for line in state.vault_log if line.at + state.knobs.log_delay <= now]


def _is(call: Call, method: str, path: re.Pattern[str]) -> bool:
    return call.method == method and path.fullmatch(call.path) is not None


def _allowing(state: State, caller: str, path: str, vault: str, action: str) -> str:
    scope = f"{vault}/secrets/{path.split('/')[2]}"
    held = state.assignments.held_by(caller, scope)
    return next((one.name.lower() for one in held if one.role.allows_data(action)), "")
