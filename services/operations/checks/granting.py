"""Checks that the bot can assign the roles that the rules grant, and no others."""

import asyncio
from collections.abc import Iterator, Mapping, Sequence, Set

from domain.access.role_conditions import RoleAction, lets, roles_named
from domain.diagnosis import Finding, broken, doubtful, good
from domain.phrases import Phrase, phrase
from domain.secrets import Vault
from services.needed_rights import VaultRoles, vault_roles
from services.operations.checks.check import Check
from services.policies import Policies
from services.ports import Delegation, Rights, missing

_ASSIGN = ("Microsoft.Authorization/roleAssignments/read", *RoleAction)
_NARROW = phrase(
    "Once nobody has access with them any more, remove them from the condition. {command} prints "
    "the roles that the rules grant, as parameters for {folder}.",
    folder="infra/",
    command="python scripts/dev.py rights",
)
_OTHER_ROLE = phrase("Configure a role that exists.")


def granting_checks(policies: Policies, rights: Rights) -> Iterator[Check]:
    """Check each vault once."""
    found = vault_roles(policies)
    granted_anywhere = {role for one in found for role in one.roles}
    for one in found:
        yield _granting(one, rights, granted_anywhere)


def _granting(granted: VaultRoles, rights: Rights, granted_anywhere: Set[str]) -> Check:
    """Compare the roles that are granted in a vault with what the bot can assign there."""
    vault, roles = granted.vault, granted.roles
    subject = phrase("Granting at {vault}", vault=vault.name)
    remedy = _delegate(vault)

    async def look() -> Finding:
        known = await asyncio.gather(*(rights.role_name(vault.resource_id, one) for one in roles))
        names = {role: name for role, name in zip(roles, known, strict=True) if name}
        if unknown := [role for role in roles if role not in names]:
            seen = phrase("there is no role {role}", role=", ".join(unknown))
            return broken(subject, seen, _OTHER_ROLE)
        if lacking := missing(await rights.held(vault.resource_id), _ASSIGN):
            seen = phrase("the bot lacks {permissions}", permissions=", ".join(lacking))
            return broken(subject, seen, remedy)
        held = await rights.delegations(vault.resource_id)
        if found := _shortfall(subject, names, held, remedy):
            return found
        if extra := _too_many(held, granted_anywhere):
            seen = phrase(
                "the bot can also assign {roles}, which no rule grants",
                roles=[await rights.role_name(vault.resource_id, one) or one for one in extra],
            )
            return doubtful(subject, seen, _NARROW)
        seen = phrase("the bot can assign and remove {roles}", roles=list(names.values()))
        return good(subject, seen)

    return Check(subject, look, remedy)


def _shortfall(
    subject: Phrase, names: Mapping[str, str], held: Sequence[Delegation], remedy: Phrase
) -> Finding | None:
    """Say what the conditions don't allow, or can't be said to; None if they allow all roles."""
    can_assign = {name: _may(held, RoleAction.ASSIGN, role) for role, name in names.items()}
    can_remove = {name: _may(held, RoleAction.REMOVE, role) for role, name in names.items()}
    if refused := [name for name, can in can_assign.items() if can is False]:
        seen = phrase("its condition doesn't let the bot assign {roles}", roles=refused)
        return broken(subject, seen, remedy)
    if kept := [name for name, can in can_remove.items() if can is False]:
        seen = phrase("its condition doesn't let the bot remove {roles} again", roles=kept)
        return broken(subject, seen, remedy)
    if unsure := [name for name in names.values() if None in (can_assign[name], can_remove[name])]:
        seen = phrase("I can't tell whether its condition allows {roles}", roles=unsure)
        return doubtful(subject, seen, remedy)
    if any(not one.condition.strip() for one in held):
        seen = phrase("the bot can assign every role, since its right has no condition")
        return doubtful(subject, seen, remedy)
    return None


def _may(held: Sequence[Delegation], action: RoleAction, role: str) -> bool | None:
    """Return whether one of the bot's rights allows it; None if one of them may."""
    answers = [lets(one.condition, action, role) for one in held if action in one.actions]
    return True if True in answers else None if None in answers else False


def _too_many(held: Sequence[Delegation], granted_anywhere: Set[str]) -> list[str]:
    """Return the roles that conditions name and allow, although no rule grants them."""
    named = {role for one in held for role in roles_named(one.condition)}
    return sorted(role for role in named - granted_anywhere if _may(held, RoleAction.ASSIGN, role))


def _delegate(vault: Vault) -> Phrase:
    return phrase(
        "Give the bot {role} on {vault}, with a condition that names the roles that the rules "
        "grant there. {command} prints them as parameters for {folder}.",
        role="Role Based Access Control Administrator",
        vault=vault.name,
        folder="infra/",
        command="python scripts/dev.py rights",
    )
