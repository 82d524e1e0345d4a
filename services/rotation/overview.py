"""The status of every rotated secret."""

import asyncio
from dataclasses import dataclass
from datetime import datetime, timedelta

from domain.rotation.policy import RotationPolicy
from domain.rotation.rotation import Rotation
from domain.rotation.schedule import ScheduledRotation
from services.clock import Clock
from services.faults import Fault
from services.rotation.rotations import Rotations
from services.rotation.scheduling.schedules import Schedules
from services.rotation.secret_versions import SecretVersions

_AT_ONCE = 16


@dataclass(frozen=True, slots=True)
class RotationLine:
    """One rotated secret, or a run of one; None for what doesn't exist or couldn't be read."""

    secret: str
    vault_name: str
    last: Rotation | None
    next_run: datetime | None
    current_age: timedelta | None
    unwatched: ScheduledRotation | None = None
    """Its schedule, if the expiry can't be checked."""
    is_due: bool = False
    """Whether the next run is due, but hasn't begun: another rotation may hold the secret."""
    is_only_run: bool = False
    """Whether it says nothing of the secret, which has another line or isn't rotated any longer."""


class Overview:
    """Looks up the list of rotations; the cost grows with its length."""

    def __init__(
        self, rotations: Rotations, schedules: Schedules, versions: SecretVersions, clock: Clock
    ) -> None:
        self._rotations = rotations
        self._schedules = schedules
        self._versions = versions
        self._clock = clock

    async def lines(self) -> list[RotationLine]:
        """Return a line for each rotated secret, and one for each older run that needs a human."""
        few = asyncio.Semaphore(_AT_ONCE)

        async def line(policy: RotationPolicy) -> RotationLine:
            async with few:
                return await self._line(policy)

        lines = await asyncio.gather(*map(line, self._rotations.rotated()))
        shown = {line.last.id for line in lines if line.last}
        older = [one for one in await self._rotations.needing_human() if one.id not in shown]
        return [
            *lines,
            *(
                RotationLine(one.secret, one.terms.vault_name, one, None, None, is_only_run=True)
                for one in older
            ),
        ]

    async def _line(self, policy: RotationPolicy) -> RotationLine:
        schedule = await self._schedules.find(policy)
        next_run = schedule.run_at if schedule else None
        return RotationLine(
            policy.secret,
            policy.vault.name,
            await self._rotations.last_of(policy),
            next_run,
            await self._age(policy),
            schedule if schedule and schedule.is_unwatched else None,
            is_due=next_run is not None and next_run <= self._clock(),
        )

    async def _age(self, policy: RotationPolicy) -> timedelta | None:
        """Return the age of the current version, from metadata alone; None if it is disabled."""
        try:
            versions = await self._versions.list(policy.vault.url, policy.secret)
        except Fault:
            return None
        dated = [(one.created_at, one.enabled) for one in versions if one.created_at]
        newest = max(dated, default=None)  # of two from the same second, the enabled one
        return self._clock() - newest[0] if newest and newest[1] else None
