"""What a day's checkpoint is made from."""

from collections.abc import AsyncIterator, Sequence

from domain.audit.figures import day_of
from services.audit.days.day_leaves import DayLeaves
from services.storage.table import Row
from tests.support.builders import HOUR
from tests.support.replica import Replica, World
from tests.support.tables.memory_table import MemoryTable


class RowByRow(MemoryTable):
    """A table whose pages have one row each, last ones first, as Cosmos DB may answer."""

    async def pages(self, partition: str, start: str, stop: str) -> AsyncIterator[Sequence[Row]]:
        for row in reversed(await self.range(partition, start, stop)):
            yield [row]


async def test_the_leaves_of_a_day_do_not_depend_on_the_order_or_size_of_pages() -> None:
    table = MemoryTable()
    world = World(table)
    replica = Replica(world)
    for number in range(20):
        await replica.ask(request_id=f"req-{number}")
        await replica.approve(request_id=f"req-{number}")
    await replica.worker.idle()
    await replica.pass_time(HOUR)
    day = day_of(world.clock())
    usual = DayLeaves(table, replica.workflows)
    row_by_row = DayLeaves(RowByRow(table.rows()), replica.workflows)

    leaves = await row_by_row.read(day)

    assert leaves == await usual.read(day)
    assert {leaf.workflow for leaf in leaves} >= {f"req-{number}" for number in range(20)}
    assert await row_by_row.opened_on(day) == await usual.opened_on(day)
