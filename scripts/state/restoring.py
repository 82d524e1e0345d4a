"""Writes the rows of a backup into an empty table.

After a crash, the same command continues: what is in the table by then has to be of the file.
"""

from collections.abc import Callable, Collection, Iterable, Iterator
from hashlib import sha256
from itertools import groupby
from pathlib import Path

from azure.core.exceptions import ResourceExistsError
from azure.data.tables import TableClient

from scripts.faults import Fault
from scripts.state import file
from scripts.state.reading import Read, all_rows
from scripts.state.rows import StoredRow, entity_of

_MOST_ROWS = 100
_MOST_BYTES = 1_500_000
"""Well below 4 MiB, the limit of Table Storage, and below Cosmos DB's of 2 MB.

https://learn.microsoft.com/rest/api/storageservices/performing-entity-group-transactions
"""

_NOT_EMPTY = (
    "The table isn't empty, and what is in it isn't of this file ({row}). Nothing was written. "
    "Stop the bot, delete the table, and try again."
)
_IS_WRITTEN_TO = (
    "Somebody else writes to the table. Stop the bot, and run this again: it continues, or says "
    "that the table has to be deleted first."
)

Write = Callable[[list[StoredRow]], None]
"""Write new rows of one partition, all or none."""


def writer(client: TableClient) -> Write:
    """Return what writes rows into a table."""

    def write(rows: list[StoredRow]) -> None:
        try:
            client.submit_transaction([("create", entity_of(row)) for row in rows])
        except ResourceExistsError:
            raise Fault(_IS_WRITTEN_TO) from None

    return write


def restore(path: Path, read: Read, write: Write) -> file.Summary:
    """Write what is missing, and read all of it back.

    Raises Fault before anything is written if the file isn't whole, or the table has other rows.
    """
    summary = file.check(path)
    present = _present(path, read, _NOT_EMPTY)
    for batch in batches(file.read(path), present):
        write(batch)
    if len(_present(path, read, _IS_WRITTEN_TO)) != summary.rows:
        raise Fault(_IS_WRITTEN_TO)
    return summary


def batches(
    rows: Iterable[StoredRow], present: Collection[tuple[str, str]] = ()
) -> Iterator[list[StoredRow]]:
    """Yield the missing rows in as large transactions as there can be."""
    for _, of_partition in groupby(rows, key=lambda row: row.partition):
        batch: list[StoredRow] = []
        size = 0
        for row in of_partition:
            if row.name in present:
                continue
            if batch and (len(batch) == _MOST_ROWS or size + len(row.line) > _MOST_BYTES):
                yield batch
                batch, size = [], 0
            batch.append(row)
            size += len(row.line)
        if batch:
            yield batch


def _present(path: Path, read: Read, otherwise: str) -> Collection[tuple[str, str]]:
    """Return which rows of the file are in the table; raises Fault if it has any other."""
    expected: dict[tuple[str, str], bytes] = {}
    present = set()
    for row in all_rows(read):
        expected = expected or {one.name: _digest(one) for one in file.read(path)}
        if expected.get(row.name) != _digest(row):
            raise Fault(otherwise.format(row=f"{row.partition}, {row.key}"))
        present.add(row.name)
    return present


def _digest(row: StoredRow) -> bytes:
    return sha256(row.line).digest()
