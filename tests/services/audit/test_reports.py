"""What a report is computed from."""

from domain.audit.report import Aged, Report
from services.rotation.overview import RotationLine
from tests.services.audit.counted import DAY, Counted
from tests.support.builders import DANA, OTHER_SECRET, SECRET, VAULT
from tests.support.rotation.builders import a_rotation


def counted(report: Report) -> int:
    return sum(count for _, count in report.requests)


async def asked_daily(one: Counted, times: int) -> None:
    """Let Dana request a secret at the start of each day, and the other one every third day."""
    for number in range(times):
        secret = SECRET if number % 3 else OTHER_SECRET
        await one.replica.ask(DANA, f"req-{number}", secret=secret)
        await one.replica.pass_time(DAY)


async def test_a_report_counts_everything_since_the_start_of_its_first_day() -> None:
    one = Counted()
    await one.begin()
    start = one.world.clock()
    await asked_daily(one, 8)

    report = await one.report(5 * DAY)

    assert counted(report) == 5
    assert report.counted_since == (start + 3 * DAY).replace(hour=0)
    assert report.intervals[0].start == report.counted_since


async def test_a_report_about_a_secret_counts_only_that_one() -> None:
    one = Counted()
    await one.begin()
    await asked_daily(one, 8)

    report = await one.report(secret=OTHER_SECRET.upper())

    assert counted(report) == 3
    assert report.secret == OTHER_SECRET.upper()


async def test_what_cannot_be_read_is_counted_as_such() -> None:
    one = Counted()
    await asked_daily(one, 3)
    await one.world.garble("req-1")

    report = await one.report()

    assert (counted(report), report.unreadable) == (2, 1)


async def test_a_secret_is_listed_once_however_many_of_its_runs_need_a_human() -> None:
    one = Counted()
    one.rotated.found = [
        RotationLine(SECRET, VAULT.name, None, None, DAY),
        RotationLine(SECRET, VAULT.name, a_rotation(), None, None, is_only_run=True),
    ]

    report = await one.report()

    assert report.oldest == (Aged(SECRET, VAULT.name, DAY),)
