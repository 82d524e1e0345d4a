"""Notes in ``/readyz`` about vaults where no access is granted, although the bot is ready."""

import asyncio
import logging
from collections.abc import Sequence
from datetime import datetime, timedelta

from domain.access.revocable import why_not_give
from domain.access.rules.policy import Policy
from services.access.asking.revocability import Revocability
from services.clock import Clock
from services.faults import Fault, described
from services.operations.checks.revocable import by_vault
from services.policies import Policies

log = logging.getLogger(__name__)

FRESH = timedelta(minutes=1)
"""How long a note is cached before the vaults are checked again."""

PATIENCE = timedelta(seconds=3)
"""How long a check may take: less than ``/readyz`` waits."""


class RevocabilityNotes:
    """Checks every governed vault periodically.

    A lock doesn't make the bot unready: existing access still ends or is reported as stuck, and
    everything except granting access there keeps working.
    """

    def __init__(self, policies: Policies, revocability: Revocability, clock: Clock) -> None:
        self._policies = policies
        self._revocability = revocability
        self._clock = clock
        self._looked_at: datetime | None = None
        self._notes: dict[str, str | None] = {}
        """What each vault's last check that was answered found, by the vault's resource ID."""

    def notes(self) -> Sequence[str]:
        """Return the vaults where no access is granted, and why, as of the last check."""
        return [note for note in self._notes.values() if note]

    async def look(self) -> None:
        """Check again unless the result is recent; a vault without an answer keeps its note."""
        now = self._clock()
        if self._looked_at and now - self._looked_at < FRESH:
            return
        self._looked_at = now
        vaults = {found[0].vault.resource_id: found for found in by_vault(self._policies)}
        found = await asyncio.gather(*(self._look_at(one) for one in vaults.values()))
        self._notes = dict(zip(vaults, found, strict=True))

    async def _look_at(self, policies: Sequence[Policy]) -> str | None:
        vault = policies[0].vault
        try:
            async with asyncio.timeout(PATIENCE.total_seconds()):
                return await self._note(policies)
        except (Fault, TimeoutError) as fault:
            log.warning(
                "can't check whether access to %s can be revoked: %s", vault.name, described(fault)
            )
            return self._notes.get(vault.resource_id)

    async def _note(self, policies: Sequence[Policy]) -> str | None:
        settings = await self._revocability.settings(policies[0].vault.resource_id)
        for one in policies:
            if why := why_not_give(one.scope, settings, allow_locked=one.allow_locked):
                return f"no access is granted in {one.vault.name}: {why}"
        return None
