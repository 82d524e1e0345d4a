"""What reads and writes the in-memory table for a backup and its restore."""

from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime

from azure.data.tables import EdmType, EntityProperty, TableEntity

from scripts.state.reading import Read
from scripts.state.restoring import Write
from scripts.state.rows import StoredRow, entity_of, read_entity
from services.storage.table import Row, Value
from tests.support.tables.memory_table import MemoryTable


def memory_reader(table: MemoryTable) -> Read:
    def read(start: str, stop: str) -> Iterable[StoredRow]:
        rows = [row for row in table.rows() if start <= row.partition < stop]
        return [_stored(row) for row in sorted(rows, key=lambda row: (row.partition, row.key))]

    return read


def memory_writer(table: MemoryTable) -> Write:
    def write(rows: list[StoredRow]) -> None:
        table.add([_row(row) for row in rows])

    return write


def _stored(row: Row) -> StoredRow:
    entity = TableEntity(PartitionKey=row.partition, RowKey=row.key, **row.values)
    entity._metadata = {"etag": row.etag, "timestamp": None}
    return read_entity(entity)


def _row(row: StoredRow) -> Row:
    values = {
        name: _value(value)
        for name, value in entity_of(row).items()
        if name not in {"PartitionKey", "RowKey"}
    }
    return Row(row.partition, row.key, values, "restored")


def _value(value: Value | EntityProperty) -> Value:
    match value:
        case EntityProperty(value=text, edm_type=EdmType.DATETIME):
            return datetime.fromisoformat(text)
        case EntityProperty():
            raise TypeError(f"{value} isn't of a type that this table has")
        case _:
            return value


def moving_reader(states: Sequence[Sequence[Row]], start: int, page: int) -> Read:
    """Read a table that changes after each page: from one of its states to the next."""
    position = start

    def read(first: str, stop: str) -> Iterator[StoredRow]:
        nonlocal position
        last = ("", "")
        while True:
            present = [
                row
                for row in states[min(position, len(states) - 1)]
                if first <= row.partition < stop and (row.partition, row.key) > last
            ]
            rows = sorted(present, key=lambda row: (row.partition, row.key))[:page]
            position += 1
            yield from map(_stored, rows)
            if len(rows) < page:
                return
            last = (rows[-1].partition, rows[-1].key)

    return read
