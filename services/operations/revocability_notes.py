"""What ``/readyz`` says of vaults to which no access is given, although the bot is ready."""

import asyncio
import logging
from collections.abc import Sequence
from datetime import datetime, timedelta

from domain.access.policy import Policy
from domain.access.revocable import why_not_give
from services.access.revocability import Revocability
from services.clock import Clock
from services.faults import Fault
from services.operations.checks.revocable import by_vault
from services.policies import Policies

log = logging.getLogger(__name__)

FRESH = timedelta(minutes=1)
"""How long a note stands before the vaults are looked at again."""

PATIENCE = timedelta(seconds=3)
"""How long a look may take: less than what ``/readyz`` waits for anything."""


class RevocabilityNotes:
    """Looks at every governed vault now and then.

    A lock makes nothing unready: access that was given ends by other means or is told as stuck,
    and everything but giving access there goes on.
    """

    def __init__(self, policies: Policies, revocability: Revocability, clock: Clock) -> None:
        self._policies = policies
        self._revocability = revocability
        self._clock = clock
        self._looked_at: datetime | None = None
        self._notes: tuple[str, ...] = ()

    def notes(self) -> Sequence[str]:
        """Say to which vaults no access is given, and why, as it was last seen."""
        return self._notes

    async def look(self) -> None:
        """Look again unless that was done a moment ago; what does not answer changes nothing."""
        now = self._clock()
        if self._looked_at and now - self._looked_at < FRESH:
            return
        self._looked_at = now
        try:
            async with asyncio.timeout(PATIENCE.total_seconds()):
                found = [await self._note(policies) for policies in by_vault(self._policies)]
        except (Fault, TimeoutError) as fault:
            log.warning("not known whether access could be taken away: %s", fault)
            return
        self._notes = tuple(note for note in found if note)

    async def _note(self, policies: Sequence[Policy]) -> str | None:
        settings = await self._revocability.settings(policies[0].vault.resource_id)
        for one in policies:
            if why := why_not_give(one.scope, settings, allow_locked=one.allow_locked):
                return f"no access is given in {one.vault.name}: {why}"
        return None
