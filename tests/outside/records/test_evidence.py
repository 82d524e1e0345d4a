"""The integrity of the audit record: changes to the table by others are detected."""

import asyncio
import re
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from azure.data.tables.aio import TableClient

from bot.handlers import progress
from services.audit.days.day_leaves import DayLeaves
from services.storage import keys
from tests.outside.scenarios import correlation_id, granted
from tests.support.clock import ManualClock
from tests.support.deployment import AVERY, DANA, ROBIN
from tests.support.latchkey import Latchkey

_FOOTER = re.compile(r"· fingerprint ((?:[0-9a-f]{4}-){4}[0-9a-f]{4})")
"""At the end of an audit message."""


async def test_tampering_is_reported_with_the_event(latchkey: Latchkey) -> None:
    request_id = correlation_id(await granted(latchkey))
    async with latchkey.open_table() as table:
        await _forge(table, request_id)

    card = await latchkey.say(AVERY, f"verify {request_id}")

    assert card.status == "Broken: event 2 or an earlier one was changed"
    assert "fingerprint" not in card.words


@pytest.mark.in_memory
async def test_whatever_has_fingerprints_in_the_audit_channel_can_be_verified(
    latchkey: Latchkey, clock: ManualClock, tmp_path: Path
) -> None:
    file = tmp_path / "policy.toml"
    file.write_text("[defaults]", encoding="utf-8")
    await latchkey.restart(POLICY_FILE=str(file))
    await latchkey.look_at_policy_file()
    await latchkey.begin_checkpoints()
    await granted(latchkey)
    question = await latchkey.say(AVERY, f"erase {DANA.object_id}")
    await latchkey.click(AVERY, question, "Erase")
    clock.advance(timedelta(days=1, hours=1))
    await latchkey.tick()
    last = {correlation_id(post): post for post in latchkey.audit() if _FOOTER.search(post.words)}
    verdicts = {one: await latchkey.say(AVERY, f"verify {one}") for one in last}

    assert {one[:4] for one in last} == {"req-", "ers-", "chec", "poli"}
    for one, post in last.items():
        assert verdicts[one].status.startswith("Unbroken")
        assert _FOOTER.findall(post.words)[-1] in verdicts[one].words


async def test_a_request_that_was_removed_as_a_whole_is_named_by_its_day(
    latchkey: Latchkey, clock: ManualClock
) -> None:
    today = clock().date()
    await latchkey.begin_checkpoints()
    request_id = correlation_id(await granted(latchkey))
    clock.advance(timedelta(days=1, hours=1))
    await latchkey.tick()
    before = await latchkey.say(AVERY, f"verify day {today}")
    async with latchkey.open_table() as table:
        await _remove(table, request_id)

    after = await latchkey.say(AVERY, f"verify day {today}")
    [posted] = [post for post in latchkey.audit() if post.status == "Daily checkpoint"]
    [fingerprint] = re.findall(r"(?:[0-9a-f]{4}-){4}[0-9a-f]{4}", before.words)

    assert before.status == f"{today} is as it was: 1 workflow"
    assert f"Fingerprint of the day\n{fingerprint}" in posted.words
    assert after.status == f"{today} isn't as it was"
    assert f"Removed: {request_id}." in after.words


async def test_a_day_that_takes_long_to_verify_is_answered_meanwhile(
    latchkey: Latchkey, clock: ManualClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    today = clock().date()
    await latchkey.begin_checkpoints()
    await granted(latchkey)
    clock.advance(timedelta(days=1, hours=1))
    await latchkey.tick()
    posted: list[str] = []
    replied, now = asyncio.Event(), DayLeaves.now

    async def wait(self: DayLeaves, *given: Any) -> Any:
        await replied.wait()
        return await now(self, *given)

    async def put(self: Any, card: Any) -> None:
        posted.extend(seen.words for seen in latchkey.sent_to(AVERY)[-1:])
        replied.set()
        await shown(self, card)

    shown = progress._Shown.put
    monkeypatch.setattr(DayLeaves, "now", wait)
    monkeypatch.setattr(progress._Shown, "put", put)
    monkeypatch.setattr(progress, "SOON_SECONDS", 0)
    monkeypatch.setattr(progress, "_FIRST_PAUSES", (0.0,))

    card = await latchkey.say(AVERY, f"verify day {today}")

    assert "Verifying the events of that day" in posted[0]
    assert f"Then type again:\nverify day {today}" in posted[0]
    assert card.status == f"{today} is as it was: 1 workflow"


async def test_a_day_without_a_checkpoint_has_nothing_to_compare_with(latchkey: Latchkey) -> None:
    card = await latchkey.say(AVERY, "verify day 1 Jan 2020")

    assert "There's no checkpoint for 2020-01-01." in card.words


async def test_what_is_no_day_is_refused_with_an_example(latchkey: Latchkey) -> None:
    card = await latchkey.say(AVERY, "verify day tomorrow")

    assert "I can't read that day. Write it like 2026-11-27." in card.words


async def test_days_are_verified_by_admins_only(latchkey: Latchkey) -> None:
    card = await latchkey.say(DANA, "verify day 2020-01-01")

    assert "Only admins" in card.words


async def _remove(table: TableClient, workflow_id: str) -> None:
    """Remove a workflow with all its rows."""
    prefix = keys.workflow_prefix(workflow_id)
    found = table.query_entities(f"RowKey ge '{prefix}' and RowKey lt '{prefix}~'")
    for entity in [one async for one in found]:
        await table.delete_entity(entity["PartitionKey"], entity["RowKey"])


async def _forge(table: TableClient, request_id: str) -> None:
    """Change the record so that someone else approved the request."""
    key = keys.event_key(request_id, 2)
    event = await table.get_entity(keys.shard_of(request_id), key)
    event["event"] = event["event"].replace(AVERY.object_id, ROBIN.object_id)
    await table.update_entity(event)
