"""Reads the table for a backup, while the bot may be running."""

from collections.abc import Callable, Iterable, Iterator

from azure.data.tables import TableClient

from scripts.state.leases import HOLDING, fitting
from scripts.state.rows import StoredRow, read_entity, values_of
from scripts.state.settled import settled, workflow_of
from services.storage import keys

_PAGE = 1_000
_HEAD = "~head"
_LEASES = "lease-"
_PEOPLE = "person-"

LEFT_OUT = ("replicas", "limits", "sign-ins", "offers-")
"""Partitions of what lives for minutes. A sign-in can be used once, so none may come back."""

LEFT_OUT_OF_SHARDS = "announcing~"
"""Who is announcing a workflow, for seconds."""

EVERYTHING = "PartitionKey ge ''"

Read = Callable[[str], Iterable[StoredRow]]
"""Read the rows that fit a filter."""


def reader(client: TableClient) -> Read:
    """Return what reads the rows of a table, page by page."""

    def read(query: str) -> Iterator[StoredRow]:
        return map(read_entity, client.query_entities(query, results_per_page=_PAGE))

    return read


def rows_to_keep(read: Read, sleep: Callable[[float], None]) -> Iterator[StoredRow]:
    """Yield the rows of a backup.

    What the shards refer to is written before them and removed after them, so it is read before
    them and after them: then nothing is missing.
    """
    people = {row.name: row for row in read(_beginning_with(_PEOPLE))}
    leases = list(read(_beginning_with(_LEASES)))
    may_hold = set()
    for shard in keys.SHARDS:
        for row in settled(_shard_reader(read, shard), sleep):
            if row.key.endswith(_HEAD) and values_of(row)["state"] in HOLDING:
                may_hold.add(workflow_of(row.key))
            yield row
    leases_after = []
    for row in read(f"PartitionKey lt '{keys.SHARDS[0]}' or PartitionKey gt '{keys.SHARDS[-1]}'"):
        if row.partition.startswith(LEFT_OUT):
            continue
        if row.partition.startswith(_LEASES):
            leases_after.append(row)
            continue
        people.pop(row.name, None)
        yield row
    yield from people.values()
    yield from fitting(leases, leases_after, may_hold)


def _shard_reader(read: Read, shard: str) -> Callable[[], Iterator[StoredRow]]:
    def rows() -> Iterator[StoredRow]:
        found = read(f"PartitionKey eq '{shard}'")
        return (row for row in found if not row.key.startswith(LEFT_OUT_OF_SHARDS))

    return rows


def _beginning_with(prefix: str) -> str:
    return f"PartitionKey ge '{prefix}' and PartitionKey lt '{prefix}~'"
