"""The table that stores everything: rows under (partition, key), changed in transactions.

It has only the part of Azure Table Storage that the project uses, so that a small fake passes the
same contract tests.
"""

from collections.abc import AsyncIterator, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol, TypeVar

Value = str | int | bool | datetime

MOST_OPERATIONS = 100
"""How many rows one transaction can change.

Source: Azure Table Storage, performing entity group transactions.
"""


@dataclass(frozen=True, slots=True)
class Row:
    """A row as read; ``etag`` changes whenever the row does."""

    partition: str
    key: str
    values: Mapping[str, Value]
    etag: str


@dataclass(frozen=True, slots=True)
class Insert:
    """Add a row that must not exist."""

    key: str
    values: Mapping[str, Value]


@dataclass(frozen=True, slots=True)
class Replace:
    """Replace all values of a row that must still have this ETag."""

    key: str
    values: Mapping[str, Value]
    etag: str


@dataclass(frozen=True, slots=True)
class Delete:
    """Delete a row that must exist; with an ETag, it must be unchanged."""

    key: str
    etag: str | None = None


Operation = Insert | Replace | Delete

_T = TypeVar("_T")


def in_batches(many: Sequence[_T]) -> Iterator[Sequence[_T]]:
    """Split what is changed by an operation each into parts that a transaction has room for."""
    for start in range(0, len(many), MOST_OPERATIONS):
        yield many[start : start + MOST_OPERATIONS]


class Table(Protocol):
    """Rows in partitions. Integers must fit in 32 bits; datetimes are aware and in UTC."""

    async def get(self, partition: str, key: str) -> Row | None:
        """Read one row, or None."""

    async def range(
        self, partition: str, start: str, stop: str, limit: int | None = None
    ) -> list[Row]:
        """Read the rows with ``start <= key < stop`` in key order."""

    def pages(self, partition: str, start: str, stop: str) -> AsyncIterator[Sequence[Row]]:
        """Read the same rows in any order, some at a time, so that memory never holds all."""

    async def transact(self, partition: str, operations: Sequence[Operation]) -> list[str]:
        """Apply all operations or none: at most 100, each on a different row.

        Returns the new ETags, one per operation (empty for a deletion). Raises Conflict if a row
        exists, is missing, or has a different ETag than an operation expects, and Unavailable if
        the outcome is unknown.
        """
