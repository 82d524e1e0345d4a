"""What needs attention, read with as few reads as that takes."""

from datetime import timedelta

import pytest

from domain.access.request import RequestState
from services.storage import keys
from services.storage.table import Insert
from services.workflow import attention
from services.workflow.attention import AttentionReader
from services.workflow.due.agenda import Agenda
from services.workflow.workflows import LISTS
from tests.support.builders import MINUTE, SECOND
from tests.support.clock import NINE
from tests.support.tables.memory_table import MemoryTable
from tests.support.tables.watched_table import WatchedTable

_IDS = [f"req-{number}" for number in range(100)]


async def _insert(table: MemoryTable, key: str, workflow_id: str) -> None:
    row = Insert(key, {"workflow": workflow_id})
    await table.transact(keys.shard_of(workflow_id), [row])


async def _full() -> MemoryTable:
    """Return a table with rows of each kind in all shards, and others between them."""
    table = MemoryTable()
    for workflow_id in _IDS:
        for state in (*LISTS, "sealed", "tagged", "requested"):
            await _insert(table, keys.listed_key(state, workflow_id), workflow_id)
        for queue in (keys.AGENDA, keys.OUTBOX):
            for due in (NINE - MINUTE, NINE + MINUTE):
                await _insert(table, keys.due_key(queue, due, workflow_id), workflow_id)
        aside = keys.quarantine_key(keys.due_key(keys.AGENDA, NINE, workflow_id))
        await _insert(table, aside, workflow_id)
        await _insert(table, keys.head_key(workflow_id), workflow_id)
    return table


async def test_everything_is_found_in_every_shard_with_three_reads_in_each() -> None:
    table = WatchedTable(await _full())

    seen = await AttentionReader(table, Agenda(table, keys.AGENDA)).read(NINE)

    listed = {name: sorted(ids) for name, ids in seen.listed.items()}
    assert listed == {str(name): sorted(_IDS) for name in LISTS}
    assert sorted(row.workflow_id for row in seen.due) == sorted(_IDS)
    assert sorted(row.workflow_id for row in seen.waiting) == sorted([*_IDS, *_IDS])
    assert sorted(row.workflow_id for row in seen.quarantined) == sorted(_IDS)
    assert table.reads == 3 * len(keys.SHARDS)


@pytest.mark.parametrize("most", [1, 3, 12])
async def test_what_comes_behind_a_long_outbox_is_found(
    monkeypatch: pytest.MonkeyPatch, most: int
) -> None:
    monkeypatch.setattr(attention, "MOST_WAITING", most)
    table = await _full()

    seen = await AttentionReader(table, Agenda(table, keys.AGENDA)).read(NINE)

    assert sorted(seen.listed[RequestState.REVOKING]) == sorted(_IDS)
    assert len(seen.quarantined) == len(_IDS)


async def test_announcements_are_listed_by_how_long_they_wait() -> None:
    table = MemoryTable()
    for seconds in (3, 1, 2):
        due = NINE + seconds * SECOND
        await _insert(table, keys.due_key(keys.OUTBOX, due, f"req-{seconds}"), f"req-{seconds}")

    seen = await AttentionReader(table, Agenda(table, keys.AGENDA)).read(NINE + timedelta(days=1))

    assert [row.workflow_id for row in seen.waiting] == ["req-1", "req-2", "req-3"]


def test_no_other_kind_of_row_lies_among_those_that_are_read_together() -> None:
    others = (keys.AGENDA, keys.DAY, keys.HISTORY, keys.WORKFLOW, keys.ANSWERED, "sealed")
    known = [str(kind) for together in attention.BEHIND_EACH_OTHER for kind in together]

    everything = sorted(f"{kind}~" for kind in (*others, *known))

    for together in attention.BEHIND_EACH_OTHER:
        start = everything.index(f"{together[0]}~")
        assert everything[start : start + len(together)] == [f"{kind}~" for kind in together]
    assert {*map(str, LISTS), keys.OUTBOX, keys.QUARANTINE} == set(known)
