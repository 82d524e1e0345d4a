"""Reading all of the vaults' log, page by page."""

from datetime import timedelta

import pytest

from domain.access.reads import Logged, LogSpan, Read, SecretOfVault
from services.access.reads import every_read as module
from services.access.reads.every_read import every_read
from services.progress import ProgressCount
from tests.support.builders import DANA, HOUR, MINUTE, SECRET, VAULT
from tests.support.clock import NINE, ManualClock
from tests.support.fake_read_log import FakeReadLog

HERE = SecretOfVault(VAULT.resource_id, SECRET)
SPAN = LogSpan(NINE, NINE + HOUR)


def a_log(*minutes: int) -> FakeReadLog:
    log = FakeReadLog(ManualClock(NINE + HOUR))
    for number, minute in enumerate(minutes):
        at = NINE + minute * MINUTE
        log.note(Read(at=at, place=HERE, version=f"v{number}", caller=DANA.object_id))
    return log


async def every(log: FakeReadLog, count: ProgressCount | None = None) -> Logged:
    return await every_read(log, [HERE], [DANA.object_id], SPAN, count or ProgressCount())


@pytest.fixture(autouse=True)
def small_pages(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "PAGE", 3)


@pytest.mark.parametrize(
    "minutes",
    [(), (1,), (1, 2, 3), (1, 2, 3, 4), (1, 2, 2, 3, 3, 4, 5, 6, 7), (5, 5, 1)],
)
async def test_each_read_is_there_once_newest_first(minutes: tuple[int, ...]) -> None:
    count = ProgressCount()

    found = await every(a_log(*minutes), count)

    at = [(read.at - NINE) // MINUTE for read in found.reads]
    assert at == sorted(minutes, reverse=True)
    assert len({read.version for read in found.reads}) == len(minutes)
    assert (found.is_whole, count.now.done) == (True, len(minutes))
    assert bool(found.heard) == bool(minutes)


async def test_more_at_one_moment_than_fit_into_a_page_are_said_not_to_be_all() -> None:
    found = await every(a_log(9, 5, 5, 5, 5, 1))

    assert [(read.at - NINE) // MINUTE for read in found.reads] == [9, 5, 5, 5]
    assert not found.is_whole


async def test_more_than_anybody_looks_at_are_said_not_to_be_all(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(module, "MOST", 4)

    found = await every(a_log(*range(1, 10)))

    assert [(read.at - NINE) // MINUTE for read in found.reads] == [9, 8, 7, 6, 5]
    assert not found.is_whole


async def test_an_incomplete_answer_ends_it() -> None:
    log = a_log(*range(1, 10))
    log.is_partial = True

    found = await every(log)

    assert (len(log.asked), found.is_whole, found.is_partial) == (1, False, True)


async def test_times_between_two_microseconds_are_not_lost() -> None:
    """Kusto's times are finer, so a page is asked for up to a microsecond later."""
    log = a_log(1, 2, 3, 4)

    await every(log)

    assert log.asked[1] == LogSpan(NINE, NINE + 2 * MINUTE + timedelta(microseconds=1))
