"""The table that everything is kept in: rows under (partition, key), changed in transactions.

It is the part of Azure Table Storage that the project uses, and no more, so that a fake of
thirty lines can stand in for it under the same contract tests.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

Value = str | int | bool | datetime


@dataclass(frozen=True, slots=True)
class Row:
    """A row as it was read; ``etag`` changes whenever the row does."""

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
    """Put all new values in a row that must still have this ETag."""

    key: str
    values: Mapping[str, Value]
    etag: str


@dataclass(frozen=True, slots=True)
class Delete:
    """Remove a row that must exist; with an ETag, one that nobody has changed since."""

    key: str
    etag: str | None = None


Operation = Insert | Replace | Delete


class Table(Protocol):
    """Rows in partitions. Integers lie within 32 bits; datetimes are aware and in UTC."""

    async def get(self, partition: str, key: str) -> Row | None:
        """Read one row; None where there is none."""

    async def range(
        self, partition: str, start: str, stop: str, limit: int | None = None
    ) -> list[Row]:
        """Read the rows with ``start <= key < stop`` in the order of their keys."""

    async def transact(self, partition: str, operations: Sequence[Operation]) -> list[str]:
        """Do all operations or none, 100 at the most, each on another row.

        Returns the new ETags, one for each operation (empty for a deletion). Raises Conflict
        where a row exists, is missing, or has another ETag than an operation asks for, and
        Unavailable where the outcome is not known.
        """
