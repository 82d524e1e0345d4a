"""Whether what ended long ago can be archived, and is."""

from datetime import timedelta

import pytest

from composition.counters import compose_counters
from domain.diagnosis import CheckStatus
from services.faults import NotPermitted
from services.operations.checks.retention import retention_checks
from services.operations.doctor import Doctor
from services.retention.archive import Archive
from services.retention.retention import Keeping
from tests.services.operations.checks.fakes import InEnglish, look
from tests.support.replica import Replica, World
from tests.support.tables.memory_archive import MemoryArchive

DAY = timedelta(days=1)


_NO = NotPermitted("Blob Storage", "403 AuthorizationPermissionMismatch", status=403)


class WrittenOnly(MemoryArchive):
    """A container that the bot may not read."""

    async def read(self, name: str) -> bytes | None:
        raise _NO


class ReadOnly(MemoryArchive):
    """A container that the bot may only read."""

    async def keep(self, name: str, content: bytes) -> None:
        raise _NO


async def a_deployment(days: int = 0) -> Replica:
    """Return a deployment that began so many days ago, and has done nothing since."""
    replica = Replica(World())
    await compose_counters(replica.core).moves.begin()
    await replica.settle()
    replica.clock.advance(days * DAY)
    return replica


async def _look(replica: Replica, days: int, archive: Archive | None) -> InEnglish:
    checks = retention_checks(replica.workflows, Keeping(days, archive), replica.clock)
    return await look(checks, "Retention")


async def test_keeping_everything_is_fine() -> None:
    found = await _look(await a_deployment(1_000), 0, None)

    assert (found.health, found.seen) == (CheckStatus.GOOD, "everything is kept")


async def test_without_an_archive_nothing_is_said_until_something_is_old_enough() -> None:
    early = await _look(await a_deployment(400), 400, None)
    late = await _look(await a_deployment(403), 400, None)

    assert early.health is CheckStatus.GOOD
    assert late.health is CheckStatus.DOUBTFUL
    assert late.seen == "what ended on 2026-03-02 is older than 400 days, and still in the table"
    assert "ARCHIVE_CONTAINER_URL" in late.remedy


async def test_with_an_archive_it_says_what_is_archived() -> None:
    found = await _look(await a_deployment(400), 400, MemoryArchive())

    assert found.health is CheckStatus.GOOD
    assert found.seen == "what ended more than 400 days ago is archived"


async def test_an_archive_that_can_be_written_and_read_is_good() -> None:
    replica = await a_deployment()
    checks = retention_checks(replica.workflows, Keeping(400, MemoryArchive()), replica.clock)
    found = await look(checks, "Archive")

    assert (found.health, found.seen) == (CheckStatus.GOOD, "read and written")


async def test_what_is_overdue_for_the_archive_is_doubtful() -> None:
    found = await _look(await a_deployment(403), 400, MemoryArchive())

    assert found.health is CheckStatus.DOUBTFUL
    assert "the lines of retention in the log" in found.remedy


@pytest.mark.parametrize("archive", [WrittenOnly(), ReadOnly()])
async def test_an_archive_that_refuses_the_bot_is_broken(archive: Archive) -> None:
    replica = await a_deployment()
    keeping = Keeping(400, archive)
    doctor = Doctor(lambda: retention_checks(replica.workflows, keeping, replica.clock))

    refused, retention = await doctor.examine()

    assert refused.health is CheckStatus.BROKEN
    assert "Storage Blob Data Contributor" in str(refused.remedy)
    assert retention.health is CheckStatus.GOOD
