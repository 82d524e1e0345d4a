"""Check whether what ended long ago can be archived, and is."""

from collections.abc import Iterator
from datetime import UTC, date, timedelta

from domain.counters.counters import WORKFLOW_ID as COUNTERS
from domain.counters.counters import Counters
from domain.diagnosis import Finding, doubtful, good
from domain.phrases import phrase
from domain.retention.retention import WORKFLOW_ID, Retention
from services.clock import Clock
from services.operations.checks.check import REACH_TABLES, Check
from services.retention.archive import Archive
from services.retention.retention import Keeping
from services.workflow.workflows import Workflows

_LATE = timedelta(days=2)
"""What can't be archived is tried again every five minutes."""

_WRITTEN = "written-by-doctor"
_ARCHIVE = phrase("Archive")
_RETENTION = phrase("Retention")
_REACH_ARCHIVE = phrase(
    "Make sure that the container in ARCHIVE_CONTAINER_URL exists, and that the bot has {role} on "
    "it.",
    role="Storage Blob Data Contributor",
)
_SET_ARCHIVE = phrase(
    "Set {archive} to a container, so that it can be archived and removed. Set {days} to keep "
    "everything.",
    archive="ARCHIVE_CONTAINER_URL",
    days="RETENTION_DAYS=0",
)
_FIND_OUT = phrase("Look for the lines of {workflow} in the log.", workflow=WORKFLOW_ID)


def retention_checks(workflows: Workflows, keeping: Keeping, clock: Clock) -> Iterator[Check]:
    """Check the archive, and whether anything is overdue for it."""
    if keeping.days and keeping.archive:
        yield _archive_check(keeping.archive)

    async def look() -> Finding:
        if not keeping.days:
            return good(_RETENTION, phrase("everything is kept"))
        oldest = await _oldest(workflows)
        due = oldest and oldest + timedelta(days=keeping.days)
        is_late = due is not None and clock().astimezone(UTC).date() - due > _LATE
        if oldest and is_late:
            seen = phrase(
                "what ended on {day} is older than {days} days, and still in the table",
                day=oldest.isoformat(),
                days=keeping.days,
            )
            return doubtful(_RETENTION, seen, _FIND_OUT if keeping.archive else _SET_ARCHIVE)
        if keeping.archive is None:
            seen = phrase(
                "nothing is older than {days} days yet; without an archive, nothing is removed",
                days=keeping.days,
            )
            return good(_RETENTION, seen)
        seen = phrase("what ended more than {days} days ago is archived", days=keeping.days)
        return good(_RETENTION, seen)

    yield Check(_RETENTION, look, REACH_TABLES)


def _archive_check(archive: Archive) -> Check:
    async def look() -> Finding:
        # An archive is never rewritten, so this is written once and stays.
        await archive.keep(_WRITTEN, b"Written by doctor, to see whether it can.\n")
        await archive.read(_WRITTEN)
        return good(_ARCHIVE, phrase("read and written"))

    return Check(_ARCHIVE, look, _REACH_ARCHIVE)


async def _oldest(workflows: Workflows) -> date | None:
    """Return from when on the days count of which something may not be archived."""
    counters = await workflows.load_as(Counters, COUNTERS)
    if counters is None:
        return None
    stored = await workflows.load_as(Retention, WORKFLOW_ID)
    day = stored.head.next_day if stored else None
    return max(day or counters.head.oldest, counters.head.begun)
