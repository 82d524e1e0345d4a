"""Checks that each vault's secrets can be listed and that the bot can grant roles there."""

import asyncio
from collections.abc import Iterator, Sequence

from domain.access.policy import Policy, ScopeKind
from domain.diagnosis import Finding, broken, doubtful, good
from domain.secrets import Vault, is_secret_name
from services.operations.checks.check import Check
from services.policies import Policies
from services.ports import Rights, Secrets, SecretState, missing

_ASSIGN = (
    "Microsoft.Authorization/roleAssignments/read",
    "Microsoft.Authorization/roleAssignments/write",
    "Microsoft.Authorization/roleAssignments/delete",
)
_NAMED_AT_MOST = 10


def vault_checks(policies: Policies, secrets: Secrets, rights: Rights) -> Iterator[Check]:
    """Check each vault once, and each role that is granted in it."""
    by_vault: dict[str, list[Policy]] = {}
    for policy in (policies.defaults, *policies.all()):
        by_vault.setdefault(policy.vault.resource_id.lower(), []).append(policy)
    for found in by_vault.values():
        vault = found[0].vault
        names = [one.secret for one in found if is_secret_name(one.secret)]
        yield _secrets(vault, names, secrets)
        if any(one.scope_kind is ScopeKind.VAULT for one in found):
            yield _opened(vault, policies, secrets)
        for role in sorted({one.role for one in found}):
            yield _role(vault, role, rights)


def _secrets(vault: Vault, names: Sequence[str], secrets: Secrets) -> Check:
    subject = f"Secrets of {vault.name}"

    async def look() -> Finding:
        count = len(await secrets.names(vault))
        found = await asyncio.gather(*(secrets.state(vault, name) for name in names))
        states = dict(zip(names, found, strict=True))
        unknown = [name for name, state in states.items() if state is SecretState.UNKNOWN]
        disabled = [name for name, state in states.items() if state is SecretState.DISABLED]
        faults = [
            *([f"not in the vault: {_listed(unknown)}"] if unknown else []),
            *([f"disabled: {_listed(disabled)}"] if disabled else []),
        ]
        if faults:
            remedy = "Create or enable them, or remove them from the requestable secrets."
            return doubtful(subject, f"metadata readable; {'; '.join(faults)}", remedy)
        return good(subject, f"metadata readable, {count:,} in total")

    return Check(
        subject, look, f"Give the bot Key Vault Reader on {vault.name}; check the vault's firewall."
    )


def _opened(vault: Vault, policies: Policies, secrets: Secrets) -> Check:
    """Report what an approval opens if grants are at vault scope."""
    subject = f"What an approval opens in {vault.name}"

    async def look() -> Finding:
        names = await secrets.names(vault)
        closed = policies.closed(names)
        if not closed:
            return good(subject, f"the whole vault: {len(names):,} in total, all requestable")
        return doubtful(
            subject,
            f"the whole vault: {len(names):,} in total, {len(closed):,} of them not requestable",
            "Set GRANT_SCOPE to secret, or keep those secrets in another vault.",
        )

    return Check(
        subject, look, f"Give the bot Key Vault Reader on {vault.name}; check the vault's firewall."
    )


def _role(vault: Vault, role: str, rights: Rights) -> Check:
    subject = f"Granting at {vault.name}"
    remedy = (
        "Give the bot Role Based Access Control Administrator on the vault, with a condition "
        "that allows only this role, as infra/ does."
    )

    async def look() -> Finding:
        name = await rights.role_name(vault.resource_id, role)
        if name is None:
            return broken(subject, f"there is no role {role}", "Configure a role that exists.")
        lacking = missing(await rights.held(vault.resource_id), _ASSIGN)
        if lacking:
            return broken(subject, f"the bot lacks {_listed(lacking)}", remedy)
        return good(subject, f"the bot can assign roles; its condition must include {name}")

    return Check(subject, look, remedy)


def _listed(names: list[str]) -> str:
    shown = ", ".join(names[:_NAMED_AT_MOST])
    more = len(names) - _NAMED_AT_MOST
    return f"{shown} and {more} more" if more > 0 else shown
