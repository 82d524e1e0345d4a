"""Who holds what: one rotation at a time for a secret, and one writer for an App Service.

A lock names its holder and never runs out by itself. Whoever wants it and finds that the holder is
over takes it, so that a crash leaves no lock that somebody has to remove.

What is locked for a change says until when a change that was sent may still be carried out: until
then nobody else has it, over or not, and it is not given back. See ``services.rotation.app_lock``.
"""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256

from services.faults import Conflict
from services.storage.table import Insert, Operation, Replace, Row, Table, Value

_PARTITION = "locks"
_TRIES = 5

IsOver = Callable[[str], Awaitable[bool]]


@dataclass(frozen=True, slots=True)
class Lock:
    """Who holds a lock, and what is known of the changes that it is held for."""

    holder: str = ""
    """Who took it last and did not give it back, over or not; empty for nobody."""
    changing_until: datetime | None = None
    """Until when a change that the holder sent may be carried out; None where none is under way."""
    changed_by: str = ""
    """Who began a change under it last."""

    def is_changing(self, now: datetime) -> bool:
        return self.changing_until is not None and now < self.changing_until


class Locks:
    """The store of locks."""

    def __init__(self, table: Table) -> None:
        self._table = table

    async def acquire(self, name: str, holder: str, is_over: IsOver) -> str:
        """Take a lock, or keep it; returns who holds it now.

        ``is_over`` says of another holder whether it has no more need of the lock.
        """
        for _ in range(_TRIES):
            row = await self._read(name)
            present = str(row.values["holder"]) if row else ""
            if present not in {"", holder} and not await is_over(present):
                return present
            # Kept, it is written too: whoever found it free before looks at it anew.
            if await self._write(name, Lock(holder), row):
                return holder
        return await self.holder(name)

    async def begin_change(
        self, name: str, holder: str, is_over: IsOver, until: datetime, now: datetime
    ) -> Lock:
        """Take a lock for a change that may be carried out until then; returns it as it was.

        Where that names another holder, or nobody, nothing was taken.
        """
        for _ in range(_TRIES):
            row = await self._read(name)
            lock = _lock(row)
            is_free = lock.holder in {"", holder} or (
                not lock.is_changing(now) and await is_over(lock.holder)
            )
            if not is_free:
                return lock
            mine = lock if lock.holder == holder else Lock(holder, changed_by=lock.changed_by)
            if await self._write(name, Lock(holder, until, changed_by=holder), row):
                return mine
        return Lock()

    async def end_change(self, name: str, before: Lock) -> None:
        """Note that a change is over, as it was before; harmless where somebody else has it."""
        row = await self._read(name)
        if row and row.values["holder"] == before.holder:
            await self._write(name, before, row)

    async def look(self, name: str) -> Lock:
        """Read a lock; where there is none, nobody holds it."""
        return _lock(await self._read(name))

    async def release(self, name: str, holder: str) -> None:
        """Give a lock back; harmless where somebody else has it."""
        row = await self._read(name)
        if row and row.values["holder"] == holder:
            await self._write(name, Lock(changed_by=_lock(row).changed_by), row)

    async def holder(self, name: str) -> str:
        """Say who took a lock last, over or not; empty for nobody."""
        return (await self.look(name)).holder

    async def _read(self, name: str) -> Row | None:
        return await self._table.get(_PARTITION, _key(name))

    async def _write(self, name: str, lock: Lock, row: Row | None) -> bool:
        values: dict[str, Value] = {"holder": lock.holder, "name": name}
        if lock.changing_until:
            values["changing_until"] = lock.changing_until.isoformat()
        if lock.changed_by:
            values["changed_by"] = lock.changed_by
        operation: Operation = (
            Replace(row.key, values, row.etag) if row else Insert(_key(name), values)
        )
        try:
            await self._table.transact(_PARTITION, [operation])
        except Conflict:
            return False
        return True


def _lock(row: Row | None) -> Lock:
    if row is None:
        return Lock()
    until = row.values.get("changing_until")
    return Lock(
        holder=str(row.values["holder"]),
        changing_until=datetime.fromisoformat(str(until)) if until else None,
        changed_by=str(row.values.get("changed_by", "")),
    )


def _key(name: str) -> str:
    # Names are ARM ids and addresses, with characters that a row key must not have.
    return sha256(name.lower().encode()).hexdigest()
