"""The rows that say which replicas there are, and which shards each of them owns.

All are in one partition: one read tells everything, and one transaction changes it.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from services.storage import keys
from services.storage.table import Delete, Insert, Operation, Replace, Row, Table, Value

PARTITION = "replicas"
_DIVISION = "division"
_REPLICA = "replica~"
_SHARD = "shard_"


@dataclass(frozen=True, slots=True)
class Member:
    """A replica; its ETag changes whenever it says that it is alive."""

    name: str
    handles: str
    is_leaving: bool
    etag: str


@dataclass(frozen=True, slots=True)
class Board:
    """All replicas by name, and the owner of each shard."""

    members: Mapping[str, Member] = field(default_factory=dict)
    owners: Mapping[str, str] = field(default_factory=dict)
    etag: str | None = None
    """That of the division; None if there is none yet."""


class ShardBoard:
    """Reads and changes the rows; it decides nothing."""

    def __init__(self, table: Table) -> None:
        self._table = table

    async def read(self) -> Board:
        rows = await self._table.range(PARTITION, _DIVISION, f"{_REPLICA}~")
        division = next((row for row in rows if row.key == _DIVISION), None)
        members = [_member(row) for row in rows if row.key.startswith(_REPLICA)]
        return Board(
            {member.name: member for member in members},
            _owners(division.values) if division else {},
            division.etag if division else None,
        )

    async def change(self, operations: Sequence[Operation]) -> None:
        """Apply all operations or none; raises Conflict if another replica was first."""
        await self._table.transact(PARTITION, operations)


def renewing(
    name: str, handles: str, now: datetime, present: Member | None, *, is_leaving: bool
) -> Operation:
    """Return the operation by which a replica joins, or says that it is alive."""
    key = f"{_REPLICA}{name}"
    values: dict[str, Value] = {
        "alive_at": keys.instant(now),
        "handles": handles,
        "is_leaving": is_leaving,
    }
    return Replace(key, values, present.etag) if present else Insert(key, values)


def removing(member: Member) -> Operation:
    """Return the operation that removes a replica, unless it says meanwhile that it is alive."""
    return Delete(f"{_REPLICA}{member.name}", member.etag)


def dividing(board: Board, owners: Mapping[str, str]) -> Operation:
    """Return the operation that divides the shards anew, unless another replica was first."""
    values: dict[str, Value] = {f"{_SHARD}{shard}": owner for shard, owner in owners.items()}
    return Replace(_DIVISION, values, board.etag) if board.etag else Insert(_DIVISION, values)


def _member(row: Row) -> Member:
    return Member(
        name=row.key.removeprefix(_REPLICA),
        handles=str(row.values.get("handles", "")),
        is_leaving=bool(row.values.get("is_leaving")),
        etag=row.etag,
    )


def _owners(values: Mapping[str, Value]) -> dict[str, str]:
    owners = {name.removeprefix(_SHARD): str(owner) for name, owner in values.items()}
    return {shard: owners[shard] for shard in keys.SHARDS if shard in owners}
