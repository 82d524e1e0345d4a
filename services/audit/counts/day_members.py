"""Which workflows belong to a day."""

import logging
from collections.abc import Mapping
from datetime import date

from domain.audit.checkpoint import Checkpoint
from services.audit.days.day_leaves import DayLeaves
from services.audit.days.recorded_days import recorded_days
from services.workflow.workflows import Workflows

log = logging.getLogger(__name__)


class DayMembers:
    """Finds the workflows with an event on a day: by its checkpoint, or until there is one."""

    def __init__(self, workflows: Workflows, leaves: DayLeaves) -> None:
        self._workflows = workflows
        self._leaves = leaves

    async def sealed(self, day: date) -> frozenset[str] | None:
        """Return the workflows on the list of a day's checkpoint; None while there is none."""
        taken = await self._taken()
        return await self._listed(taken[day]) if day in taken else None

    async def of(self, days: list[date]) -> frozenset[str]:
        """Return the workflows with an event on one of these days; more may be added to today."""
        taken = await self._taken()
        found: set[str] = set()
        for day in days:
            if day in taken:
                found |= await self._listed(taken[day])
            else:
                found |= {leaf.workflow for leaf in await self._leaves.read(day)}
        return frozenset(found)

    async def opened_on(self, day: date) -> frozenset[str]:
        """Return the workflows that were opened on a day."""
        return frozenset(await self._leaves.opened_on(day))

    async def _taken(self) -> Mapping[date, Checkpoint]:
        recorded = await recorded_days(self._workflows)
        return {one.day: one for one in recorded.checkpoints}

    async def _listed(self, checkpoint: Checkpoint) -> frozenset[str]:
        listed = await self._leaves.listed(checkpoint)
        if len(listed) < checkpoint.workflows:
            log.warning("the list of %s isn't complete", checkpoint.day)
        return frozenset(leaf.workflow for leaf in listed)
