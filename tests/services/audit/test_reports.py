"""What a report is computed from."""

from datetime import timedelta

from domain.audit.history import Filter
from domain.audit.report import MOST, Report
from services.audit.history import History
from services.audit.reports import Reports
from services.rotation.overview import RotationLine
from tests.support.builders import DANA, OTHER_SECRET, SECRET
from tests.support.memory_table import MemoryTable
from tests.support.replica import Replica, World

DAY = timedelta(days=1)


class NoRotations:
    """An overview without rotated secrets."""

    async def lines(self) -> list[RotationLine]:
        return []


async def built(world: World, wanted: Filter, most: int = MOST) -> Report:
    workflows = Replica(world).workflows
    history = History(world.table, workflows)
    return await Reports(history, workflows, NoRotations(), world.clock, most).build(wanted)


def counted(report: Report) -> int:
    return sum(count for _, count in report.requests)


async def asked_daily(world: World, times: int) -> None:
    """Let Dana request a secret at the start of each day, and the other one every third day."""
    for number in range(times):
        secret = SECRET if number % 3 else OTHER_SECRET
        await Replica(world).ask(DANA, f"req-{number}", secret=secret)
        world.clock.advance(days=1)


async def test_a_report_that_reaches_its_limit_says_since_when_it_is_complete() -> None:
    world = World(MemoryTable())
    start = world.clock()
    await asked_daily(world, 8)

    report = await built(world, Filter(), most=5)

    assert counted(report) == 5
    assert report.counted_since == start + 3 * DAY
    assert report.intervals[0].start == start + 3 * DAY
    assert not report.is_whole


async def test_a_report_that_just_fits_is_complete() -> None:
    world = World(MemoryTable())
    await asked_daily(world, 8)

    report = await built(world, Filter(since=world.clock() - 8 * DAY), most=8)

    assert report.is_whole
    assert report.counted_since == report.asked.since


async def test_a_report_about_a_secret_counts_only_that_one() -> None:
    world = World(MemoryTable())
    await asked_daily(world, 8)

    report = await built(world, Filter(secret=OTHER_SECRET.upper()))

    assert counted(report) == 3
    assert report.secret == OTHER_SECRET.upper()


async def test_what_cannot_be_read_is_counted_as_such() -> None:
    world = World(MemoryTable())
    await asked_daily(world, 3)
    await world.garble("req-1")

    report = await built(world, Filter())

    assert (counted(report), report.unreadable) == (2, 1)
