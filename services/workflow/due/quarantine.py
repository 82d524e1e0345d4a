"""Quarantine for rows that this version can't handle: they are kept, listed and block nothing.

A row of the agenda or outbox moves to another key in its shard, in one transaction, together with
the versions that couldn't handle it. Another version puts it back and retries; the same version
does so only on command.
"""

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from domain.phrases import Phrase, phrase
from services.faults import Conflict
from services.storage import keys
from services.storage.table import Delete, Insert, Row, Table, Value
from services.workflow.version import HANDLES

_KEPT = "old"
"""Prefix for the names of the row's original values."""

_BY = "set_aside_by"


@dataclass(frozen=True, slots=True)
class Quarantined:
    """A quarantined row: its workflow, since when, why, and by which versions."""

    workflow_id: str
    row_key: str
    since: str
    reason: str
    versions: tuple[str, ...]

    @property
    def sentence(self) -> Phrase:
        return phrase(
            "quarantined: {workflow} can't be handled by {versions} ({reason})",
            workflow=self.workflow_id,
            versions=self.versions,
            reason=self.reason,
        )


class Quarantine:
    """The quarantined rows of all shards."""

    def __init__(self, table: Table, version: str = HANDLES) -> None:
        """Work for one version; different versions retry each other's rows."""
        self._table = table
        self._version = version

    async def take(self, row: Row, reason: str, now: datetime) -> bool:
        """Quarantine a row; False if it is gone or changed. ``reason`` must not contain data."""
        versions = sorted({*_versions(row.values), self._version})
        values: dict[str, Value] = {
            "workflow": _workflow_of(row),
            "reason": reason,
            _BY: ",".join(versions),
            "since": keys.instant(now),
        }
        values |= {f"{_KEPT}{name}": value for name, value in row.values.items() if name != _BY}
        aside = Insert(keys.quarantine_key(row.key), values)
        try:
            await self._table.transact(row.partition, [Delete(row.key, row.etag), aside])
        except Conflict:
            return False
        return True

    async def listed(self) -> list[Quarantined]:
        """List the quarantined rows, oldest first."""
        found = [quarantined(row) for row in await self._rows()]
        return sorted(found, key=lambda one: one.since)

    async def requeue(self, workflow_id: str) -> bool:
        """Put a workflow's rows back for any version to retry; return whether it had any."""
        return await put_back(self._table, workflow_id)

    async def put_back_of_others(self) -> int:
        """Put back the rows that this version hasn't tried; return how many."""
        others = [row for row in await self._rows() if self._version not in _versions(row.values)]
        done = await asyncio.gather(*(_put_back(self._table, row) for row in others))
        return sum(done)

    async def _rows(self) -> list[Row]:
        shards = await asyncio.gather(*(_rows(self._table, shard) for shard in keys.SHARDS))
        return [row for shard in shards for row in shard]


async def put_back(table: Table, workflow_id: str) -> bool:
    """Put all quarantined rows of a workflow back; return whether there were any."""
    rows = await _rows(table, keys.shard_of(workflow_id))
    mine = [row for row in rows if row.values.get("workflow") == workflow_id]
    return any([await _put_back(table, row) for row in mine])


async def _rows(table: Table, shard: str) -> list[Row]:
    return await table.range(shard, keys.quarantine_key(""), f"{keys.quarantine_key('')}~")


async def _put_back(table: Table, row: Row) -> bool:
    """Put a row back under its old key; False if someone else did or the key is taken."""
    values = {
        name.removeprefix(_KEPT): value
        for name, value in row.values.items()
        if name.startswith(_KEPT)
    }
    values[_BY] = str(row.values.get(_BY, ""))
    back = Insert(_row_key(row), values)
    try:
        await table.transact(row.partition, [Delete(row.key, row.etag), back])
    except Conflict:
        return False
    return True


def quarantined(row: Row) -> Quarantined:
    """Read a quarantined row."""
    return Quarantined(
        workflow_id=str(row.values.get("workflow", "")),
        row_key=_row_key(row),
        since=str(row.values.get("since", "")),
        reason=str(row.values.get("reason", "")),
        versions=_versions(row.values),
    )


def _row_key(row: Row) -> str:
    return row.key.removeprefix(keys.quarantine_key(""))


def _versions(values: Mapping[str, Value]) -> tuple[str, ...]:
    return tuple(version for version in str(values.get(_BY, "")).split(",") if version)


def _workflow_of(row: Row) -> str:
    """Return a row's workflow ID, from its values or else from its key."""
    return str(row.values.get("workflow") or row.key.split("~", 2)[-1])
