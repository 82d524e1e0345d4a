"""What one request leaves in the table, and what it asks of Azure: the figures of docs/sizing.md.

`python -m pytest tests/outside/test_size_of_a_life.py -s` prints them.
"""

import sys
from collections import Counter

import pytest

from sandbox import seed
from services.storage.table import Row, Value
from tests.outside.scenarios import ASKED
from tests.support.clock import ManualClock
from tests.support.deployment import AVERY, DANA
from tests.support.latchkey import Latchkey
from tests.support.tables.memory_table import MemoryTable

pytestmark = pytest.mark.in_memory

MOST_ROWS = 31
MOST_BYTES = 19_000
CALLS = {"Key Vault": 4, "Resource Manager": 10, "Graph": 5}


async def test_a_life_is_no_larger_than_documented(
    latchkey: Latchkey, clock: ManualClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    await latchkey.restart(SECRET_APPROVER_EMAIL=seed.AVERY.mail)
    for person in (DANA, AVERY):
        await latchkey.say(person, "help")
    tables = _seen_tables(monkeypatch)
    await _a_life(latchkey, clock)
    before, asked_before = _rows(tables), len(latchkey.sandbox.log)

    await _a_life(latchkey, clock)

    after, asked = _rows(tables), latchkey.sandbox.log[asked_before:]
    rows, size = len(after) - len(before), _size(after) - _size(before)
    calls = Counter(_service(one.path) for one in asked)
    sys.stdout.write(f"\n{rows} rows of {size:,} bytes; {dict(calls)}\n")
    assert rows <= MOST_ROWS
    assert size <= MOST_BYTES
    assert calls <= Counter(CALLS)


async def _a_life(latchkey: Latchkey, clock: ManualClock) -> None:
    await latchkey.say(DANA, ASKED)
    await latchkey.tick()
    clock.advance(minutes=3)
    await latchkey.click(AVERY, latchkey.card_of(AVERY), "Approve")
    await latchkey.tick()
    clock.advance(minutes=115)
    await latchkey.tick()
    clock.advance(minutes=5)
    await latchkey.tick()

    assert latchkey.assigned(DANA) == []
    assert "ended" in latchkey.sent_to(DANA)[-1].words


def _seen_tables(monkeypatch: pytest.MonkeyPatch) -> set[MemoryTable]:
    """Return the tables that are read from now on."""
    seen, get = set(), MemoryTable.get

    async def noted(self: MemoryTable, partition: str, key: str) -> Row | None:
        seen.add(self)
        return await get(self, partition, key)

    monkeypatch.setattr(MemoryTable, "get", noted)
    return seen


def _rows(tables: set[MemoryTable]) -> list[Row]:
    """Return all rows but those of the shared limits, which depend on how busy the machine is."""
    return [row for table in tables for row in table.rows() if row.partition != "limits"]


def _size(rows: list[Row]) -> int:
    """Return the bytes that Azure charges for.

    Source: Microsoft's archived blogs, "How the size of an entity is caclulated in Windows Azure
    table storage": 4 bytes, the keys and names and texts in UTF-16, 8 bytes for each property, and
    the size of its value.
    """
    return sum(
        4
        + 2 * len(row.partition + row.key)
        + sum(8 + 2 * len(name) + _size_of(value) for name, value in row.values.items())
        for row in rows
    )


def _size_of(value: Value) -> int:
    return 4 + 2 * len(value) if isinstance(value, str) else 8


def _service(path: str) -> str:
    if path.startswith("/subscriptions/"):
        return "Resource Manager"
    return "Graph" if path.startswith("/v1.0/") else "Key Vault"
