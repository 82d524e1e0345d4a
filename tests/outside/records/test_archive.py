"""What ended long ago is archived, and what people read when they ask for it."""

from datetime import timedelta

import pytest

from tests.outside.scenarios import correlation_id, granted
from tests.support.clock import ManualClock
from tests.support.deployment import AVERY, DANA
from tests.support.latchkey import Latchkey
from tests.support.tables.memory_archive import MemoryArchive

pytestmark = pytest.mark.in_memory

DAY = timedelta(days=1)


@pytest.fixture
def archive(monkeypatch: pytest.MonkeyPatch) -> MemoryArchive:
    """An archive in place of Blob Storage; what ended is kept for a day."""
    kept = MemoryArchive()
    monkeypatch.setattr("composition.root.open_archive", lambda *_: kept)
    monkeypatch.setattr("services.variables.LEAST_DAYS", 1)
    return kept


async def an_archived_request(bot: Latchkey, clock: ManualClock) -> str:
    """Let a request end, and two more days pass."""
    await bot.restart(RETENTION_DAYS="1")
    await bot.begin_daily_work()
    request_id = correlation_id(await granted(bot))
    for _ in range(3 * 24):
        clock.advance(hours=1)
        await bot.tick()
    return request_id


async def test_commands_say_when_a_request_was_archived(
    latchkey: Latchkey, clock: ManualClock, archive: MemoryArchive
) -> None:
    request_id = await an_archived_request(latchkey, clock)

    said = f"{request_id} ended long ago. It was archived on "
    for line in ("history", "status", "cancel", "approve"):
        assert said in (await latchkey.say(AVERY, f"{line} {request_id}")).words, line
    assert len(archive.files) == 1


async def test_the_evidence_of_an_archived_request_can_be_verified(
    latchkey: Latchkey, clock: ManualClock, archive: MemoryArchive
) -> None:
    today = clock().date()
    request_id = await an_archived_request(latchkey, clock)
    [name] = archive.files

    card = await latchkey.say(AVERY, f"verify {request_id}")
    day = await latchkey.say(AVERY, f"verify day {today}")

    assert card.status == f"Archived on {today + 2 * DAY}"
    assert name in card.words
    assert day.status == f"{today} is as it was: 1 workflow"
    assert "1 of them was archived" in day.words


async def test_the_audit_channel_says_what_was_archived_and_removed(
    latchkey: Latchkey, clock: ManualClock, archive: MemoryArchive
) -> None:
    await an_archived_request(latchkey, clock)

    titles = [post.status for post in latchkey.audit()]

    assert archive.files
    assert titles.count("Archived") == titles.count("Removed after archiving") == 1


async def test_the_report_still_counts_it_and_the_history_goes_on(
    latchkey: Latchkey, clock: ManualClock, archive: MemoryArchive
) -> None:
    await an_archived_request(latchkey, clock)

    report = await latchkey.say(AVERY, "report 7d")
    history = await latchkey.say(DANA, "history")

    assert archive.files
    assert "Requests\n1\n1 revoked" in report.words
    assert "There is nothing to show." in history.words


async def test_an_unknown_id_is_still_unknown(latchkey: Latchkey) -> None:
    card = await latchkey.say(AVERY, "status req-aaaaaaaaaa")

    assert "archived" not in card.words
