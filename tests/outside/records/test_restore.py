"""The drill of a restore: back the table up, go on, lose the table, restore it, and reconcile."""

import json
from collections.abc import Mapping, Sequence
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from sandbox.seed import DEMO_API_KEY
from scripts.state import file
from scripts.state.leases import HOLDING
from scripts.state.reading import rows_to_keep
from scripts.state.restoring import restore
from scripts.state.rows import values_of
from services.storage.table import Operation, Row
from tests.outside.rotation_scenarios import audit, begun, versions
from tests.outside.scenarios import correlation_id
from tests.support.clock import ManualClock
from tests.support.deployment import AVERY, DANA, MORGAN, ROBIN
from tests.support.latchkey import Latchkey
from tests.support.people import Seen
from tests.support.tables.memory_state import memory_reader, memory_writer, moving_reader
from tests.support.tables.memory_table import MemoryTable
from tests.support.teams import Person


@pytest.mark.in_memory
async def test_after_a_restore_nothing_is_lost_that_azure_knows(
    bot: Latchkey, clock: ManualClock, table: MemoryTable, tmp_path: Path
) -> None:
    yesterday, path = clock().date(), tmp_path / "backup.jsonl"
    await bot.begin_checkpoints()
    over = await _asked(bot, DANA)
    await bot.say(DANA, f"cancel {over}")
    clock.advance(timedelta(days=1, hours=1))
    await bot.tick()
    kept = await _asked(bot, DANA)
    ended_later = await _asked(bot, ROBIN)
    decided_later = await _asked(bot, MORGAN)
    await _approved(bot, kept, ended_later)
    rotation = correlation_id(await begun(bot))
    file.write(path, rows_to_keep(memory_reader(table), sleep=_never), clock())
    await bot.click(ROBIN, await bot.say(ROBIN, f"revoke {ended_later}"), "End access")
    await _approved(bot, decided_later)
    before = len(bot.teams.posted)

    await bot.stop()
    empty = MemoryTable()
    restore(path, memory_reader(empty), memory_writer(empty))
    bot.use_table(empty)
    await bot.start()
    clock.advance(minutes=20)
    await bot.reconcile()
    await bot.tick()

    posted = sorted((one.title[:5], one.status) for one in _posted_since(bot, before))
    people = {one.name: len(bot.assigned(one)) for one in (DANA, ROBIN, MORGAN)}
    ids = (over, kept, ended_later, decided_later, rotation)
    verdicts = [(await bot.say(AVERY, f"verify {one}")).status[:8] for one in ids]
    day = await bot.say(AVERY, f"verify day {yesterday}")
    await _approved(bot, decided_later)
    again = len(bot.assigned(MORGAN))
    clock.advance(hours=1, minutes=40)
    await bot.tick()
    at_its_end = len(bot.assigned(DANA))
    clock.advance(hours=24)
    await bot.tick()

    assert posted == [
        ("Audit", "Access removed out of band"),
        ("Audit", "Access revoked"),
        ("Audit", "Orphaned access removed"),
        ("Your ", "Access ended"),
    ]
    assert people == {DANA.name: 1, ROBIN.name: 0, MORGAN.name: 0}
    assert verdicts == ["Unbroken"] * 5
    assert day.status == f"{yesterday} is as it was: 1 workflow"
    assert again == 1
    assert at_its_end == 0
    assert bot.assigned(MORGAN) == []
    assert [one.enabled for one in versions(bot.sandbox)][-2:] == [False, True]
    assert audit(bot, rotation) == ["Rotation started", "Rotated", "Old version disabled"]


@pytest.mark.in_memory
async def test_a_backup_of_a_running_bot_has_each_workflow_as_it_was_at_one_moment(
    latchkey: Latchkey, table: MemoryTable, monkeypatch: pytest.MonkeyPatch
) -> None:
    states = _recorded(monkeypatch)
    kept, ended = await _asked(latchkey, DANA), await _asked(latchkey, ROBIN)
    await _approved(latchkey, kept, ended)
    await latchkey.click(ROBIN, await latchkey.say(ROBIN, f"revoke {ended}"), "End access")
    await latchkey.tick()

    torn, backups = [], 0
    for start in range(0, len(states), 3):
        for page in (1, 3):
            rows = list(rows_to_keep(moving_reader(states, start, page), sleep=lambda _: None))
            torn += _torn({row.name: values_of(row) for row in rows})
            backups += any(row.key.endswith("~head") for row in rows)

    assert backups > len(states) / 3
    assert torn == []


async def _asked(bot: Latchkey, person: Person) -> str:
    """Let a person ask for two hours; return the request's ID."""
    return correlation_id(
        await bot.say(person, f"request secret {DEMO_API_KEY} for 2h because smoke test")
    )


async def _approved(bot: Latchkey, *request_ids: str) -> None:
    """Let Avery approve requests, until access has begun."""
    for request_id in request_ids:
        await bot.say(AVERY, f"approve {request_id}")
    await bot.tick()


def _recorded(monkeypatch: pytest.MonkeyPatch) -> list[list[Row]]:
    """Return a list that gets the rows after each transaction from now on."""
    states: list[list[Row]] = []
    transact = MemoryTable.transact

    async def recorded(
        self: MemoryTable, partition: str, operations: Sequence[Operation]
    ) -> list[str]:
        etags = await transact(self, partition, operations)
        states.append(self.rows())
        return etags

    monkeypatch.setattr(MemoryTable, "transact", recorded)
    return states


def _torn(rows: Mapping[tuple[str, str], Mapping[str, Any]]) -> list[str]:
    """Return what doesn't fit together: heads with events, agenda, and leases."""
    found = []
    holding = set()
    for (_, key), head in rows.items():
        if not key.endswith("~head"):
            continue
        prefix, workflow_id = key.removesuffix("head"), key.split("~")[1]
        events = [name for name in rows if name[1].startswith(f"{prefix}event-")]
        if len(events) != head["events"] or rows[max(events)]["hash"] != head["hash"]:
            found.append(f"{workflow_id}: events")
        due = {name[1] for name in rows if name[1].startswith("agenda~")}
        expected = {f"agenda~{head['due']}~{workflow_id}"} if "due" in head else set()
        if {one for one in due if one.endswith(workflow_id)} != expected:
            found.append(f"{workflow_id}: agenda")
        if head["state"] in HOLDING:
            holding.add(workflow_id)
    leases = [row for (partition, _), row in rows.items() if partition.startswith("lease-")]
    holders = {one for row in leases for one in json.loads(row["holders"])}
    return [*found, *(f"{one}: lease" for one in holders - holding)]


def _posted_since(bot: Latchkey, count: int) -> list[Seen]:
    return [part for one in bot.teams.posted[count:] for part in Seen.of(one).parts]


def _never(seconds: float) -> None:
    raise AssertionError("nothing changes meanwhile")
