"""Checks of each vault's secrets, and of what an approval opens there."""

import asyncio
from collections.abc import Iterator, Sequence

from domain.access.rules.policy import Policy, ScopeKind
from domain.diagnosis import Finding, doubtful, good
from domain.phrases import Phrase, phrase
from domain.secrets import Vault, is_secret_name
from services.operations.checks.check import Check
from services.policies import Policies
from services.ports import Secrets, SecretState

_NAMED_AT_MOST = 10
_CREATE = phrase("Create or enable them, or remove them from the requestable secrets.")
_CLOSE = phrase(
    "Set {variable} to {value}, or keep those secrets in another vault.",
    variable="GRANT_SCOPE",
    value="secret",
)


def vault_checks(policies: Policies, secrets: Secrets) -> Iterator[Check]:
    """Check each vault once."""
    by_vault: dict[str, list[Policy]] = {}
    for policy in (policies.defaults, *policies.all()):
        by_vault.setdefault(policy.vault.resource_id.lower(), []).append(policy)
    for found in by_vault.values():
        vault = found[0].vault
        names = [one.secret for one in found if is_secret_name(one.secret)]
        yield _secrets(vault, names, secrets)
        if any(one.scope_kind is ScopeKind.VAULT for one in found):
            yield _opened(vault, policies, secrets)


def _secrets(vault: Vault, names: Sequence[str], secrets: Secrets) -> Check:
    subject = phrase("Secrets of {vault}", vault=vault.name)

    async def look() -> Finding:
        count = len(await secrets.names(vault))
        found = await asyncio.gather(*(secrets.state(vault, name) for name in names))
        states = dict(zip(names, found, strict=True))
        unknown = [name for name, state in states.items() if state is SecretState.UNKNOWN]
        disabled = [name for name, state in states.items() if state is SecretState.DISABLED]
        if unknown or disabled:
            return doubtful(subject, _missing(unknown, disabled), _CREATE)
        return good(subject, phrase("metadata readable, {count} in total", count=count))

    return Check(subject, look, _let_read(vault))


def _missing(unknown: Sequence[str], disabled: Sequence[str]) -> Phrase:
    if not disabled:
        return phrase("metadata readable; not in the vault: {unknown}", unknown=_listed(unknown))
    if not unknown:
        return phrase("metadata readable; disabled: {disabled}", disabled=_listed(disabled))
    return phrase(
        "metadata readable; not in the vault: {unknown}; disabled: {disabled}",
        unknown=_listed(unknown),
        disabled=_listed(disabled),
    )


def _opened(vault: Vault, policies: Policies, secrets: Secrets) -> Check:
    """Report what an approval opens if grants are at vault scope."""
    subject = phrase("What an approval opens in {vault}", vault=vault.name)

    async def look() -> Finding:
        names = await secrets.names(vault)
        closed = policies.closed(names)
        if not closed:
            seen = phrase("the whole vault: {count} in total, all requestable", count=len(names))
            return good(subject, seen)
        seen = phrase(
            "the whole vault: {count} in total, {closed} of them not requestable",
            count=len(names),
            closed=len(closed),
        )
        return doubtful(subject, seen, _CLOSE)

    return Check(subject, look, _let_read(vault))


def _let_read(vault: Vault) -> Phrase:
    return phrase(
        "Give the bot {role} on {vault}; check the vault's firewall.",
        role="Key Vault Reader",
        vault=vault.name,
    )


def _listed(names: Sequence[str]) -> str | Phrase:
    shown = ", ".join(names[:_NAMED_AT_MOST])
    more = len(names) - _NAMED_AT_MOST
    return phrase("{names} and {count} more", names=shown, count=more) if more > 0 else shown
