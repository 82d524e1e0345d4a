"""Checks that access can be revoked before it is granted."""

import asyncio
import logging
from collections.abc import Awaitable, Callable, Sequence
from datetime import datetime, timedelta
from typing import TypeVar

from domain.access.revocable import VaultSettings, vault_of, why_not_give
from domain.access.rules.policy import Policy
from domain.access.target import Target
from domain.reasons import Reason
from services.clock import Clock
from services.faults import Fault, Unavailable, described
from services.ports import VaultControls

log = logging.getLogger(__name__)

T = TypeVar("T")

REMEMBERED = timedelta(seconds=60)
"""How long a clear result is cached for requests; the grant checks again."""

PATIENCE = timedelta(seconds=3)
"""How long a request waits for this check, as Teams only waits 15 seconds for all."""


class Revocability:
    """Reads locks and permission models from Azure.

    Missing permission to read them doesn't prevent access; ``doctor`` reports it. An outage may
    be retried later.
    """

    def __init__(self, controls: VaultControls, clock: Clock) -> None:
        self._controls = controls
        self._clock = clock
        self._clear_at: dict[tuple[str, bool], datetime] = {}

    async def settings(self, vault_id: str) -> VaultSettings:
        """Read a vault's settings; raises Unavailable if Azure doesn't answer."""
        locks, uses_rbac = await asyncio.gather(
            _known(self._controls.locks, vault_id), _known(self._controls.uses_rbac, vault_id)
        )
        return VaultSettings(locks, uses_rbac)

    async def why_not_give(self, targets: Sequence[Target]) -> Reason | None:
        """Return why access to these can't be granted now, or None."""
        vaults = list(dict.fromkeys(vault_of(target.scope) for target in targets))
        read = await asyncio.gather(*(self.settings(vault) for vault in vaults))
        settings = dict(zip(vaults, read, strict=True))
        for target in targets:
            known = settings[vault_of(target.scope)]
            if why := why_not_give(target.scope, known, allow_locked=target.allow_locked):
                return why
        return None

    async def why_not_ask(self, policy: Policy) -> Reason | None:
        """Return why access isn't worth requesting, or None; outages don't block requests."""
        key = (policy.scope.lower(), policy.allow_locked)
        now = self._clock()
        if now < self._clear_at.get(key, now):
            return None
        try:
            async with asyncio.timeout(PATIENCE.total_seconds()):
                settings = await self.settings(policy.vault.resource_id)
        except (Fault, TimeoutError) as fault:
            log.warning(
                "can't check whether access to %s can be revoked: %s",
                policy.secret,
                described(fault),
            )
            return None
        why = why_not_give(policy.scope, settings, allow_locked=policy.allow_locked)
        if why is None:
            self._clear_at = {one: at for one, at in self._clear_at.items() if at > now}
            self._clear_at[key] = now + REMEMBERED
        return why


async def _known(ask: Callable[[str], Awaitable[T]], vault_id: str) -> T | None:
    """Query a vault; None if the bot lacks permission, so a retry won't help."""
    try:
        return await ask(vault_id)
    except Unavailable:
        raise
    except Fault as fault:
        log.warning("locks and permission model of %s: %s", vault_id, fault)
        return None
