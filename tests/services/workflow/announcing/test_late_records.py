"""A change of the table that got no answer may be stored later: what it wrote is found soon."""

import asyncio
from collections.abc import Sequence

import pytest

from services.faults import Unavailable
from services.storage import keys
from services.storage.table import Insert, Operation, Table
from services.workflow.worker import POLL
from tests.services.workflow.test_lanes import SlowTable
from tests.services.workflow.test_sharing import Cluster, give_one
from tests.support.builders import SECOND
from tests.support.processes import virtual_time

SOON = 10.0


class LateTable(SlowTable):
    """A table that stores one event late, and answers no change of its rows until then."""

    def __init__(self, table: Table) -> None:
        super().__init__(table)
        self.late: float | None = None
        """How many seconds late the next event is stored."""
        self._storing: asyncio.Task[list[str]] | None = None

    async def transact(self, partition: str, operations: Sequence[Operation]) -> list[str]:
        under_way = self._storing and not self._storing.done()
        if under_way and any(one.key.startswith("workflow~") for one in operations):
            raise Unavailable("Tables", "504")
        if self.late and any(_announces(one) for one in operations):
            self._storing = asyncio.create_task(self._store(self.late, partition, operations))
            self.late = None
            raise Unavailable("Tables", "504")
        return await super().transact(partition, operations)

    async def _store(
        self, seconds: float, partition: str, operations: Sequence[Operation]
    ) -> list[str]:
        await asyncio.sleep(seconds)
        return await super().transact(partition, operations)


def _announces(operation: Operation) -> bool:
    return isinstance(operation, Insert) and operation.key.startswith(f"{keys.OUTBOX}~")


@pytest.mark.parametrize("late", [1.0, 3.0, 15.0, 60.0])
def test_what_is_recorded_late_is_announced_soon_after_it(late: float) -> None:
    async def main() -> float:
        cluster = Cluster()
        cluster.world.slow = table = LateTable(cluster.world.memory)
        replica = cluster.start()
        person, _ = await give_one(replica, 1, "req-one")
        warn_at = (await replica.request("req-one")).granted.warn_at
        assert warn_at
        await asyncio.sleep((warn_at - replica.clock() - SECOND).total_seconds())
        table.late = late
        await replica.world.message_sender.until_sent_to(person, "expires_soon")
        took = (replica.clock() - warn_at).total_seconds()
        await cluster.kill()
        return took

    took = virtual_time.run(main())

    assert took >= late
    assert took <= late + SOON + 2 * POLL.total_seconds()
