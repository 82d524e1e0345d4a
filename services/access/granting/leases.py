"""Leases: which grants hold an assignment. It can be deleted when its last lease ends.

There is one row per assignment, changed under its ETag. While the last holder deletes the
assignment, the row says so and a new grant waits: a late deletion could remove the new access. It
then also waits as long as an unanswered deletion may still be carried out.
"""

import asyncio
import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime

from domain.access.assignment import Assignment
from domain.access.transitions.failures import EARLIER_ACCESS_ENDS
from domain.unknown_outcome import later
from services.faults import Conflict, Unavailable
from services.storage import keys
from services.storage.table import Delete, Insert, Replace, Row, Table, Value
from services.workflow.ownership import require_owned

_TRIES = 10
_NOBODY = "nobody"
"""Who deletes an assignment that is gone, while an earlier deletion may still be carried out."""
_PARTITIONS = tuple(f"lease-{digit:x}" for digit in range(16))


@dataclass(frozen=True, slots=True)
class Lease:
    """An assignment with the grants that hold it; none while it is being deleted."""

    assignment: Assignment
    holders: tuple[str, ...]
    deleting: bool
    free_at: datetime | None = None
    """When a new grant can take it, if a late deletion may still happen."""
    deleter: str = ""
    """Which grant deletes it, if no holder does; empty if an older version noted that."""

    @property
    def workflows(self) -> tuple[str, ...]:
        """The workflows that end it; none if it ends by itself, or an older version wrote it."""
        if self.free_at:
            return ()
        return self.holders or ((self.deleter,) if self.deleter else ())


@dataclass(frozen=True, slots=True)
class Release:
    """What remains to be done after a lease was released.

    ``is_last``: delete the assignment. ``may_appear_until``: until then, what a holder requested
    may still appear, because it went unanswered or no read has shown it. It may have passed.
    """

    is_last: bool
    may_appear_until: datetime | None = None


