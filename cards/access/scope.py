"""Describe what a grant opens, so an approver can judge it."""

from collections.abc import Sequence

from cards.kit import text
from domain.access.assignment import is_within
from domain.access.request import Target
from domain.names import listed

# Azure's built-in roles for Key Vault data; any other role is shown by its id.
_ROLES = {
    "4633458b-17de-408a-b874-0445c86b69e6": "Key Vault Secrets User",
    "b86a8fe4-44ce-4948-aee5-eccb2c155cd7": "Key Vault Secrets Officer",
    "00482a5a-887f-4fb3-b363-3b7fe8e74483": "Key Vault Administrator",
    "21090545-7ca7-4776-b22c-e363652d74d2": "Key Vault Reader",
}


def describe_roles(targets: Sequence[Target]) -> str:
    """Name the granted roles, each once."""
    return listed(list(dict.fromkeys(describe_role(target.role) for target in targets)))


def describe_role(role: str) -> str:
    """Name a role by its GUID or full ARM id."""
    guid = role.rsplit("/", 1)[-1].lower()
    return _ROLES.get(guid, guid)


def describe_scope(targets: Sequence[Target]) -> str:
    """Say what the scopes expose: ``The whole vault: 37 secrets``.

    For several scopes it gives the total and its parts; a secret in a vault that is opened as a
    whole is not counted twice.
    """
    vaults = {one.scope.lower(): one for one in targets if "/secrets/" not in one.scope.lower()}
    alone = {
        one.scope.lower()
        for one in targets
        if not any(is_within(one.scope, vault) for vault in vaults)
    }
    if not vaults:
        return "Only this secret" if len(alone) == 1 else f"Only these {len(alone)} secrets"
    if len(vaults) == 1 and not alone:
        return _whole_vault(next(iter(vaults.values())))
    return _sum(list(vaults.values()), len(alone))


def _whole_vault(target: Target) -> str:
    if target.exposes is None:
        return "The whole vault; its secrets couldn't be counted"
    return f"The whole vault: {_secrets(target.exposes)}{_closed(target)}"


def _closed(target: Target) -> str:
    """Say how many of the opened secrets can't be requested."""
    count = target.not_requestable
    return f"; {count:,} of them can't be requested" if count else ""


def _sum(vaults: Sequence[Target], alone: int) -> str:
    counts = [vault.exposes for vault in vaults]
    known = sum(count for count in counts if count is not None) + alone
    total = f"At least {_secrets(known)}" if None in counts else _secrets(known)
    parts = [_part(vault) for vault in vaults]
    if alone:
        parts.append(f"{_secrets(alone)} individually")
    return f"{total} in all: {listed(parts)}"


def _part(vault: Target) -> str:
    count = "not counted" if vault.exposes is None else f"{vault.exposes:,}"
    return f"{text.id_of(vault.vault)} as a whole ({count}{_closed(vault)})"


def _secrets(count: int) -> str:
    return "1 secret" if count == 1 else f"{count:,} secrets"
