"""Reads what a report is computed from."""

import logging
from collections.abc import Sequence
from datetime import datetime
from typing import Protocol

from domain.audit.access_review import Period
from domain.audit.history import Filter, opening_of
from domain.audit.report import MOST, USUAL, Aged, Happened, Report, summarise
from services.audit.history import History
from services.clock import Clock
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
        history: History,
        workflows: Workflows,
        rotated: RotatedSecrets,
        clock: Clock,
        most: int = MOST,
    ) -> None:
        self._history = history
        self._workflows = workflows
        self._rotated = rotated
        self._clock = clock
        self._most = most

    async def build(self, wanted: Filter, count: ProgressCount | None = None) -> Report:
        """Summarise the newest matches, up to a limit, and say since when that is everything."""
        count, now = count or ProgressCount(), self._clock()
        asked = Period(wanted.since or now - USUAL, now)
        happened: list[Happened] = []
        oldest: datetime | None = None
        unreadable = 0
        async for batch in self._history.walk(Filter(secret=wanted.secret, since=asked.since)):
            unreadable += len(batch.unreadable)
            count.add(len(batch.snapshots))
            room = self._most - len(happened)
            happened += [(one.stored.head, one.events) for one in batch.snapshots[:room]]
            if len(batch.snapshots) > room:
                oldest = _opened_at(happened)
                break
        return summarise(
            happened,
            asked=asked,
            counted_since=oldest,
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
            log.warning("%s is counted as stuck: %s", workflow_id, error)
            return True
        opening = opening_of(stored.head) if stored else None
        return opening is not None and _same(secret, opening.secrets)

    async def _aged(self, secret: str | None) -> list[Aged]:
        lines = await self._rotated.lines()
        return [
            Aged(line.secret, line.vault_name, line.current_age)
            for line in lines
            if secret is None or _same(secret, (line.secret,))
        ]


def _opened_at(happened: list[Happened]) -> datetime | None:
    """Return when the last of these was opened, the oldest."""
    openings = (opening_of(head) for head, _ in happened[-1:])
    return next((opening.at for opening in openings if opening), None)


def _same(secret: str, others: tuple[str, ...]) -> bool:
    return secret.casefold() in {other.casefold() for other in others}
