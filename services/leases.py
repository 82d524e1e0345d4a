"""Leases: which grants hold an assignment. It may be deleted when its last lease ends.

One row an assignment, changed under its ETag. While the last holder deletes the assignment the
row says so, and a new grant waits: otherwise a late deletion could take the new one's access.
"""

import asyncio
import json
from collections.abc import Sequence
from dataclasses import dataclass

from domain.access_failures import EARLIER_ACCESS_ENDS
from domain.assignment import Assignment
from services.faults import Conflict, Unavailable
from services.table import Delete, Insert, Replace, Row, Table, Value

_TRIES = 10
_PARTITIONS = tuple(f"lease-{digit:x}" for digit in range(16))


@dataclass(frozen=True, slots=True)
class Lease:
    """An assignment with the grants that hold it; none while it is being deleted."""

    assignment: Assignment
    holders: tuple[str, ...]
    deleting: bool


class Leases:
    """The store of leases."""

    def __init__(self, table: Table) -> None:
        self._table = table

    async def acquire(self, assignment: Assignment, grant_id: str) -> None:
        """Hold an assignment for a grant; holding it already is fine.

        Raises Unavailable while the assignment is being deleted.
        """
        for _ in range(_TRIES):
            row = await self._read(assignment)
            holders = _holders(row)
            if row and row.values["deleting"]:
                raise Unavailable(
                    "Leases",
                    "the previous assignment is being deleted",
                    outcome_unknown=False,
                    code=EARLIER_ACCESS_ENDS,
                )
            if grant_id in holders:
                return
            if await self._write(assignment, row, [*holders, grant_id], deleting=False):
                return
        raise Unavailable(
            "Leases", "too many grants change the same assignment", outcome_unknown=False
        )

    async def holds(self, assignment: Assignment, grant_id: str) -> bool:
        """Say whether a grant holds an assignment, as it does before it makes it."""
        return grant_id in _holders(await self._read(assignment))

    async def release(self, assignment: Assignment, grant_id: str) -> bool:
        """End a grant's hold; True where it was the last, and the assignment is to be deleted."""
        for _ in range(_TRIES):
            row = await self._read(assignment)
            others = [holder for holder in _holders(row) if holder != grant_id]
            if row and row.values["deleting"]:
                return True
            if await self._write(assignment, row, others, deleting=not others):
                return not others
        raise Unavailable(
            "Leases", "too many grants change the same assignment", outcome_unknown=False
        )

    async def abandon(self, assignment: Assignment, grant_id: str) -> None:
        """End the hold of a grant that certainly made no assignment: there is nothing to delete.

        It is one write, so that a crash leaves no row that waits for a deletion.
        """
        for _ in range(_TRIES):
            row = await self._read(assignment)
            holders = _holders(row)
            if row is None or grant_id not in holders:
                return
            others = [holder for holder in holders if holder != grant_id]
            if others:
                done = await self._write(assignment, row, others, deleting=False)
            else:
                done = await self._drop(row)
            if done:
                return
        raise Unavailable(
            "Leases", "too many grants change the same assignment", outcome_unknown=False
        )

    async def all(self) -> list[Lease]:
        """List what is held; it costs what is held."""
        found = await asyncio.gather(*(self._table.range(one, "", "~") for one in _PARTITIONS))
        return [_lease(row) for rows in found for row in rows]

    async def seize(self, assignment: Assignment, holder: str) -> bool:
        """Take an assignment that nobody holds, so as to delete it: new grants wait until then.

        False where a grant holds it, or somebody else deletes it already; again for the same
        ``holder`` it is True.
        """
        row = await self._read(assignment)
        if row is None:
            return await self._write(assignment, None, [holder], deleting=True)
        return bool(row.values["deleting"]) and _holders(row) == [holder]

    async def forget(self, assignment: Assignment) -> None:
        """Drop the row of an assignment that is deleted, so that a new grant can begin."""
        row = await self._read(assignment)
        if row and row.values["deleting"]:
            await self._drop(row)

    async def _read(self, assignment: Assignment) -> Row | None:
        return await self._table.get(_partition(assignment), assignment.id)

    async def _drop(self, row: Row) -> bool:
        try:
            await self._table.transact(row.partition, [Delete(row.key, row.etag)])
        except Conflict:
            return False
        return True

    async def _write(
        self, assignment: Assignment, row: Row | None, holders: Sequence[str], *, deleting: bool
    ) -> bool:
        values: dict[str, Value] = {
            "holders": json.dumps(holders),
            "deleting": deleting,
            "scope": assignment.scope,
            "principal_id": assignment.principal_id,
            "role": assignment.role,
        }
        operation = Replace(row.key, values, row.etag) if row else Insert(assignment.id, values)
        try:
            await self._table.transact(_partition(assignment), [operation])
        except Conflict:
            return False
        return True


def _partition(assignment: Assignment) -> str:
    return f"lease-{assignment.id[0]}"


def _lease(row: Row) -> Lease:
    values = row.values
    assignment = Assignment(
        scope=str(values["scope"]),
        principal_id=str(values["principal_id"]),
        role=str(values["role"]),
    )
    return Lease(assignment, tuple(_holders(row)), bool(values["deleting"]))


def _holders(row: Row | None) -> list[str]:
    return [str(holder) for holder in json.loads(str(row.values["holders"]))] if row else []
