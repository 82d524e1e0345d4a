"""A replica that makes checkpoints and counts days, and what its reports say."""

from datetime import UTC, datetime, time, timedelta

from composition.checkpoints import compose_checkpoints
from composition.counters import compose_counters
from domain.audit.figures import Figures
from domain.audit.history import Filter
from domain.audit.report import Report
from domain.checkpoints.checkpoints import MARGIN, SOONER
from domain.counters.counters import WORKFLOW_ID, Counters
from services.audit.history import History
from services.audit.reports import Reports
from services.progress import ProgressCount
from services.rotation.overview import RotationLine
from tests.support.clock import NINE
from tests.support.replica import Replica, World
from tests.support.tables.crashing_table import Crash
from tests.support.tables.memory_table import MemoryTable

DAY = timedelta(days=1)
TODAY = NINE.date()
COUNTED = datetime.combine(TODAY + DAY, time(), UTC) + MARGIN + SOONER
"""When today is counted."""


class Lines:
    """An overview of the rotated secrets, at first without any."""

    def __init__(self) -> None:
        self.found: list[RotationLine] = []

    async def lines(self) -> list[RotationLine]:
        return self.found


class Counted:
    """A replica with the daily work."""

    def __init__(self, world: World | None = None, crash: Crash | None = None) -> None:
        self.world = world or World(MemoryTable())
        self.replica = Replica(self.world, crash)
        self.checkpoints = compose_checkpoints(self.replica.core).moves
        self.counters = compose_counters(self.replica.core)
        self.rotated = Lines()

    async def begin(self) -> None:
        await self.checkpoints.begin()
        await self.counters.moves.begin()

    async def until(self, moment: datetime) -> None:
        await self.replica.pass_time(moment - self.world.clock())
        await self.replica.settle()

    async def head(self) -> Counters:
        stored = await self.replica.workflows.load_as(Counters, WORKFLOW_ID)
        assert stored
        return stored.head

    async def report(self, last: timedelta = 30 * DAY, secret: str | None = None) -> Report:
        reports = Reports(
            self.counters.figures, self.replica.workflows, self.rotated, self.world.clock
        )
        return await reports.build(Filter(secret=secret, since=self.world.clock() - last))

    async def walked(self, last: timedelta = 30 * DAY, secret: str | None = None) -> Figures:
        """Return the figures of the whole history, read one workflow after the other."""
        since = datetime.combine((self.world.clock() - last).date(), time(), UTC)
        figures = Figures()
        history = History(self.world.store, self.replica.workflows)
        async for batch in history.walk(Filter(secret=secret, since=since)):
            for one in batch.snapshots:
                figures.count(one.stored.head, one.events, self.world.clock())
        return figures

    async def counted(self, last: timedelta = 30 * DAY, secret: str | None = None) -> Figures:
        """Return the figures that a report is computed from."""
        since = (self.world.clock() - last).date()
        figures, _ = await self.counters.figures.since(since, secret, ProgressCount())
        return figures
