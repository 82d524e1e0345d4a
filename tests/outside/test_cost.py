"""The number of table operations before a turn is answered."""

from collections.abc import Sequence

import pytest

from services.storage.table import Operation, Row
from services.workflow.worker import Worker
from tests.outside.scenarios import asked
from tests.support.deployment import AVERY, DANA
from tests.support.latchkey import Latchkey
from tests.support.tables.memory_table import MemoryTable

pytestmark = pytest.mark.in_memory


@pytest.fixture
def asked_of_table(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The table operations from now on, one word each."""
    calls: list[str] = []
    get, list_range, transact = MemoryTable.get, MemoryTable.range, MemoryTable.transact

    async def noted_get(self: MemoryTable, partition: str, key: str) -> Row | None:
        calls.append("get")
        return await get(self, partition, key)

    async def noted_range(
        self: MemoryTable, partition: str, start: str, stop: str, limit: int | None = None
    ) -> list[Row]:
        calls.append("range")
        return await list_range(self, partition, start, stop, limit)

    async def noted_transact(
        self: MemoryTable, partition: str, operations: Sequence[Operation]
    ) -> list[str]:
        calls.append("transact")
        return await transact(self, partition, operations)

    monkeypatch.setattr(MemoryTable, "get", noted_get)
    monkeypatch.setattr(MemoryTable, "range", noted_range)
    monkeypatch.setattr(MemoryTable, "transact", noted_transact)
    return calls


@pytest.mark.parametrize("title", ["Approve", "Approve with limits", "Deny"])
async def test_a_decision_costs_one_read_and_one_transaction(
    latchkey: Latchkey, asked_of_table: list[str], monkeypatch: pytest.MonkeyPatch, title: str
) -> None:
    def begin_nothing(*_: object) -> None:
        """Leave follow-up work to the agenda, so that it isn't counted."""

    await asked(latchkey)
    monkeypatch.setattr(Worker, "advance_soon", begin_nothing)
    await latchkey.restart()
    asked_of_table.clear()

    answer = await latchkey.click(AVERY, latchkey.card_of(AVERY), title)

    assert asked_of_table == ["get", "transact"]
    assert answer.buttons == set()


async def test_help_costs_nothing_once_the_persons_chat_is_known(
    latchkey: Latchkey, asked_of_table: list[str]
) -> None:
    await latchkey.say(DANA, "help")
    asked_of_table.clear()

    await latchkey.say(DANA, "help")

    assert asked_of_table == []