class Leases:
    """The store of leases."""

    def __init__(self, table: Table, clock: Callable[[], datetime]) -> None:
        self._table = table
        self._clock = clock

    async def acquire(self, assignment: Assignment, grant_id: str) -> None:
        """Lease an assignment for a grant; does nothing if it already holds it.

        Raises Unavailable while the assignment is being deleted.
        """
        if await self._write(assignment, None, [grant_id]):
            return  # usually nobody else has it
        for _ in range(_TRIES):
            row = await self._read(assignment)
            if row and _is_deleting(row) and not self._is_free(row):
                raise self._being_deleted(row)
            holders = [] if row is None or _is_deleting(row) else _holders(row)
            if grant_id in holders:
                return
            until = _may_appear_until(row)
            if await self._write(assignment, row, [*holders, grant_id], may_appear_until=until):
                return
        raise _too_many()

    async def holds(self, assignment: Assignment, grant_id: str) -> bool:
        """Return whether a grant holds an assignment, which comes before creating it."""
        return grant_id in _holders(await self._read(assignment))

    async def release(
        self, assignment: Assignment, grant_id: str, may_appear_until: datetime | None = None
    ) -> Release:
        """End a grant's lease and return what remains to be done.

        ``may_appear_until``: until then, an unanswered request of this grant may still create the
        assignment; the holder that deletes it checks again then.
        """
        for _ in range(_TRIES):
            row = await self._read(assignment)
            until = later(_may_appear_until(row), may_appear_until)
            if row and _is_deleting(row):
                return Release(is_last=True, may_appear_until=until)
            others = [holder for holder in _holders(row) if holder != grant_id]
            deleter = "" if others else grant_id
            if await self._write(assignment, row, others, deleter=deleter, may_appear_until=until):
                return Release(is_last=not others, may_appear_until=until)
        raise _too_many()

    async def abandon(
        self, assignment: Assignment, grant_id: str, may_vanish_until: datetime | None = None
    ) -> None:
        """End a grant's lease, or its deletion in progress, without deleting anything.

        One write, so that a crash leaves no row that waits for a deletion. New grants wait as long
        as a deletion of this grant may still be carried out.
        """
        for _ in range(_TRIES):
            row = await self._read(assignment)
            if row is None or grant_id not in {*_holders(row), *_deleters(row, grant_id)}:
                return
            others = [holder for holder in _holders(row) if holder != grant_id]
            if others:
                until = _may_appear_until(row)
                done = await self._write(assignment, row, others, may_appear_until=until)
            else:
                done = await self._free(assignment, row, may_vanish_until)
            if done:
                return
        raise _too_many()

    async def all(self) -> list[Lease]:
        """List all leases, including those being deleted; the cost grows with their number."""
        found = await asyncio.gather(*(self._table.range(one, "", "~") for one in _PARTITIONS))
        return [_lease(row) for rows in found for row in rows if not self._is_free(row)]

    async def tidy(self) -> None:
        """Remove rows of deleted assignments for which no late deletion can happen."""
        for partition in _PARTITIONS:
            for row in await self._table.range(partition, "", "~"):
                if self._is_free(row):
                    await self._drop(row)

    async def seize(self, assignment: Assignment, holder: str) -> bool:
        """Reserve an assignment that no one holds for deletion; new grants wait.

        False if a grant holds it or someone else is deleting it; True again for the same
        ``holder``. Raises Unavailable while an earlier deletion may still be carried out.
        """
        row = await self._read(assignment)
        if row is None or self._is_free(row):
            return await self._write(assignment, row, [holder], deleter=holder)
        if _free_at(row):
            raise self._being_deleted(row)
        return _is_deleting(row) and _holders(row) == [holder]

    async def forget(
        self, assignment: Assignment, may_vanish_until: datetime | None = None
    ) -> None:
        """Allow new grants on a deleted assignment.

        The row stays as long as an unanswered deletion may still be carried out.
        """
        row = await self._read(assignment)
        if row is None or not _is_deleting(row):
            return
        await self._free(assignment, row, may_vanish_until)

    async def _free(
        self, assignment: Assignment, row: Row, may_vanish_until: datetime | None
    ) -> bool:
        """Allow new grants, now or once a late deletion can't happen; False if the row changed."""
        if may_vanish_until is None or may_vanish_until <= self._clock():
            return await self._drop(row)
        return await self._write(assignment, row, [], deleter=_NOBODY, free_at=may_vanish_until)

    def _is_free(self, row: Row) -> bool:
        free_at = _free_at(row)
        return free_at is not None and free_at <= self._clock()

    def _being_deleted(self, row: Row) -> Unavailable:
        free_at = _free_at(row)
        return Unavailable(
            "Leases",
            "the previous assignment is being deleted",
            free_at - self._clock() if free_at else None,
            outcome_unknown=False,
            code=EARLIER_ACCESS_ENDS,
        )

    async def _read(self, assignment: Assignment) -> Row | None:
        return await self._table.get(_partition(assignment), assignment.id)

    async def _drop(self, row: Row) -> bool:
        try:
            await self._table.transact(row.partition, [Delete(row.key, row.etag)])
        except Conflict:
            return False
        return True

    async def _write(
        self,
        assignment: Assignment,
        row: Row | None,
        holders: Sequence[str],
        *,
        deleter: str = "",
        may_appear_until: datetime | None = None,
        free_at: datetime | None = None,
    ) -> bool:
        require_owned("Leases")
        values: dict[str, Value] = {
            "holders": json.dumps(holders),
            "deleting": bool(deleter),
            "deleter": deleter,
            "scope": assignment.scope,
            "principal_id": assignment.principal_id,
            "role": assignment.role,
        }
        if may_appear_until:
            values["may_appear_until"] = keys.instant(may_appear_until)
        if free_at:
            values["free_at"] = keys.instant(free_at)
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
    deleter = str(values.get("deleter", ""))
    return Lease(assignment, tuple(_holders(row)), _is_deleting(row), _free_at(row), deleter)


def _is_deleting(row: Row) -> bool:
    return bool(row.values["deleting"])


def _deleters(row: Row, grant_id: str) -> set[str]:
    """Return who deletes the assignment; an older version didn't note that it was this grant."""
    if not _is_deleting(row) or _holders(row):
        return set()
    return {str(row.values.get("deleter") or grant_id)}


def _free_at(row: Row) -> datetime | None:
    return _instant(row, "free_at")


def _may_appear_until(row: Row | None) -> datetime | None:
    return _instant(row, "may_appear_until") if row else None


def _instant(row: Row, name: str) -> datetime | None:
    value = row.values.get(name)
    return datetime.fromisoformat(str(value)) if value else None


def _too_many() -> Unavailable:
    return Unavailable(
        "Leases", "too many grants change the same assignment", outcome_unknown=False
    )


def _holders(row: Row | None) -> list[str]:
    return [str(holder) for holder in json.loads(str(row.values["holders"]))] if row else []
