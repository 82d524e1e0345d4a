"""An auditor verifies an export with the script alone, and compares it with the audit channel."""

import re
from datetime import timedelta
from pathlib import Path

import pytest

from services.storage import keys
from services.storage.table import Delete
from tests.outside.records.test_export import exported
from tests.outside.rotation_scenarios import begun
from tests.outside.scenarios import correlation_id, granted
from tests.support.clock import ManualClock
from tests.support.latchkey import Latchkey
from tests.support.tables.memory_table import MemoryTable
from tests.support.verifier import verify_export

pytestmark = pytest.mark.in_memory


async def two_days(bot: Latchkey, clock: ManualClock) -> str:
    """Let a request be granted and end, and a rotation run the next day; return the request's ID.

    Both days have their checkpoints.
    """
    await bot.begin_checkpoints()
    request_id = correlation_id(await granted(bot))
    clock.advance(timedelta(days=1))
    await bot.tick()
    await begun(bot)
    clock.advance(timedelta(days=1))
    await bot.tick()
    return request_id


def posted_fingerprints(bot: Latchkey) -> list[str]:
    """Return the fingerprints of the days, as the audit channel shows them."""
    posts = [post.words for post in bot.audit() if post.status == "Daily checkpoint"]
    return [
        found for words in posts for found in re.findall(r"Fingerprint of the day\n(\S+)", words)
    ]


async def test_an_untouched_export_passes_with_the_posted_fingerprints(
    bot: Latchkey, clock: ManualClock, tmp_path: Path
) -> None:
    await two_days(bot, clock)
    upload = await exported(bot, "export json")
    posted = posted_fingerprints(bot)

    verified = await verify_export(
        tmp_path, upload.body, *(f"--fingerprint={one}" for one in posted)
    )

    assert verified.status == 0
    assert len(posted) == 2
    for fingerprint in posted:
        assert f"{fingerprint} is the fingerprint of " in verified.words
    assert "none was removed, changed or added later" in verified.words
    assert "could have made all of it anew" not in verified.words
    assert "Nothing was changed, added or removed" in verified.words


async def test_a_fingerprint_of_an_event_is_found(
    bot: Latchkey, clock: ManualClock, tmp_path: Path
) -> None:
    request_id = await two_days(bot, clock)
    upload = await exported(bot, "export json")
    [granting] = [post for post in bot.audit() if post.status == "Access granted"]
    [shown] = re.findall(r"fingerprint (\S+)", granting.words)

    verified = await verify_export(tmp_path, upload.body, "--fingerprint", shown)

    assert verified.status == 0
    assert f"{shown} is the fingerprint of event 3 of {request_id}" in verified.words


async def test_a_workflow_that_was_removed_from_the_table_is_named(
    bot: Latchkey, clock: ManualClock, table: MemoryTable, tmp_path: Path
) -> None:
    request_id = await two_days(bot, clock)
    prefix = keys.workflow_prefix(request_id)
    shard = keys.shard_of(request_id)
    rows = await table.range(shard, prefix, f"{prefix}~")
    await table.transact(shard, [Delete(row.key) for row in rows])
    upload = await exported(bot, "export json")

    verified = await verify_export(tmp_path, upload.body)

    assert verified.status == 1
    assert f"{request_id} was removed: 2026-03-02 lists it." in verified.words


async def test_a_rewritten_table_has_other_fingerprints_than_the_channel(
    bot: Latchkey, clock: ManualClock, tmp_path: Path
) -> None:
    await two_days(bot, clock)
    upload = await exported(bot, "export json")

    verified = await verify_export(
        tmp_path, upload.body, "--fingerprint", "0000-1111-2222-3333-4444"
    )

    assert verified.status == 1
    assert "Nothing in the file has the fingerprint 0000-1111-2222-3333-4444" in verified.words


async def test_an_export_of_the_last_days_has_what_began_before_them(
    bot: Latchkey, clock: ManualClock, tmp_path: Path
) -> None:
    await two_days(bot, clock)
    upload = await exported(bot, "export json last 25h")

    verified = await verify_export(tmp_path, upload.body)

    assert verified.status == 0
    assert ": 1 workflows, opened since 2026-03-03" in verified.words
    assert "none was removed, changed or added later" in verified.words


async def test_an_export_about_one_secret_cannot_show_that_others_exist(
    bot: Latchkey, clock: ManualClock, tmp_path: Path
) -> None:
    await two_days(bot, clock)
    upload = await exported(bot, "export json demo-api-key")

    verified = await verify_export(tmp_path, upload.body)

    assert verified.status == 0
    assert "aren't in the file, since it is about the secret demo-api-key" in verified.words
    assert "none was removed, changed or added later" not in verified.words
