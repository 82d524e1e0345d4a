"""Reads what a report is computed from."""

import logging
from collections.abc import Sequence
from typing import Protocol

from domain.audit.access_review import Period
from domain.audit.figures import day_of
from domain.audit.history import Filter, opening_of
from domain.audit.report import USUAL, Aged, Report, summarise
from services.audit.counts.period_figures import PeriodFigures, is_about
from services.clock import Clock
from services.faults import described
from services.progress import ProgressCount
from services.rotation.overview import RotationLine
from services.workflow.workflows import LISTED, Workflows

log = logging.getLogger(__name__)


class RotatedSecrets(Protocol):
    """The rotated secrets, and how old they are."""

    async def lines(self) -> Sequence[RotationLine]: ...


class Reports:
    """Builds reports; the caller must have checked that the person is an admin."""

    def __init__(
        self,
        figures: PeriodFigures,
        workflows: Workflows,
        rotated: RotatedSecrets,
        clock: Clock,
    ) -> None:
        self._figures = figures
        self._workflows = workflows
        self._rotated = rotated
        self._clock = clock

    async def build(self, wanted: Filter, count: ProgressCount | None = None) -> Report:
        """Summarise everything that was opened since, in whole days."""
        count, now = count or ProgressCount(), self._clock()
        asked = Period(wanted.since or now - USUAL, now)
        figures, unreadable = await self._figures.since(day_of(asked.since), wanted.secret, count)
        return summarise(
            figures,
            asked=asked,
            secret=wanted.secret,
            stuck=await self._stuck(wanted.secret),
            aged=await self._aged(wanted.secret),
            unreadable=unreadable,
        )

    async def _stuck(self, secret: str | None) -> int:
        ids = [one for state in LISTED for one in await self._workflows.listed(state)]
        return len([one for one in ids if secret is None or await self._is_about(one, secret)])

    async def _is_about(self, workflow_id: str, secret: str) -> bool:
        """Return whether a workflow is about a secret; True if it can't be read."""
        try:
            stored = await self._workflows.load(workflow_id)
        except ValueError as error:
            log.warning("%s is counted as stuck: %s", workflow_id, described(error))
            return True
        opening = opening_of(stored.head) if stored else None
        return opening is not None and is_about(opening, secret)

    async def _aged(self, secret: str | None) -> list[Aged]:
        lines = await self._rotated.lines()
        return [
            Aged(line.secret, line.vault_name, line.current_age)
            for line in lines
            if not line.is_only_run
            and (secret is None or secret.casefold() == line.secret.casefold())
        ]
