"""Reads the table for a backup, while the bot may be running."""

from collections.abc import Callable, Iterable, Iterator
from itertools import chain

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

_BEHIND = "!"
"""Sorts before all characters in use, so `name!` comes right after `name`."""

_END = "~"

Read = Callable[[str, str], Iterable[StoredRow]]
"""Read the rows with ``start <= partition < stop``."""


def reader(client: TableClient) -> Read:
    """Return what reads the rows of a table, page by page."""

    def read(start: str, stop: str) -> Iterator[StoredRow]:
        query = f"PartitionKey ge '{start}' and PartitionKey lt '{stop}'"
        return map(read_entity, client.query_entities(query, results_per_page=_PAGE))

    return read


def all_rows(read: Read) -> Iterable[StoredRow]:
    """Return the rows of the whole table."""
    return read("", _END)


def rows_to_keep(read: Read, sleep: Callable[[float], None]) -> Iterator[StoredRow]:
    """Yield the rows of a backup.

    What the shards refer to is written before them and removed after them, so it is read before
    them and after them: then nothing is missing.
    """
    people = {row.name: row for row in read(_PEOPLE, f"{_PEOPLE}{_END}")}
    leases = list(read(_LEASES, f"{_LEASES}{_END}"))
    may_hold = set()
    for shard in keys.SHARDS:
        for row in settled(_shard_reader(read, shard), sleep):
            if row.key.endswith(_HEAD) and values_of(row).get("state") in HOLDING:
                may_hold.add(workflow_of(row.key))
            yield row
    leases_after = []
    for row in chain(read("", keys.SHARDS[0]), read(f"{keys.SHARDS[-1]}{_BEHIND}", _END)):
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
        found = read(shard, f"{shard}{_BEHIND}")
        return (row for row in found if not row.key.startswith(LEFT_OUT_OF_SHARDS))

    return rows
