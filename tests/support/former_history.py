"""The history as older versions wrote it: in partitions of its own, and not in the shards."""

from services.storage import keys
from services.storage.table import Delete, Insert, Replace, Row, Table
from services.workflow.event_rows import INDEXED
from services.workflow.lists import former_history, history_rows


async def make_former(table: Table, *workflow_ids: str, keep: bool = False) -> None:
    """Put the rows of some workflows where older versions put them; or there, too."""
    for workflow_id in workflow_ids:
        for row in await history_of(table, workflow_id):
            partition, at = _former(row)
            await _put(table, partition, at)
            if not keep:
                await table.transact(row.partition, [Delete(row.key)])
            month = history_rows.month_of(at)
            await _put(table, former_history.MONTHS, history_rows.month_key(month))


async def history_of(table: Table, workflow_id: str) -> list[Row]:
    """Return the rows of a workflow in its shard."""
    start = f"{keys.HISTORY}~"
    rows = await table.range(keys.shard_of(workflow_id), start, f"{start}~")
    return [row for row in rows if workflow_id in row.key.split("~")]


async def leave_unindexed(table: Table, workflow_id: str, number: int) -> None:
    """Make an event look as if an older version recorded it and didn't announce it yet."""
    shard = keys.shard_of(workflow_id)
    row = await table.get(shard, keys.event_key(workflow_id, number))
    assert row
    values = {name: value for name, value in row.values.items() if name != INDEXED}
    theirs = [
        Delete(one.key)
        for one in await history_of(table, workflow_id)
        if one.key.endswith(f"~{number:06d}")
    ]
    await table.transact(shard, [Replace(row.key, values, row.etag), *theirs])


def _former(row: Row) -> tuple[str, str]:
    """Return the partition and the key that an older version would have used."""
    _, kind, *rest = row.key.split("~")
    match kind, rest:
        case "all", [instant, workflow_id]:
            month = history_rows.month_of(f"{instant}~{workflow_id}")
            return former_history.month_partition(month), f"{instant}~{workflow_id}"
        case "secret", [secret, instant, workflow_id]:
            return f"history-secret~{secret}", f"{instant}~{workflow_id}"
        case "person", [person, instant, workflow_id, *_]:
            return f"history-person~{person}", f"{instant}~{workflow_id}"
        case "both", [person, secret, instant, workflow_id, *_]:
            return f"history-person~{person}~{secret}", f"{instant}~{workflow_id}"
    raise ValueError(row.key)


async def _put(table: Table, partition: str, key: str) -> None:
    if await table.get(partition, key) is None:
        await table.transact(partition, [Insert(key, {})])
