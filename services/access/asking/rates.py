"""Rate limits: how often each person has asked within the last hour."""

import json
from datetime import datetime, timedelta

from domain.refusals.requests import TooManyRequests
from services.clock import Clock
from services.faults import Conflict
from services.storage.keys import instant
from services.storage.table import Insert, Replace, Row, Table, Value

HOUR = timedelta(hours=1)
_PARTITION = "rate"
_TRIES = 10


class Rates:
    """One row per person with their requests of the last hour."""

    def __init__(self, table: Table, clock: Clock) -> None:
        self._table = table
        self._clock = clock

    async def count(self, object_id: str, name: str, most: int) -> None:
        """Count a request or extension, once per name; raises TooManyRequests over the limit."""
        for _ in range(_TRIES):
            now = self._clock()
            row = await self._table.get(_PARTITION, object_id)
            recent = {one: at for one, at in _asked(row).items() if now - at < HOUR}
            if name in recent:
                return
            if len(recent) >= most:
                again_at = sorted(recent.values())[-most] + HOUR
                raise TooManyRequests(most, again_at)
            if await self._write(object_id, row, recent | {name: now}):
                return
        raise TooManyRequests(most, self._clock())

    async def _write(self, object_id: str, row: Row | None, asked: dict[str, datetime]) -> bool:
        text = json.dumps({one: instant(at) for one, at in asked.items()})
        values: dict[str, Value] = {"asked": text}
        change = Replace(object_id, values, row.etag) if row else Insert(object_id, values)
        try:
            await self._table.transact(_PARTITION, [change])
        except Conflict:
            return False
        return True


def _asked(row: Row | None) -> dict[str, datetime]:
    stored = json.loads(str(row.values["asked"])) if row else {}
    return {one: datetime.fromisoformat(at) for one, at in stored.items()}
