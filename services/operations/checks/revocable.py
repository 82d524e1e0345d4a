"""Checks that access to each vault can be granted and revoked."""

from collections.abc import Iterator, Sequence

from domain.access.revocable import (
    ResourceLock,
    VaultSettings,
    holding,
    place_of,
    why_not_give,
)
from domain.access.rules.policy import Policy
from domain.diagnosis import Finding, broken, doubtful, good
from domain.phrases import Phrase, counted, mark, phrase
from domain.secrets import Vault
from services.faults import NotPermitted
from services.operations.checks.check import Check
from services.policies import Policies
from services.ports import VaultControls

_READS = phrase(
    "Reading locks needs {permission}, as in {role}, on the vault.",
    permission="*/read",
    role="Role Based Access Control Administrator",
)
_UNLOCK = phrase(
    "Remove the lock, or set {line} in the policy file: access then stays until the lock is "
    "removed.",
    line="allow_locked = true",
)
_WAIT = phrase("Access can only be revoked once the lock is removed.")
_SWITCH = phrase("Set the vault's permission model to Azure role-based access control (RBAC).")
_PLACES = {
    "subscription": mark("subscription {name}"),
    "resource_group": mark("resource group {name}"),
    "vault": mark("vault {name}"),
    "secret": mark("secret {name}"),
    "scope": mark("scope {name}"),
}


def revocability_checks(policies: Policies, controls: VaultControls) -> Iterator[Check]:
    """Check each vault's locks and permission model."""
    for found in by_vault(policies):
        yield _locks(found, controls)
        yield _model(found[0].vault, controls)


def by_vault(policies: Policies) -> list[list[Policy]]:
    """Group the policies of requestable secrets by vault; the default vault is always included.

    If nothing can be requested in the default vault, the default policy stands for it.
    """
    found: dict[str, list[Policy]] = {}
    for policy in policies.all():
        found.setdefault(policy.vault.resource_id.lower(), []).append(policy)
    usual = policies.defaults
    found.setdefault(usual.vault.resource_id.lower(), [usual])
    return list(found.values())


def _locks(found: Sequence[Policy], controls: VaultControls) -> Check:
    vault = found[0].vault
    subject = phrase("Locks of {vault}", vault=vault.name)

    async def look() -> Finding:
        try:
            locks = await controls.locks(vault.resource_id)
        except NotPermitted as fault:
            return doubtful(subject, _unknown(fault), _READS)
        held = {one.secret: holding(locks, one.scope) for one in found}
        meant = {secret: locks[0] for secret, locks in held.items() if locks}
        if not meant:
            return good(subject, phrase("none that would block revocation"))
        refused = [one for one in found if _is_refused(one, locks)]
        if refused:
            return broken(subject, _refusal(meant[refused[0].secret], refused), _UNLOCK)
        lock = next(iter(meant.values()))
        seen = phrase(
            "the {place} has the lock '{lock}' ({level}); {key} still allows access to be granted",
            place=_place(lock),
            lock=lock.name,
            level=str(lock.level),
            key="allow_locked",
        )
        return doubtful(subject, seen, _WAIT)

    return Check(subject, look, _READS)


def _model(vault: Vault, controls: VaultControls) -> Check:
    subject = phrase("Permission model of {vault}", vault=vault.name)
    let_read = phrase("Give the bot {role} on {vault}.", role="Key Vault Reader", vault=vault.name)

    async def look() -> Finding:
        try:
            uses_rbac = await controls.uses_rbac(vault.resource_id)
        except NotPermitted as fault:
            return doubtful(subject, _unknown(fault), let_read)
        if not uses_rbac:
            seen = phrase(
                "not Azure RBAC: role assignments give no access to its secrets, so none is granted"
            )
            return broken(subject, seen, _SWITCH)
        return good(subject, phrase("Azure RBAC"))

    return Check(subject, look, let_read)


def _unknown(fault: NotPermitted) -> Phrase:
    return phrase("unknown: {cause}; access is granted anyway", cause=fault.cause)


def _is_refused(policy: Policy, locks: tuple[ResourceLock, ...]) -> bool:
    settings = VaultSettings(locks)
    return why_not_give(policy.scope, settings, allow_locked=policy.allow_locked) is not None


def _refusal(lock: ResourceLock, refused: Sequence[Policy]) -> Phrase:
    """Say which lock refuses access to what."""
    place, level = _place(lock), str(lock.level)
    names = [one.secret for one in refused if one.secret]
    if not names:
        return phrase(
            "the {place} has the lock '{lock}' ({level}): no access is granted",
            place=place,
            lock=lock.name,
            level=level,
        )
    many = counted("{count} secret", "{count} secrets", len(names))
    return phrase(
        "the {place} has the lock '{lock}' ({level}): no access is granted to {secrets}",
        place=place,
        lock=lock.name,
        level=level,
        secrets=names if len(names) <= _NAMED_AT_MOST else many,
    )


def _place(lock: ResourceLock) -> Phrase:
    kind, name = place_of(lock.scope)
    return phrase(_PLACES[kind], name=name)


_NAMED_AT_MOST = 10
