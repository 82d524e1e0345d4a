"""Access that people have without a grant from Latchkey."""

import asyncio
import logging
from collections.abc import Sequence

from domain.access.assignment import is_within
from domain.access.target import StandingPermission, Target
from services.faults import Fault, described
from services.people.directory import BRIEFLY
from services.ports import StandingRole, StandingRoles

log = logging.getLogger(__name__)


async def standing_access(
    roles: StandingRoles | None, person_id: str, targets: Sequence[Target]
) -> tuple[StandingPermission, ...]:
    """Return which of these secrets a person can read through other roles, each role once.

    It has a short timeout. If Azure can't be queried, the result is empty and nothing is blocked.
    """
    return await standing_access_if_known(roles, person_id, targets) or ()


async def standing_access_if_known(
    roles: StandingRoles | None, person_id: str, targets: Sequence[Target]
) -> tuple[StandingPermission, ...] | None:
    """Return the same; None if Azure can't be queried."""
    if roles is None:
        return ()
    vaults = list(dict.fromkeys(target.vault_id for target in targets))
    try:
        async with asyncio.timeout(BRIEFLY.total_seconds()):
            answers = await asyncio.gather(*(roles.of(person_id, vault) for vault in vaults))
    except (Fault, TimeoutError) as fault:
        log.warning("can't look up standing access: %s", described(fault))
        return None
    by_vault: dict[str, Sequence[StandingRole]] = dict(zip(vaults, answers, strict=True))
    return tuple(
        StandingPermission(target.secret, one.role, one.scope, one.by_group)
        for target in targets
        for one in by_vault[target.vault_id]
        if is_within(target.secret_scope or target.scope, one.scope)
    )
