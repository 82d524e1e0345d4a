"""Which access requests are open, read from the agenda."""

from services.access.who_decides.open_requests import OpenRequests
from services.storage import keys
from services.storage.keys import SHARDS, shard_of
from services.storage.table import Insert
from tests.support.replica import Replica, World
from tests.support.tables.memory_table import MemoryTable
from tests.support.tables.watched_table import WatchedTable


async def test_each_open_request_is_found_and_nothing_else_that_is_due() -> None:
    replica = Replica(World())
    names = [f"req-{number}" for number in range(3)]
    for name in names:
        await replica.ask(request_id=name)
    await replica.deny(request_id=names[0])
    await replica.worker.idle()
    await replica.reconcile.begin()

    found = [one async for one in OpenRequests(replica.world.table).ids()]

    assert sorted(found) == names[1:]


async def test_no_shard_is_read_before_those_of_the_one_before_are_dealt_with() -> None:
    table = WatchedTable(MemoryTable())
    ids = _one_in_each_shard()
    for one in ids:
        key = f"{keys.AGENDA}~2030-01-01T00:00:00.000Z~{one}"
        await table.transact(shard_of(one), [Insert(key, {"workflow": one})])
    open_requests = OpenRequests(table).ids()

    reads = [table.reads async for _ in open_requests]

    assert reads == list(range(1, len(SHARDS) + 1))


def _one_in_each_shard() -> list[str]:
    """Return an ID in each shard, in the order of the shards."""
    found = {shard_of(one): one for one in (f"req-{number}" for number in range(300))}
    return [found[shard] for shard in SHARDS]
