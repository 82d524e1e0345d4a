"""Who holds what: one rotation at a time for a secret, and one writer for an App Service.

A lock names its holder and never runs out by itself. Whoever wants it and finds that the holder is
over takes it, so that a crash leaves no lock that somebody has to remove.
"""

from collections.abc import Awaitable, Callable
from hashlib import sha256

from services.faults import Conflict
from services.table import Insert, Operation, Replace, Row, Table

_PARTITION = "locks"
_TRIES = 5

IsOver = Callable[[str], Awaitable[bool]]


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
            if await self._write(name, holder, row):
                return holder
        return await self.holder(name)

    async def release(self, name: str, holder: str) -> None:
        """Give a lock back; harmless where somebody else has it."""
        row = await self._read(name)
        if row and row.values["holder"] == holder:
            await self._write(name, "", row)

    async def holder(self, name: str) -> str:
        """Say who took a lock last, over or not; empty for nobody."""
        row = await self._read(name)
        return str(row.values["holder"]) if row else ""

    async def _read(self, name: str) -> Row | None:
        return await self._table.get(_PARTITION, _key(name))

    async def _write(self, name: str, holder: str, row: Row | None) -> bool:
        values = {"holder": holder, "name": name}
        operation: Operation = (
            Replace(row.key, values, row.etag) if row else Insert(_key(name), values)
        )
        try:
            await self._table.transact(_PARTITION, [operation])
        except Conflict:
            return False
        return True


def _key(name: str) -> str:
    # Names are ARM ids and addresses, with characters that a row key must not have.
    return sha256(name.lower().encode()).hexdigest()
