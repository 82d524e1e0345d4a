"""Rows in the order of their keys: a read costs what it reads, however many rows exist."""

from bisect import bisect_left, insort
from collections.abc import Sequence
from dataclasses import dataclass, field
from itertools import count
from typing import Any, NamedTuple

Json = dict[str, Any]

ANY = "*"


class Change(NamedTuple):
    """One operation: ``verb`` is POST (insert), PUT (replace) or DELETE, as in the protocol."""

    verb: str
    partition: str
    key: str
    body: Json
    etag: str = ANY


class Refused(Exception):
    """An operation doesn't fit what is there: its status and the service's code."""

    def __init__(self, status: int, code: str) -> None:
        super().__init__(code)
        self.status = status
        self.code = code


@dataclass
class _Partition:
    keys: list[str] = field(default_factory=list)
    rows: dict[str, Json] = field(default_factory=dict)


class OrderedRows:
    """One table's rows."""

    def __init__(self) -> None:
        self._partitions: dict[str, _Partition] = {}
        self._numbers = count(1)

    def get(self, partition: str, key: str) -> Json:
        """Return a row; raises Refused if there is none."""
        rows = self._of(partition).rows
        if key not in rows:
            raise Refused(404, "ResourceNotFound")
        return rows[key]

    def range(self, partition: str, start: str, stop: str, most: int) -> tuple[list[Json], str]:
        """Return the first rows with ``start <= key < stop``, and the next one's key, if any."""
        of = self._of(partition)
        first, last = bisect_left(of.keys, start), bisect_left(of.keys, stop)
        found = [of.rows[key] for key in of.keys[first : min(first + most, last)]]
        return found, of.keys[first + most] if first + most < last else ""

    def fill(self, rows: Sequence[Json]) -> None:
        """Add rows that don't exist, faster than in transactions."""
        for row in rows:
            of = self._of(row["PartitionKey"])
            of.keys.append(row["RowKey"])
            of.rows[row["RowKey"]] = {"odata.etag": self._new_etag(), **row}
        for partition in {row["PartitionKey"] for row in rows}:
            self._of(partition).keys.sort()

    def apply(self, changes: Sequence[Change]) -> list[str]:
        """Apply all changes or none; return the new ETags. Raises Refused."""
        for change in changes:
            self._check(change)
        return [self._apply(change) for change in changes]

    def _check(self, change: Change) -> None:
        row = self._of(change.partition).rows.get(change.key)
        if change.verb == "POST":
            if row is not None:
                raise Refused(409, "EntityAlreadyExists")
            return
        if row is None:
            raise Refused(404, "ResourceNotFound")
        if change.etag not in (ANY, row["odata.etag"]):
            raise Refused(412, "UpdateConditionNotSatisfied")

    def _apply(self, change: Change) -> str:
        of = self._of(change.partition)
        if change.verb == "DELETE":
            del of.rows[change.key]
            del of.keys[bisect_left(of.keys, change.key)]
            return ""
        if change.key not in of.rows:
            insort(of.keys, change.key)
        etag = self._new_etag()
        of.rows[change.key] = {"odata.etag": etag, **change.body}
        return etag

    def _new_etag(self) -> str:
        return f"W/\"datetime'{next(self._numbers)}'\""

    def _of(self, partition: str) -> _Partition:
        return self._partitions.setdefault(partition, _Partition())
