"""The figures of a period: from the counters, and from the workflows that aren't counted yet."""

from datetime import date

from domain.audit.figures import Figures, day_of
from domain.audit.history import Filter, Opening, opening_of
from domain.checkpoints.checkpoints import start_of
from domain.counters.counters import WORKFLOW_ID, Counters
from services.audit.counts.counted_parts import CountedParts
from services.audit.counts.counting import before, is_first_found, read_in_batches
from services.audit.counts.day_figures import DayFigures, days_between
from services.audit.counts.day_members import DayMembers
from services.audit.history import History
from services.clock import Clock
from services.progress import ProgressCount
from services.workflow.workflows import Snapshot, Workflows


class PeriodFigures:
    """Adds up what is known of the workflows that were opened since a day."""

    def __init__(
        self,
        history: History,
        workflows: Workflows,
        members: DayMembers,
        parts: CountedParts,
        figures: DayFigures,
        clock: Clock,
    ) -> None:
        self._history = history
        self._workflows = workflows
        self._members = members
        self._parts = parts
        self._figures = figures
        self._clock = clock

    async def since(
        self, day: date, secret: str | None, count: ProgressCount
    ) -> tuple[Figures, int]:
        """Return the figures of everything, or of a secret, and how much couldn't be read.

        Until the counters have caught up after their first start, the whole history is read.
        """
        stored = await self._workflows.load_as(Counters, WORKFLOW_ID)
        if stored is None or not stored.head.has_caught_up:
            return await self._from_history(day, secret, count)
        next_day = stored.head.next_day
        days = days_between(max(day, stored.head.oldest), next_day)
        counted = await self._figures.of(days, day, secret)
        others, unreadable = await self._not_counted(next_day, day, secret, count)
        counted.add(others)
        return counted, unreadable

    async def _not_counted(
        self, next_day: date, since: date, secret: str | None, count: ProgressCount
    ) -> tuple[Figures, int]:
        """Read what was left on the last counted day, and what has happened since."""
        now = self._clock()
        left = await self._parts.left_after(before(next_day))
        today = max(day_of(now), next_day)
        members = await self._members.of([*days_between(next_day, today), today])
        wanted = {one for one, on in left.items() if on >= since} | (members - left.keys())
        figures, unreadable = Figures(), 0
        async for found in read_in_batches(self._workflows, sorted(wanted)):
            count.add(len(found))
            for one, read in found.items():
                if one not in left and not is_first_found(read, next_day):
                    continue  # it was counted
                if isinstance(read, ValueError):
                    unreadable += 1
                elif read and _is_wanted(read, since, secret):
                    figures.count(read.stored.head, read.events, now)
        return figures, unreadable

    async def _from_history(
        self, day: date, secret: str | None, count: ProgressCount
    ) -> tuple[Figures, int]:
        figures, unreadable, now = Figures(), 0, self._clock()
        async for batch in self._history.walk(Filter(secret=secret, since=start_of(day))):
            unreadable += len(batch.unreadable)
            count.add(len(batch.snapshots))
            for one in batch.snapshots:
                figures.count(one.stored.head, one.events, now)
        return figures, unreadable


def _is_wanted(read: Snapshot, since: date, secret: str | None) -> bool:
    opening = opening_of(read.stored.head)
    if opening is None or day_of(opening.at) < since:
        return False
    return secret is None or is_about(opening, secret)


def is_about(opening: Opening, secret: str) -> bool:
    """Return whether a workflow was opened for a secret."""
    return secret.casefold() in {one.casefold() for one in opening.secrets}
