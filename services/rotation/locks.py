"""Locks: one rotation at a time for a secret, and one writer at a time for an App Service.

A lock names its holder and never expires. Anyone who wants it can take it once the holder is over,
so a crash leaves no lock for people to remove.

A lock for a change also says until when a change that was sent may still be carried out. Until
then no one else gets it, even if the holder is over, and it isn't released. See
``services.rotation.steps.app_lock``.
"""

from collections.abc import Awaitable, Callable, Iterator
from dataclasses import dataclass, replace
from datetime import datetime
from hashlib import sha256

from services.faults import Conflict
from services.storage.table import Insert, Operation, Replace, Row, Table, Value

_PARTITION = "locks"
_TRIES = 5
_REMEMBERED = 20
"""How many of those who last changed something under a lock are remembered."""

IsOver = Callable[[str], Awaitable[bool]]
HasDone = Callable[[str], Awaitable[bool]]


async def _never(holder: str) -> bool:  # noqa: ARG001 - whoever it is
    return False


@dataclass(frozen=True, slots=True)
class Lock:
    """Who holds a lock, and the changes that it is held for."""

    holder: str = ""
    """Who took it last and didn't release it, over or not; empty if no one did."""
    changing_until: datetime | None = None
    """Until when a change that the holder sent may be carried out; None if there is none."""
    done_by: str = ""
    """The last holder before this one that did what it took the lock for; empty if none did."""
    changed_by: tuple[str, ...] = ()
    """Who started a change under it and may still ask about it; the last one last."""
    accepted_by: tuple[str, ...] = ()
    """Whose change was accepted and hasn't been taken back since; the last one last."""

    def with_change_by(self, holder: str) -> "Lock":
        """Return the lock with one more change, whose others stay on record."""
        return replace(self, changed_by=_with(holder, self.changed_by))

    def with_accepted_change_by(self, holder: str) -> "Lock":
        """Return the lock with one more change that was accepted."""
        changed = self.with_change_by(holder)
        return replace(changed, accepted_by=_with(holder, self.accepted_by))

    def taken_back_by(self, holder: str) -> "Lock":
        """Return the lock after a holder has taken its accepted changes back."""
        return replace(self, accepted_by=tuple(_without(holder, self.accepted_by)))

    def is_changing(self, now: datetime) -> bool:
        return self.changing_until is not None and now < self.changing_until


class Locks:
    """The store of locks."""

    def __init__(self, table: Table) -> None:
        self._table = table

    async def acquire(
        self, name: str, holder: str, is_over: IsOver, has_done: HasDone = _never
    ) -> str:
        """Take a lock, or keep it; return who holds it now.

        ``is_over`` says whether another holder no longer needs the lock, and ``has_done`` whether
        it did what it took the lock for.
        """
        for _ in range(_TRIES):
            row = await self._read(name)
            lock = _lock(row)
            is_anothers = lock.holder not in {"", holder}
            if is_anothers and not await is_over(lock.holder):
                return lock.holder
            done_by = lock.done_by
            if is_anothers and await has_done(lock.holder):
                done_by = lock.holder
            # A lock that is kept is written too, so that anyone who saw it free reads it again.
            if await self._write(name, Lock(holder, done_by=done_by), row):
                return holder
        return await self.holder(name)

    async def begin_change(
        self, name: str, holder: str, is_over: IsOver, until: datetime, now: datetime
    ) -> Lock:
        """Take a lock for a change that may be carried out until then; return it as it was.

        If that names another holder, or none, the lock wasn't taken.
        """
        for _ in range(_TRIES):
            row = await self._read(name)
            lock = _lock(row)
            is_free = lock.holder in {"", holder} or (
                not lock.is_changing(now) and await is_over(lock.holder)
            )
            if not is_free:
                return lock
            mine = lock if lock.holder == holder else _remembering(lock, holder)
            changing = replace(mine.with_change_by(holder), changing_until=until)
            if await self._write(name, changing, row):
                return mine
        return Lock()

    async def end_change(self, name: str, before: Lock) -> None:
        """Write a lock as it is after a change; does nothing if someone else has it."""
        row = await self._read(name)
        if row and row.values["holder"] == before.holder:
            await self._write(name, before, row)

    async def look(self, name: str) -> Lock:
        """Read a lock; a missing one has no holder."""
        return _lock(await self._read(name))

    async def release(self, name: str, holder: str, *, was_accepted: bool = False) -> None:
        """Release a lock; does nothing if someone else has it.

        ``was_accepted`` says that a change which nobody answered turned out to be carried out.
        """
        row = await self._read(name)
        if row and row.values["holder"] == holder:
            lock = _lock(row)
            lock = lock.with_accepted_change_by(holder) if was_accepted else lock
            await self._write(name, _remembering(lock, ""), row)

    async def holder(self, name: str) -> str:
        """Return who took a lock last, over or not; empty if no one did."""
        return (await self.look(name)).holder

    async def _read(self, name: str) -> Row | None:
        return await self._table.get(_PARTITION, _key(name))

    async def _write(self, name: str, lock: Lock, row: Row | None) -> bool:
        values: dict[str, Value] = {"holder": lock.holder, "name": name}
        if lock.changing_until:
            values["changing_until"] = lock.changing_until.isoformat()
        if lock.done_by:
            values["done_by"] = lock.done_by
        if lock.changed_by:
            values["changed_by"] = " ".join(lock.changed_by)
        if lock.accepted_by:
            values["accepted_by"] = " ".join(lock.accepted_by)
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
        changed_by=tuple(str(row.values.get("changed_by", "")).split()),
        accepted_by=tuple(str(row.values.get("accepted_by", "")).split()),
        done_by=str(row.values.get("done_by", "")),
    )


def _remembering(lock: Lock, holder: str) -> Lock:
    """Return a lock of this holder that remembers who changed something before."""
    return Lock(holder, changed_by=lock.changed_by, accepted_by=lock.accepted_by)


def _with(holder: str, holders: tuple[str, ...]) -> tuple[str, ...]:
    return (*_without(holder, holders), holder)[-_REMEMBERED:]


def _without(holder: str, holders: tuple[str, ...]) -> Iterator[str]:
    return (one for one in holders if one != holder)


def _key(name: str) -> str:
    # Names are ARM IDs and URLs, with characters that a row key can't contain.
    return sha256(name.lower().encode()).hexdigest()
