"""Describe what a grant opens, so an approver can judge it."""

from collections.abc import Sequence

from cards.kit import text
from cards.languages.texts import listed, say, say_count
from domain.access.assignment import is_within
from domain.access.target import Target

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
        if len(alone) == 1:
            return say("Only this secret")
        return say("Only these {count} secrets", count=len(alone))
    if len(vaults) == 1 and not alone:
        return _whole_vault(next(iter(vaults.values())))
    return _sum(list(vaults.values()), len(alone))


def _whole_vault(target: Target) -> str:
    if target.exposes is None:
        return say("The whole vault; its secrets couldn't be counted")
    secrets = _secrets(target.exposes)
    if not target.not_requestable:
        return say("The whole vault: {secrets}", secrets=secrets)
    return say_count(
        "The whole vault: {secrets}; {count} of them can't be requested",
        "The whole vault: {secrets}; {count} of them can't be requested",
        target.not_requestable,
        secrets=secrets,
    )


def _sum(vaults: Sequence[Target], alone: int) -> str:
    counts = [vault.exposes for vault in vaults]
    known = _secrets(sum(count for count in counts if count is not None) + alone)
    parts = [_part(vault) for vault in vaults]
    if alone:
        parts.append(say("{secrets} individually", secrets=_secrets(alone)))
    if None in counts:
        return say("At least {secrets} in all: {parts}", secrets=known, parts=parts)
    return say("{secrets} in all: {parts}", secrets=known, parts=parts)


def _part(target: Target) -> str:
    vault = text.id_of(target.vault)
    if target.exposes is None:
        return say("{vault} as a whole (not counted)", vault=vault)
    if not target.not_requestable:
        return say("{vault} as a whole ({count})", vault=vault, count=target.exposes)
    return say_count(
        "{vault} as a whole ({secrets}; {count} of them can't be requested)",
        "{vault} as a whole ({secrets}; {count} of them can't be requested)",
        target.not_requestable,
        vault=vault,
        secrets=target.exposes,
    )


def _secrets(count: int) -> str:
    return say_count("{count} secret", "{count} secrets", count)
